#!/usr/bin/env bash
# Installs what is missing, once: Debian packages through root or sudo, npm packages from the lock file.
#   setup.sh [--for-tests]
# What must stay true: a PowerDNS service that was here before is never started, stopped or restarted; one that the Debian
# package would start by itself does not run and is not enabled. When nothing is missing, this costs a few milliseconds.
# Exit codes (those of src/core/exit-code.ts): 2 bad option, 6 something is missing and cannot be installed here, 1 else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prefix of the system files that are looked at and written; only the test sets it.
root="${FAIRLEAD_SETUP_ROOT:-}"
policy="$root/usr/sbin/policy-rc.d"
policy_mark='# Written by scripts/setup.sh of Fairlead, for as long as it runs. PowerDNS was here before: '
services_mark='# Services of what is installed meanwhile, which are not to start: '
node_floor='24.15'
packages=(pdns-server pdns-backend-sqlite3 bind9-dnsutils)

say() { printf 'setup: %s\n' "$*"; }
fail() {
  printf 'setup: %s\n' "$2" >&2
  exit "$1"
}

case "${1:-}" in
  '') ;;
  --for-tests) packages+=(bind9 bind9-utils chromium dnsdist dnsperf etcd-server iproute2 knot ldnsutils libfaketime mount nftables openssl patroni pdns-backend-geoip pdns-backend-pgsql postgresql procps python3-etcd socat sqlite3 systemd util-linux) ;;
  *) fail 2 "unknown option '$1' (there is only --for-tests)" ;;
esac

has_program() { PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# 'install ok installed 4.7.3-2', or nothing for a package that dpkg never saw.
package_state() { dpkg-query -W -f '${Status} ${Version}' "$1" 2>/dev/null || true; }
is_installed() { [[ "$(package_state "$1")" == 'install ok installed'* ]]; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
ensure_root() {
  [ "$(id -u)" = 0 ] || { has_program sudo && sudo -v; } ||
    fail 6 "these Debian packages are missing, and there is neither root nor sudo to install them: ${missing[*]}"
}

# --- Debian packages --------------------------------------------------------------------------------------------------

# The service that a package starts by itself; nothing for packages without one.
service_of() { case "$1" in bind9) printf named ;; etcd-server) printf etcd ;; dnsdist | knot | patroni | postgresql) printf '%s' "$1" ;; esac; }

# Of the packages that are missing, and of those that a run that was cut off had begun to install.
collect_services() {
  local package service
  services=()
  if is_our_policy; then read -r -a services <<<"$(grep -F "$services_mark" "$policy" | head -n 1 | cut -c "$((${#services_mark} + 1))-")"; fi
  for package in "${missing[@]}"; do
    service="$(service_of "$package")"
    if [ -n "$service" ] && [[ " ${services[*]:-} " != *" $service "* ]]; then services+=("$service"); fi
  done
}

# Debian asks policy-rc.d before it starts, stops or restarts a service for a package. The trigger of pdns-backend-sqlite3
# restarts PowerDNS even when only the backend is added, so the answer for it is no, and yes for everything else.
forbid_pdns_actions() {
  say "forbidding package scripts to start or restart PowerDNS meanwhile ($policy)"
  local service pattern='pdns|pdns.service'
  for service in "${services[@]}"; do pattern+="|$service|$service.service"; done
  as_root sh -c 'umask 022; printf "%s\n" "#!/bin/sh" "$2" "$3" \
    "case \"\$1\" in $4) exit 101 ;; esac" "exit 0" >"$1.fairlead" &&
    chmod 0755 "$1.fairlead" && mv "$1.fairlead" "$1"' \
    sh "$policy" "$policy_mark$pdns_before" "$services_mark${services[*]:-}" "$pattern"
}

is_our_policy() { [ -f "$policy" ] && grep -qF "$policy_mark" "$policy"; }

# Services that came with packages for tests: stopped, should one have started, and not enabled.
keep_services_off() {
  local service
  has_program systemctl || return 0
  for service in "${services[@]}"; do
    if [ -d "$root/run/systemd/system" ]; then
      as_root systemctl disable --now --quiet "$service.service"
    else
      as_root systemctl disable --quiet "$service.service"
    fi
  done
}

keep_pdns_off() {
  has_program systemctl || return 0
  say 'leaving the PowerDNS service of the package stopped and disabled: Fairlead starts its own'
  if [ -d "$root/run/systemd/system" ]; then
    as_root systemctl disable --now --quiet pdns.service
  else
    as_root systemctl disable --quiet pdns.service
  fi
}

# Also after a failure half-way: what the package brought must not start at the next boot.
end_installation() {
  trap - EXIT INT TERM HUP
  if [ "$pdns_before" = no ] && [ -n "$(version_of "$(package_state pdns-server)")" ]; then keep_pdns_off; fi
  keep_services_off
  if is_our_policy; then as_root rm -f "$policy"; fi
  rm -f "$log"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

update_lists() {
  say 'updating the package lists (apt-get update)'
  apt_get update >"$log" 2>&1 || {
    cat "$log" >&2
    fail 6 "apt-get update failed; these packages are needed: ${missing[*]}"
  }
}

install_packages() {
  local try
  say "installing the Debian packages ${missing[*]} (apt-get install)"
  for try in 1 2; do
    if apt_get install --no-install-recommends "$@" >"$log" 2>&1; then return; fi
    # Lists that are old are the usual reason.
    if [ "$try" = 1 ]; then update_lists; fi
  done
  cat "$log" >&2
  fail 6 "apt-get could not install $*; its words are above"
}

# The version in a package state; nothing when the package is not, or no longer, on the machine.
version_of() { case "$1" in '' | *not-installed* | *config-files*) ;; *) printf '%s' "${1##* }" ;; esac; }

ensure_debian_packages() {
  local package version wanted=()
  missing=()
  for package in "${packages[@]}"; do
    if ! is_installed "$package"; then missing+=("$package"); fi
  done
  [ "${#missing[@]}" -gt 0 ] || is_our_policy || return 0

  ensure_root
  log="$(mktemp)"
  version="$(version_of "$(package_state pdns-server)")"
  pdns_before=yes
  # A policy of ours means that an earlier run was cut off in the middle: it knew what was here before it.
  if [ -z "$version" ] || { is_our_policy && grep -qF "${policy_mark}no" "$policy"; }; then pdns_before=no; fi
  collect_services
  trap end_installation EXIT
  trap 'exit 130' INT TERM HUP
  if [ ! -e "$policy" ]; then
    forbid_pdns_actions
  elif [ "$pdns_before" = yes ] && [[ " ${missing[*]} " == *' pdns-backend-'* ]] && "$policy" pdns restart; then
    fail 6 "installing a backend would restart the PowerDNS of this machine; install it when that suits you"
  fi
  for package in "${missing[@]}"; do
    # The backend must fit the server that is here: another version would upgrade, and restart, the operator's.
    if [[ "$package" == pdns-backend-* ]] && [ "$pdns_before" = yes ]; then package+="=$version"; fi
    wanted+=("$package")
  done
  if [ "${#wanted[@]}" -gt 0 ]; then
    if ! apt-cache show --no-all-versions "${missing[@]}" >/dev/null 2>&1; then update_lists; fi
    install_packages "${wanted[@]}"
  fi
  end_installation
}

ensure_programs() {
  if has_program apt-get && has_program dpkg-query; then
    ensure_debian_packages
  elif ! { has_program pdns_server && has_program pdns_control && has_program dig; }; then
    fail 6 "this is not a Debian-like system; install these, or what they are called here, and start again: ${packages[*]}"
  fi
}

# --- Node and npm packages --------------------------------------------------------------------------------------------

# The lock file as it was when node_modules was last filled from it.
stamp=node_modules/.fairlead-lock.json

ensure_node_packages() {
  local found
  if cmp -s package-lock.json "$stamp" && [ -x node_modules/.bin/node ]; then return 0; fi
  has_program node && has_program npm || fail 6 'Node.js 20 or later with npm is needed (Debian: apt-get install nodejs npm)'
  found="$(node -p process.versions.node)"
  [ "${found%%.*}" -ge 20 ] || fail 6 "Node.js 20 or later is needed to install the rest; this is $found"
  say 'installing the npm packages of the lock file, Node.js 24 among them (npm ci)'
  npm ci --include=dev --include=optional --no-fund --no-audit --loglevel=error
  [ -x node_modules/.bin/node ] ||
    fail 6 "there is no Node.js 24 for this machine ($(uname -sm)): Linux on x86-64 or arm64 with glibc is needed"
  found="$(node_modules/.bin/node -p process.versions.node)" || fail 6 'the Node.js 24 of the lock file does not run here'
  [ "$(printf '%s\n' "$node_floor" "$found" | sort -V | head -n 1)" = "$node_floor" ] ||
    fail 6 "Node.js $node_floor or later is needed; the lock file gave $found"
  cp package-lock.json "$stamp"
}

ensure_programs
ensure_node_packages
