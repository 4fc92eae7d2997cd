# What the tests of the package say, and how they look. Sourced by them; needs $work.
# shellcheck shell=bash disable=SC2154,SC2034

fail() {
  echo "FAILED: $*" >&2
  for log in "$work"/*.log; do
    [ ! -s "$log" ] || printf -- '--- %s\n%s\n' "$log" "$(tail -n 40 "$log")" >&2
  done
  exit 1
}
ok() { echo "ok: $*"; }

contains() { [[ "$1" == *"$2"* ]] || fail "expected '$2' in: $1"; }
same() { [ "$1" = "$2" ] || fail "$3: '$1' became '$2'"; }

# within SECONDS COMMAND...: until it succeeds.
within() {
  local tries=$(($1 * 5))
  shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "not within its time: $*"
    sleep 0.2
  done
}
