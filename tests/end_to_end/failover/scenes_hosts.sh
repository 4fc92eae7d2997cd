# shellcheck shell=bash
# The primary's host dies, comes back at once or slowly, again and again, and for good.

course_hosts() {
  make_pair '    flapping: { maxTakeovers: 3, window: 6h }'
  host_down
  slow_return
  failures_until_latched
  latched_and_the_primary_dies
}


host_down() {
  scene "the primary's host loses power: the secondary takes over, and tells why"
  check why_says b 'will not take over: the primary serves'
  power_off a
  soon is_state b Suspect
  soon verdict_is HostDown
  soon why_says b 'would take over in'
  taken_over HostDown
  check last_takeover '.evidence | startswith("HostDown for")'
  check last_takeover '.downtimeMilliseconds > 0'
  check has_event b 'Suspect -> Activating: the primary is down, confirmed'
  check has_event b 'Activating -> Active: SIP answers here'
  check status_says b 'not heard'
  check probe_is b icmp silent
  check probe_is b witness answers
  check why_says b 'will not fail back'
}

slow_return() {
  scene "it comes back slowly: its host answers long before its SIP, and only SIP counts"
  fault a asterisk_slow 15
  boot a
  soon probe_is b icmp answers
  check is_state b Active
  soon probe_is b peer answers
  check is_state b Active
  soon is_state b FailbackHold
  # Its operator may say that it answers a moment before it is heard from here; the hold begins with the latter.
  soon why_says b 'would fail back in'
  given_back
  no_fault a asterisk_slow
  check has_event b 'FailbackHold -> Deactivating: the primary answered SIP for the whole hold'
}

failures_until_latched() {
  scene "it fails again and again: the second time the secondary leaves, the third it stays, latched"
  power_off a
  taken_over HostDown
  boot a
  given_back
  power_off a
  taken_over HostDown
  boot a
  soon is_state b Latched
  soon condition_is b FailbackLatched True
  check sip_runs b
  check why_says b 'Latched since'
  check has_event b 'FailbackHold -> Latched'
  throughout 15 is_state b Latched
}

latched_and_the_primary_dies() {
  scene "latched, and the primary dies: the secondary goes on serving; with an ack it leaves in order"
  power_off a
  soon verdict_is HostDown
  throughout 10 is_state b Latched
  check sip_runs b
  boot a
  soon verdict_is Serving
  check is_state b Latched
  on b ack --reason 'the power supply was replaced' >/dev/null || fail "ack ended with $?"
  given_back
  check condition_is b FailbackLatched False
}
