# shellcheck shell=bash
# shellcheck disable=SC2154  # $work belongs to the script that sources this
# What the container test shows; waits and programs that end.

began=$SECONDS checks=0

step() { printf '\n==> [%dm%ds] %s\n' "$(((SECONDS - began) / 60))" "$(((SECONDS - began) % 60))" "container: $*"; }

die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# within SECONDS COMMAND...: until it succeeds; 1 when the time is over.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}
wait_for() { # SECONDS WHAT COMMAND...
  local what=$2
  within "$1" "${@:3}" || die "not within $1 s: $what"
}

# passes WHAT COMMAND...: a check that holds now. becomes WHAT COMMAND...: one that holds within
# the time that a machine with other work may need.
passed() {
  checks=$((checks + 1))
  printf '    ok  %s\n' "$1"
}
passes() {
  "${@:2}" || die "$1"
  passed "$1"
}
readonly patience=300
becomes() {
  wait_for "$patience" "$@"
  passed "$1"
}
is() { # WANTED GOT
  [ "$1" = "$2" ] || {
    printf 'wanted: %s\ngot:    %s\n' "$1" "$2" >&2
    return 1
  }
}

# begin NAME SECONDS COMMAND...: in the background, so that a signal to this script is heard at once; cleaning
# up ends it. finish NAME: waits for it, and shows what it said if it failed.
declare -A jobs=()
begin() {
  local name=$1
  shift
  timeout --kill-after=10 "$@" >"$work/$name.log" 2>&1 &
  jobs[$name]=$!
}
finish() {
  local status=0
  wait "${jobs[$1]}" || status=$?
  unset "jobs[$1]"
  [ "$status" -eq 0 ] && return
  tail -n 40 "$work/$1.log" >&2
  [ "$status" -ne 124 ] || die "$1 took too long"
  die "$1 ended with $status"
}
does() { # NAME SECONDS COMMAND...
  begin "$@"
  finish "$1"
}
end_jobs() {
  local name
  for name in "${!jobs[@]}"; do
    kill -TERM "${jobs[$name]}" 2>/dev/null || true
    wait "${jobs[$name]}" 2>/dev/null || true
  done
  jobs=()
}
