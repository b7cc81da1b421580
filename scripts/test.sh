#!/usr/bin/env bash
# Every check there is, the cheap ones first; stops at the first that fails. Ends with the test runner's own summary.
#   test.sh            all of it: what CI runs
# Each check is also a script of its own in package.json (npm run check:types, npm run test:unit ...).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  local heading="$1" from="$SECONDS"
  shift
  local command=("$@")
  printf '\n== %s\n' "$heading"
  "${command[@]}" || {
    local code=$?
    printf "== %s: failed after %s s. Once more alone: %s\n" "$heading" "$((SECONDS - from))" "${command[*]}" >&2
    exit "$code"
  }
  printf '== %s: %s s\n' "$heading" "$((SECONDS - from))"
}

step 'what is needed' bash scripts/setup.sh --for-tests
export PATH="$PWD/node_modules/.bin:$PATH" CI=true
step 'format' npm run -s check:format
step 'types, and core without node types' npm run -s check:types
step 'lint' npm run -s check:lint
step 'import rules' npm run -s check:imports
step 'unused code' npm run -s check:unused
step 'generated files are current' npm run -s check:generated
step 'bundle' npm run -s build
step 'unit, property and contract tests' npm run -s test:unit
step 'guides and what else may run beside them' npm run -s test:e2e-beside
printf '\n== end-to-end tests, on the real PowerDNS\n'
exec npm run -s test:e2e
