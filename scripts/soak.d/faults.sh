# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The faults of the soak: how each is made, mended where the operator can not mend it, and seen to be over. $1 is the node.
# Needs the pieces of the lab.

# KIND NODES LOCKS HOLD BOUND WORDS
# LOCKS: what no two faults that are open may share; `@` stands for the node.
# HOLD:  when we mend it: `-` the operator does, `N-M` after so many seconds, `seen` as soon as it was told of (seen_KIND).
# BOUND: the seconds until well_KIND must be true, from the moment of the fault, or of our mending where we mend. A sixth
#        repair of one resource within ten minutes may wait for a minute: the operator takes us for somebody whom it fights.
faults() {
  cat <<'TABLE'
ha_conf_edited pbx-a,pbx-b ha-conf@ - 90 `ha.conf` edited by hand
ha_conf_removed pbx-a,pbx-b ha-conf@ - 90 `ha.conf` removed
sentinel_removed pbx-a,pbx-b sentinels@ - 90 its sentinel removed
sentinel_added pbx-a,pbx-b sentinels@ - 90 the sentinel of the other role added
cron_file_added pbx-a,pbx-b cron-files@ - 90 the vendor's cron file brought back
expiry_raised pbx-a wazo@ - 120 the expiry of SIP set to an hour
registrar_changed pbx-a wazo@ - 120 a registrar loses its backup
access_removed pbx-b database - 90 Tandem's line gone from `pg_hba.conf`
service_stopped pbx-a service@ seen 60 a service stopped by hand, and started again
stand_in_killed pbx-a,pbx-b wazo@ 3-8 120 Wazo's services killed, and started again
stand_in_hangs pbx-a,pbx-b wazo@ 3-8 120 Wazo's services hang for seconds
link_cut - link 4-12 60 the peer link refused for seconds
link_silent - link 4-12 60 the peer link silent for seconds
pair_broken pbx-a,pbx-b pair@ seen 30 an error written into `pair.yaml`, and put right
bad_clients pbx-a,pbx-b clients@ - 40 16 clients that are slow, silent or hang up
database_down pbx-b database 5-12 120 the secondary's PostgreSQL stopped, and started again
takeover pbx-a database,service@pbx-a,link seen 120 Asterisk of the primary dies: takeover, and failback when it is back
TABLE
}

# --- files

break_ha_conf_edited() { edit_ha_conf "$1"; }
well_ha_conf_edited() { ha_conf_is_right "$1"; }
break_ha_conf_removed() { rm -f "$(ha_conf "$1")"; }
well_ha_conf_removed() { ha_conf_is_right "$1"; }

own_sentinel() { if [ "$1" = pbx-a ]; then echo is-primary; else echo is-secondary; fi; }
wrong_sentinel() { if [ "$1" = pbx-a ]; then echo is-secondary; else echo is-primary; fi; }
break_sentinel_removed() { rm -f "$(sentinel "$1" "$(own_sentinel "$1")")"; }
well_sentinel_removed() { sentinels_are_right "$1"; }
break_sentinel_added() { : >"$(sentinel "$1" "$(wrong_sentinel "$1")")"; }
well_sentinel_added() { sentinels_are_right "$1"; }

# Both duties are Tandem's: neither node has a cron file of the vendor's.
break_cron_file_added() { bring_slave_cron_back "$1"; }
well_cron_file_added() { [ ! -e "$(cron_file "$1" slave)" ]; }

break_access_removed() { remove_our_line "$1"; }
well_access_removed() { our_line_is_there "$1"; }

# --- Wazo's services. What only they know is seen by the look each 30 s: half of the times we ask for one.

sometimes_ask() { [ $((RANDOM % 2)) -eq 0 ] || look_again "$1" || true; }

break_expiry_raised() {
  raise_expiry "$1"
  sometimes_ask "$1"
}
well_expiry_raised() { expiry_is_fast "$1"; }

# As an administrator with the vendor's own interface would.
provd_as_administrator() { # NODE METHOD CONFIG [BODY]
  local token
  token=$(curl -sf --max-time 5 -u administrator:lab -H 'Content-Type: application/json' -d '{"expiration": 60}' \
    "http://127.0.0.1:$(service "$1" auth)/0.1/token" | jq -r .data.token) || return 1
  curl -sf --max-time 5 -X "$2" -H "X-Auth-Token: $token" -H 'Content-Type: application/vnd.proformatique.provd+json' \
    ${4:+--data "$4"} "http://127.0.0.1:$(service "$1" provd)/0.2/cfg_mgr/configs/$3"
}
break_registrar_changed() {
  local document
  document=$(provd_as_administrator "$1" GET default) || return 1
  document=$(jq -c '{config: (.config | del(.registrar_backup, .proxy_backup))}' <<<"$document") || return 1
  provd_as_administrator "$1" PUT default "$document" >/dev/null || return 1
  sometimes_ask "$1"
}
well_registrar_changed() { has_backup "$1" default; }

restart_stand_in() { # NODE: at the ports that it had
  local home=$dir/$1 name options=()
  for name in confd provd auth sysconfd control; do options+=("--$name" "$(jq ".$name" "$home/ports.json")"); done
  [ "$1" = pbx-a ] || options+=(--provd-down)
  start "$1-wazo" "$home/ports.new" "$home/wazo.log" "$stand_in" --root "$home/root" --state "$home/wazo" \
    --own-address "${address[$1]}" --password-file "$home/password" --run-programs "${options[@]}"
}
kill_stand_in() { kill -KILL "${pid_of[$1-wazo]}"; }
answers_as_wazo() { runs "$1-wazo" && wazo "$1" GET /faults >/dev/null; }
break_stand_in_killed() {
  kill_stand_in "$1"
  sometimes_ask "$1"
}
mend_stand_in_killed() { restart_stand_in "$1"; }
# Somebody may have taken a port meanwhile.
well_stand_in_killed() {
  runs "$1-wazo" || restart_stand_in "$1"
  answers_as_wazo "$1" && is_converged "$1"
}
break_stand_in_hangs() {
  kill -STOP "${pid_of[$1-wazo]}"
  sometimes_ask "$1"
}
mend_stand_in_hangs() { kill -CONT "${pid_of[$1-wazo]}"; }
well_stand_in_hangs() { answers_as_wazo "$1" && is_converged "$1"; }

# --- services, declaration, clients

break_service_stopped() { stop_calld "$1"; }
seen_service_stopped() { condition_is "$1" StoppedByHand True; }
mend_service_stopped() { start_calld "$1"; }
well_service_stopped() { condition_is "$1" StoppedByHand False && condition_is "$1" ServicesComplete True; }

break_pair_broken() {
  cp "$dir/$1/pair.yaml" "$dir/$1/pair.kept"
  sed -i 's/^  enabled: true/  enbled: true/' "$dir/$1/pair.yaml"
}
seen_pair_broken() { is_refused "$1"; }
mend_pair_broken() { mv "$dir/$1/pair.kept" "$dir/$1/pair.yaml"; }
well_pair_broken() { is_accepted "$1"; }

break_bad_clients() {
  start "$1-clients" /dev/null "$dir/clients.log" python3 scripts/soak.d/readers "$dir/" "${listen[$1]}" "$((5 + RANDOM % 10))" "$RANDOM"
}
well_bad_clients() { ! runs "$1-clients" && is_ready "$1"; }

# --- the link, which goes through two relays of ours

declare -A relay_port=() link_port=()

start_relay() { # NODE: in front of the port that the other node asks
  local node=$1
  start "$node-relay" "$dir/$node-relay.out" "$dir/$node-relay.log" python3 scripts/soak.d/relay "$dir/" "${address[$node]}" \
    "${relay_port[$node]}" "${link_port[$node]}"
}
put_relays_between() {
  local node
  for node in pbx-a pbx-b; do
    link_port[$node]=$(sed -n "s/^  peer: https:.*:\([0-9]*\)\$/\1/p" "$dir/$(peer_of "$node")/operator.yaml")
    relay_port[$node]=$(free_port "${address[$node]}")
    start_relay "$node"
    wait_for 10 has_line "$dir/$node-relay.out" || die "the relay of $node does not start: $dir/$node-relay.log"
    sed -i "s/^\(  peer: https:.*\):[0-9]*\$/\1:${relay_port[$node]}/" "$dir/$(peer_of "$node")/operator.yaml"
  done
}
hear_each_other() { condition_is pbx-a PeerLinkUp True && condition_is pbx-b PeerLinkUp True; }
each_relay() { # SIGNAL
  kill "-$1" "${pid_of[pbx-a-relay]}" "${pid_of[pbx-b-relay]}"
}
break_link_cut() { each_relay KILL; }
mend_link_cut() { both start_relay; }
well_link_cut() { hear_each_other; }
break_link_silent() { each_relay STOP; }
mend_link_silent() { each_relay CONT; }
well_link_silent() { hear_each_other; }

# --- the database of the secondary, and the telephony of the primary

break_database_down() { systemctl_of "$1" stop postgresql.service; }
mend_database_down() {
  systemctl_of "$1" start postgresql.service
  remember_run
}
well_database_down() { condition_is "$1" ServicesComplete True && proven_since; }

has_state() { pair_is "$1" ".status.failover.state == \"$2\""; }
break_takeover() { asterisk_dies; }
seen_takeover() { has_state pbx-b Active; }
mend_takeover() {
  asterisk_is_back
  remember_run
}
well_takeover() { has_state pbx-b Standby && has_state pbx-a Serving && proven_since; }
