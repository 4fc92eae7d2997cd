# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What happens to the services is told, and never mended: that is the vendor's part in this release.

condition_is() { # NODE TYPE STATUS
  pair_is "$1" ".status.conditions[] | select(.type == \"$2\").status == \"$3\""
}

# told_drill NODE TYPE NOT-WELL HOW WHAT BREAK HEAL: the condition tells of it, and is well again after.
told_drill() {
  local node=$1 type=$2 bad_status=$3 how=$4 what=$5 break_it=$6 heal=$7 good_status=True began ended
  [ "$bad_status" = True ] && good_status=False
  step "$node: $what"
  noticed=$how
  clock began
  "$break_it" "$node"
  [ "$how" != 'asked (SIGHUP)' ] || say 'would be seen at the next 30 s pass; asked for it now'
  if wait_for 20 condition_is "$node" "$type" "$bad_status" && clock ended; then
    show_condition "$node" "$type"
    good "told after $(shown_time "$((ended - began))")"
    note_row "$node: $what" "$noticed" "$(shown_time "$((ended - began))")"
  else
    note_failure "$what" "$node"
  fi
  "$heal" "$node"
  expect "$type is well again" "$node" condition_is "$node" "$type" "$good_status"
}

kill_asterisk() { systemctl_of "$1" kill asterisk.service; }
start_asterisk() { systemctl_of "$1" start asterisk.service; }
stop_calld() { systemctl_of "$1" stop wazo-calld.service; }
start_calld() { systemctl_of "$1" start wazo-calld.service; }
# Asterisk is asked at most four times in 5 s, or the vendor's jail would take us for an attacker.
leave_rule() {
  wait_for 6 false || true
  echo "-A INPUT -p udp -m udp --dport $sip_port -j DROP" >"$dir/$1/iptables"
  look_again "$1"
}
remove_rule() {
  : >"$dir/$1/iptables"
  look_again "$1"
}

service_drills() {
  told_drill pbx-a ServicesComplete False 'unit signal' 'Asterisk is killed' kill_asterisk start_asterisk
  told_drill pbx-a StoppedByHand True 'unit signal' 'somebody stops wazo-calld' stop_calld start_calld
  told_drill pbx-a SipPortBlocked True 'asked (SIGHUP)' "a rule of the vendor's stop is left" \
    leave_rule remove_rule
}
