# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# A takeover that does not go smoothly.

course_mishaps() {
  make_pair
  activation_fails_at_first
  operator_killed
  operator_stopped
}

# The vendor's command does nothing but fail; the unit itself can be started.
activation_fails_at_first() {
  scene "the vendor's start fails: an alert after activationTimeout, and from the second try part by part"
  fault b command_fails
  power_off a
  soon is_state b Activating
  soon is_state b Faulted
  soon condition_is b ActivationFailed True
  check has_event b 'Activating -> Faulted'
  check why_says b 'Faulted since'
  check [ "$(commands_of b serve)" -ge 1 ]
  taken_over HostDown
  check has_event b 'Faulted -> Activating'
  check condition_is b ActivationFailed False
  # What was started is what calls need; the rest follows once the vendor's command works again.
  no_fault b command_fails
  soon all_units_run b
  soon condition_is b ServicesComplete True
  boot a
  given_back
}
all_units_run() { ! grep -v ' active ' "$home/$1/units/table"; }

operator_killed() {
  scene "the operator is killed in the middle of a takeover, and started again: the takeover is finished"
  fault b asterisk_slow 12
  power_off a
  soon is_state b Activating
  kill_operator b
  start_operator b
  taken_over HostDown
  check has_event b 'SIP answers here'
  no_fault b asterisk_slow
}

operator_stopped() {
  local served
  scene "the operator of the node that serves is stopped, and started: nothing changes; then the failback"
  served=$(commands_of b serve)
  kill_operator b TERM
  check sip_runs b
  start_operator b
  soon is_state b Active
  check sip_runs b
  check [ "$(commands_of b serve)" = "$served" ]
  check [ "$(commands_of b stand-by)" = 1 ]
  boot a
  given_back
}
