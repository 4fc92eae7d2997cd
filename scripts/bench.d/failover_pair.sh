#!/usr/bin/env bash
# One pair of the bench: cuts its primary off at random moments, and writes when what followed.
#   failover_pair.sh KIND ROUNDS SAMPLES
# KIND: host (the primary's power fails; the vendor's detector watches too), host6 (the same with
# confirmHostDown: 6s), sip (Asterisk ends on a host that lives).
# A line of SAMPLES: KIND, and the milliseconds from the cut to the activation command, to the first answer of
# the secondary's own SIP, and to the command of the vendor's detector ("-": not measured).
# shellcheck disable=SC2034,SC2154  # the pieces of the scenes use and give some
set -euo pipefail
kind=$1 rounds=$2 samples=$3 course=$kind began=$SECONDS
for piece in telling network host pair; do
  # shellcheck source=/dev/null
  . "$here/$piece.sh"
done

# What decides when a takeover begins is as by default; the hold is short, so that rounds follow each other.
declaration() {
  local confirm=''
  [ "$kind" != host6 ] || confirm='    confirmHostDown: 6s'
  cat <<END
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: bench }
spec:
  product: wazo
  primary: { name: pbx-a, address: 192.0.2.11 }
  secondary: { name: pbx-b, address: 192.0.2.12 }
  failover:
    owner: tandem
$confirm
    bootGrace: 0s
    witnesses: [192.0.2.1]
    failback: { hold: 6s }
    flapping: { maxTakeovers: 100, window: 6h }
END
}

cut() {
  if [ "$kind" = sip ]; then systemctl_of a kill asterisk; else power_off a; fi
}
mend() {
  if [ "$kind" = sip ]; then systemctl_of a start asterisk; else boot a; fi
}

# The first line of a file of times that is not before the cut.
after() { awk -v cut="$at" '$1 >= cut { print $1; found = 1; exit } END { exit !found }' "$1"; }
command_given() { grep ' serve$' "$home/b/commands" >"$home/serves" && after "$home/serves"; }
vendor_would() { [ -s "$home/vendor" ] && after "$home/vendor"; }
since_cut() { echo $((($1 - at) / 1000)); }

round() {
  local answer vendor=-
  sleep "$((RANDOM % 20)).$((RANDOM % 10))"
  setsid nsenter "--net=/run/netns/$net-w" python3 "$bench/first_answer.py" "${address_of[w]}" "${address_of[b]}" 120 \
    >"$home/answer" 2>>"$home/answer.log" </dev/null &
  disown "$!"
  at=${EPOCHREALTIME/[.,]/}
  cut
  within 120 command_given
  within 120 test -s "$home/answer"
  answer=$(<"$home/answer")
  if [ "$kind" = host ]; then
    check kill -0 "$detector"
    within 120 vendor_would
    vendor=$(since_cut "$(vendor_would)")
  fi
  printf '%s %s %s %s\n' "$kind" "$(since_cut "$(command_given)")" "$(since_cut "$answer")" "$vendor" >>"$samples"
  mend
  within 120 is_state b Standby
  within 120 hears_primary
  within 60 pair_is b '.status.peer.link == "Answers"'
}

trap remove_network EXIT
trap 'exit 143' TERM INT HUP
make_pair
[ "$kind" != sip ] || systemctl_of a stop monit
if [ "$kind" = host ]; then
  run_inside b vendor "$bench/vendor_detector.sh" "${address_of[a]}" "$((RANDOM % 60))" "$home/vendor"
  detector=$started
fi
for ((number = 1; number <= rounds; number++)); do round; done
