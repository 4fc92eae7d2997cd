# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# What people order.

course_orders() {
  make_pair
  switchover
  end_of_maintenance
  ended_at_once
  ordered_takeover
  suspended
}

switchover() {
  local before
  scene "a switchover, typed on the primary: the secondary serves before the primary stops"
  start_phone
  on a switchover --for 30m --reason 'new memory' --yes >"$home/switchover.log" 2>&1 || fail "switchover: $(<"$home/switchover.log")"
  soon is_state a Maintenance
  soon eval '! sip_runs a'
  stop_phone
  tell "a phone that asks both nodes all the time was without an answer for $gap s at most"
  check [ "$answered" = 2 ]
  check is_state b Active
  check sip_runs b
  check last_takeover '.cause == "Ordered"'
  check test -e "$home/a/root/var/lib/wazo/disabled"
  check status_says a 'Maintenance'
  check has_event a 'Maintenance: the secondary serves'
  check has_event a 'new memory'
  before=$(epoch)
  throughout 10 is_state b Active
  check [ "$(epoch)" = "$before" ]
}

end_of_maintenance() {
  scene "its end is ordered, on the secondary: the primary serves again, and the secondary leaves after the hold"
  start_phone
  on b maintenance --end --reason 'the memory is in' --yes >"$home/end.log" 2>&1 || fail "end: $(<"$home/end.log")"
  soon is_state a Serving
  check sip_runs a
  given_back
  stop_phone
  tell "on the way back for $gap s at most"
  check test ! -e "$home/a/root/var/lib/wazo/disabled"
}

ended_at_once() {
  scene "a switchover, typed on the secondary, and ended the moment it stopped the primary: its services come back"
  on b switchover --for 30m --reason 'by mistake' --yes >"$home/switchover2.log" 2>&1 || fail "switchover: $(<"$home/switchover2.log")"
  check is_state a Maintenance
  on a maintenance --end --reason 'a mistake' >"$home/end2.log" 2>&1 || fail "end: $(<"$home/end2.log")"
  soon is_state a Serving
  check sip_runs a
  check test ! -e "$home/a/root/var/lib/wazo/disabled"
  check condition_is a StoppedByHand False
  given_back
}

ordered_takeover() {
  scene "a takeover, typed on the primary, is carried out on the secondary; it stays until a failback is ordered"
  on a takeover --reason 'to see it' >"$home/takeover.log" 2>&1 || fail "takeover: $(<"$home/takeover.log")"
  soon is_state b Active
  check last_takeover '.cause == "Ordered"'
  check is_state a Serving
  throughout 15 is_state b Active
  check why_says b 'will not fail back'
  on a failback --reason 'seen' --yes >"$home/failback.log" 2>&1 || fail "failback: $(<"$home/failback.log")"
  given_back
}

suspended() {
  scene "suspended, and the primary dies: told, and nothing done; resumed, the secondary takes over"
  on a suspend --for 1h --reason 'work on the network' >"$home/suspend.log" 2>&1 || fail "suspend: $(<"$home/suspend.log")"
  soon pair_is b '.status.conditions[] | select(.type == "Suspended").status == "True"'
  power_off a
  soon verdict_is HostDown
  soon condition_is b TakeoverBlocked True
  check why_says b 'not suspended'
  throughout 8 eval '! sip_runs b'
  on b resume --reason 'done' >"$home/resume.log" 2>&1 || fail "resume: $(<"$home/resume.log")"
  taken_over HostDown
  boot a
  given_back
}
