# shellcheck shell=bash
# Time, and waits that end. Nothing here starts a program, so that a wait is precise to a few milliseconds.

# The descriptor of a pipe that nobody writes to: reading from it with a limit is a sleep without a fork.
silence=''
exec {silence}<> <(:)
pause() { read -r -t 0.005 -u "$silence" || true; }

# Microseconds since 1970, into the variable named.
clock() { printf -v "$1" '%s' "${EPOCHREALTIME/[.,]/}"; }

# wait_for SECONDS COMMAND...: until the command succeeds. Fails when the time is over.
wait_for() {
  local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    [ "${EPOCHREALTIME/[.,]/}" -lt "$deadline" ] || return 1
    pause
  done
}

# "14 ms" or "2.6 s", from microseconds.
shown_time() {
  if [ "$1" -lt 1000000 ]; then
    printf '%d ms' "$((($1 + 500) / 1000))"
  else
    printf '%d.%d s' "$(($1 / 1000000))" "$(($1 % 1000000 / 100000))"
  fi
}

# Whether FILE holds exactly TEXT, in one line or several.
holds() {
  local text=''
  [ -f "$1" ] || return 1
  { IFS= read -r -d '' text <"$1" || true; } 2>/dev/null
  [ "$text" = "$2" ]
}
