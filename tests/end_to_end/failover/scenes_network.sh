# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# The network fails, and both nodes live.

course_network() {
  make_pair
  loss
  own_cable
  cut_off_with_witness
  primary_cut_off
  one_way
  without_witness
}

# No takeover has begun since $before.
nothing_happened() { [ "$(epoch)" = "$before" ] && ! sip_runs b; }

loss() {
  scene "20 % of all packets between the nodes are lost, for 30 s: no takeover"
  before=$(epoch)
  lose_share a b 0.2
  lose_share b a 0.2
  throughout 30 nothing_happened
  lose_nothing
  soon is_state b Standby
  check nothing_happened
  check probe_failed icmp
}
# Packets really were lost.
probe_failed() { on b get probes "$1" -o json | jq -e 'any(.[]; .failures > 0)'; }

own_cable() {
  scene "the secondary's own cable is pulled: it is cut off, and knows it; no takeover"
  pull_cable b
  soon is_state b Isolated
  soon why_says b 'will not take over: this node is cut off itself'
  soon probe_is b link 'no carrier'
  throughout 10 nothing_happened
  check status_says b 'Isolated'
  plug_cable b
  soon is_state b Standby
  check nothing_happened
  check has_event b 'Isolated -> '
}

cut_off_with_witness() {
  scene "the switch loses the secondary's port, the carrier stays: no witness answers, no takeover"
  cut_port b
  soon is_state b Isolated
  throughout 10 nothing_happened
  check probe_is b witness silent
  check probe_is b link answers
  join_port b
  soon is_state b Standby
  check nothing_happened
}

# From outside this is a dead host: the witness answers, and phones that reach the secondary need it.
primary_cut_off() {
  scene "the switch loses the primary's port: a partition; who still hears the witness serves, the other goes on"
  cut_port a
  taken_over HostDown
  check last_takeover '.evidence | contains("a witness answers")'
  check sip_runs a
  check is_state a Serving
  join_port a
  soon is_state b FailbackHold
  given_back
  check is_state a Serving
}

one_way() {
  scene "packets to the secondary are lost, those from it arrive: the primary is silent from here"
  lose a b
  taken_over HostDown
  check is_state a Serving
  lose_nothing
  given_back
}

without_witness() {
  scene "a partition without a witness that answers: told beforehand, and the secondary serves"
  declare_pair '    flapping: { maxTakeovers: 100, window: 6h }' '[192.0.2.9]'
  soon condition_is b WitnessUsable False
  check condition_is b WitnessUsable False NoneAnswers
  cut_port a
  taken_over HostDown
  check last_takeover '.evidence | contains("no witness is usable")'
  join_port a
  given_back
}
