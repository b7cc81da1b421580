#!/usr/bin/env bash
# The quickstart: installs what is missing, builds what changed, starts four demo endpoints and `fairlead up` on
# examples/quickstart.yaml. Arguments go to `fairlead up`.
# What must stay true: this shell becomes fairlead, so every signal and the exit code are fairlead's own. The endpoints live
# exactly as long as fairlead does, however it ends: it holds the other end of their supervisor's stdin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash scripts/setup.sh
export PATH="$PWD/node_modules/.bin:$PATH"

# A folder is newer when a file in it was removed.
if [ ! -e dist/fairlead.mjs ] ||
  [ -n "$(find src web package-lock.json scripts/build.ts scripts/build -newer dist/fairlead.mjs ! -name '*.test.ts' -print -quit)" ]; then
  echo 'start: building dist/fairlead.mjs' >&2
  node scripts/build.ts
fi

coproc endpoints { exec node scripts/quickstart/supervisor.ts; }
# bash forgets a coprocess that has ended, and its descriptors with it.
supervisor="$endpoints_PID" from="${endpoints[0]}" to="${endpoints[1]}"
hints=()
ready=no
while read -r line <&"$from"; do
  if [ "$line" = ready ]; then
    ready=yes
    break
  fi
  hints+=(--hint "$line")
done 2>/dev/null
if [ "$ready" = no ]; then
  code=0
  wait "$supervisor" || code=$?
  exit "$((code == 0 ? 1 : code))"
fi

# Opened anew: bash would close a copy of its own descriptor on exec.
exec node dist/fairlead.mjs \
  up examples/quickstart.yaml --data-dir .fairlead "${hints[@]}" "$@" 9>"/proc/self/fd/$to"
