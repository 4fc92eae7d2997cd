# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# The end of the story: takeover, failback and replication become Tandem's, the primary's Asterisk dies, and comes
# back. Needs drills.sh, services.sh, story.sh and replication.sh.

readonly failover_limit=60 # seconds, for each change of state

# As write_pair, with both duties in Tandem's hands and times short enough to watch.
write_failover_pair() { # NODE
  write_pair "$1" fast true tandem "$(declared_replication)"
  cat >>"$dir/$1/pair.yaml" <<'END'
    confirmServiceDown: { failed: 6s, restarting: 60s, unknown: 20s }
    failback: { hold: 6s }
END
}

# The certificates of the pair are made on one node; the other gets its own, never the authority's key.
make_peer_link() {
  local node port_a port_b
  tandem_on pbx-a pki init --dir "$dir/pbx-a/pki" >/dev/null
  mkdir -m 0700 "$dir/pbx-b/pki"
  cp -p "$dir/pbx-a/pki"/{ca.pem,pbx-b.pem,pbx-b.key} "$dir/pbx-b/pki/"
  port_a=$(free_port 127.0.0.11) port_b=$(free_port 127.0.0.12)
  local -A own=([pbx-a]=127.0.0.11:$port_a [pbx-b]=127.0.0.12:$port_b)
  for node in pbx-a pbx-b; do
    cat >>"$dir/$node/operator.yaml" <<END
  listenTls:
    { address: "${own[$node]}", certificate: $dir/$node/pki/$node.pem, key: $dir/$node/pki/$node.key, ca: $dir/$node/pki/ca.pem }
  peer: https://${own[$(peer_of "$node")]}
END
  done
}

no_call() { program "$1" /usr/sbin/asterisk <<<"echo '0 active channels'"; }
becomes() { # NODE STATE
  if wait_for "$failover_limit" pair_is "$1" ".status.failover.state == \"$2\""; then return 0; fi
  bad "$1 did not become $2"
  fail "$1" "$1 did not become $2"
}
show() { # NODE ARGUMENT...: a command of tandem, and what it says
  say "tandem ${*:2} on $1:"
  { tandem_on "$@" 2>&1 || true; } | quote
}
# The first lines of status: who the node is, what it does, what it holds of the other.
show_state() {
  say "tandem status on $1, its beginning:"
  { tandem_on "$1" status 2>/dev/null || true; } | sed '/^$/q' | sed '$d' | quote
}

hand_failover_over() {
  local duties='Takeover and failback'
  if replicates; then duties='Takeover, failback and replication'; fi
  step "$duties become Tandem's: owner: tandem, and a peer link between the operators"
  both end_process
  prepare_replication
  make_peer_link
  both no_call
  both write_failover_pair
  both run_operator
  both expect_pending
  order 'owner: tandem' pbx-a 'the drill of the lab'
  order 'owner: tandem' pbx-b 'the drill of the lab' --now
  await_first_copies
  becomes pbx-a Serving
  becomes pbx-b Standby
  expect 'the operators hear each other' pbx-b condition_is pbx-b PeerLinkUp True
  say "the vendor's detector is gone with its cron file; the times are shortened to be watched:"
  say 'confirmServiceDown.failed 6 s (default 30 s), failback.hold 6 s (default 5 minutes)'
  show_state pbx-b
  show pbx-b why
}

# A pair with both duties in Tandem's hands, made in one go. Needs what the story needs.
make_whole_pair() {
  sip_port=$(free_port 127.0.0.11)
  both make_node
  start_servers
  stand_by pbx-b
  start_stand_in pbx-a
  start_stand_in pbx-b --provd-down
  set_up_by_the_vendor
  both write_config
  exchange_keys
  both start_operator
  first_order
  hand_failover_over
}

drill_takeover() {
  local began ended
  step "pbx-a's Asterisk dies for good, and pbx-b takes over"
  say 'Both hosts of the lab are this machine, and its ping always answers: what fails here is the service,'
  say 'not the host. The vendor would never notice: it only pings.'
  say 'monit is stopped first: while it runs it may start Asterisk again, and is given confirmServiceDown.unknown'
  say '(90 s by default) for it. Without it nothing will, and the shorter time counts.'
  systemctl_of pbx-a stop monit.service
  clock began
  systemctl_of pbx-a kill asterisk.service
  becomes pbx-b Suspect
  show pbx-b why
  becomes pbx-b Active
  clock ended
  good "pbx-b answers SIP $(shown_time "$((ended - began))") after the death of Asterisk on pbx-a"
  note_row "pbx-a: Asterisk dies; pbx-b takes over" 'SIP, peer link' "$(shown_time "$((ended - began))")"
  show_state pbx-b
  show pbx-b get probes
}

drill_failback() {
  local began ended
  step 'Asterisk is started again on pbx-a, and pbx-b leaves once it has answered for the whole hold'
  clock began
  systemctl_of pbx-a start asterisk.service monit.service
  becomes pbx-b FailbackHold
  show pbx-b why
  becomes pbx-b Standby
  clock ended
  good "pbx-b stands by again $(shown_time "$((ended - began))") after the start"
  note_row "pbx-a: Asterisk is back; pbx-b leaves" 'SIP' "$(shown_time "$((ended - began))")"
  show pbx-b get takeovers -o wide
  show pbx-b get events failover
}

takeover_story() {
  hand_failover_over
  keep_replicating
  drill_takeover
  hold_copies
  users_change_things
  callers_leave_messages
  drill_failback
  messages_come_home
  resume_copies
  bring_changes_home
}
