# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# The primary's host lives, and its SIP does not: for good, for the time of a restart, or only seen from here.

course_services() {
  make_pair
  sip_down
  returns_with_a_call
  planned_restart
  sip_path_broken
}

sip_down() {
  scene "Asterisk dies on a host that lives: the secondary takes over, since its operator says that it failed"
  inside a "$home/a/root/usr/bin/systemctl" stop monit
  systemctl_of a kill asterisk
  soon verdict_is ServiceDown
  soon why_says b 'would take over in'
  taken_over ServiceDown
  check last_takeover '.evidence | contains("the host answers, SIP does not")'
  check probe_is b icmp answers
  check probe_is b peer answers
  soon status_says a 'Degraded'
  check has_event a 'SIP fell silent here'
  throughout 3 eval '! sip_runs a'
}

returns_with_a_call() {
  scene "it is started again while a call runs on the secondary: the failback waits for the call"
  echo 2 >"$home/b/calls"
  systemctl_of a start asterisk monit
  soon is_state b FailbackHold
  soon why_says b 'no call runs on this node'
  throughout 12 is_state b FailbackHold
  soon why_says b '2 channels'
  echo 0 >"$home/b/calls"
  given_back
  soon is_state a Serving
}

# Two minutes of the vendor's restart, a quarter of them as all times here.
planned_restart() {
  local before
  scene "wazo-service restart takes 30 s, for two minutes by default: no takeover"
  before=$(epoch)
  fault a restart_takes 30
  service_of a restart &
  local restart=$!
  soon verdict_is ServiceDown
  soon is_state b Suspect
  check why_says b '1m'
  soon pair_is b '.status.peer.word.trouble == "Restarting"'
  wait "$restart" || fail "the restart ended with $?"
  soon is_state b Standby
  no_fault a restart_takes
  check [ "$(epoch)" = "$before" ]
  check [ "$(commands_of b serve)" = 1 ]
}

sip_path_broken() {
  local before
  scene "a firewall between the nodes drops SIP alone: the primary serves, says its operator; no takeover"
  before=$(epoch)
  lose a b -p udp --sport 5060
  soon condition_is b SipPathBroken True
  throughout 25 verdict_is Serving
  check probe_is b sip silent
  check condition_is b SipPathBroken True
  lose_nothing
  soon condition_is b SipPathBroken False
  soon is_state b Standby
  check [ "$(epoch)" = "$before" ]
}
