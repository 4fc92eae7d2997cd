#!/usr/bin/env bash
# The vendor's way to notice a dead primary, stated anew: once a minute three pings, 10 s apart; one answer
# means that it is up. Writes the microseconds since 1970 when it would give its command.
#   vendor_detector.sh ADDRESS PHASE-SECONDS OUT
# The phase is that of its minutes: pairs that are measured at once have one each, as hosts with a clock of
# their own.
set -euo pipefail
address=$1 phase=$2 out=$3
answers() { ping -n -q -c 1 -W 1 "$address" >/dev/null 2>&1; }
silent() {
  for _ in 1 2 3; do
    ! answers || return 1
    sleep 10
  done
}
# A detector that can not ask would take everybody for dead.
answers || { echo 'the primary must answer at the start' >&2 && exit 1; }
while true; do
  sleep $((60 - (EPOCHSECONDS - phase) % 60))
  ! silent || printf '%s\n' "${EPOCHREALTIME/[.,]/}" >>"$out"
done
