# shellcheck shell=bash
# shellcheck disable=SC2154,SC2317  # some variables belong to the script that sources this, or to its other pieces
# What is done with the demonstration pair, and what must come of it.

both() { "$@" a && "$@" b; }

story() {
  brings_up
  first_order
  edit
  drift
  killed
  stopped
  rights
  secrets
  orders
  monitored
  taken_down
  on_a_node
  as_deployed
}

brings_up() {
  step 'the pair, in a network namespace of its own'
  stop_engine
  start_engine_for_runs
  passes 'the file for a real node asks for the same rights and folders' node_file_agrees
  does up 120 docker compose -f "$work/manifests/compose.yaml" up -d --wait --no-build --pull never
  passes 'all five containers are healthy' all_are_healthy
  passes 'nothing is written before the order' both nothing_is_written
  for node in a b; do
    passes "$node: the first declaration waits" condition_is "$node" StructuralChangePending True
    passes "$node: it knows that it is the declared node" condition_is "$node" AddressIsOurs True
    passes "$node: plan shows changes" exits 2 tandem "$node" plan
  done
}
all_are_healthy() {
  local service
  for service in wazo-a wazo-b tandem-a tandem-b prometheus; do is_healthy "$service" || return 1; done
}
# The pair's operators have the rights of one on a node, and of its folders those that the stand-ins have.
node_file_agrees() {
  local rights='{cap_add, cap_drop, read_only, tmpfs, security_opt, restart, stop_grace_period, mem_limit, pids_limit}'
  local folders='[.volumes[] | select(.target | startswith("/host")) | .target + " " + (.read_only // false | tostring)]'
  compose config --format json | jq ".services.\"tandem-a\" | {rights: $rights, folders: $folders}" >"$work/demo"
  timeout 60 docker compose -f manifests/compose.node.yaml config --format json |
    jq ".services.tandem | {rights: $rights, folders: $folders}" >"$work/node"
  jq -se '.[0].rights == .[1].rights and (.[0].folders - .[1].folders == [])' "$work/demo" "$work/node" >/dev/null || {
    diff "$work/demo" "$work/node" >&2
    return 1
  }
}

first_order() {
  step 'the first order'
  for node in a b; do
    passes "$node: apply --structural" exits 0 tandem "$node" apply --structural --reason 'first set-up'
    passes "$node: the vendor's bytes are on its disk" files_are_right "$node"
    passes "$node: it is converged" tells_converged tandem "$node"
    passes "$node: plan has nothing to do" exits 0 tandem "$node" plan
  done
  passes "a: the registrars' backup is the other node" has_backup
  passes 'a: the expiry of Wazo as documented' expiry_is a 180 300 240
}

edit() {
  step 'an edit of pair.yaml, saved as editors do'
  edit_pair 's/preset: documented/preset: fast/'
  becomes 'a: the expiry is in force' expiry_is a 60 240 120
  becomes 'b: it is known, and deferred while b stands by' expiry_is_deferred_to b 240
  becomes 'both are converged' both is_converged
  edit_pair 's/preset: fast/preset: quick/'
  becomes 'a bad edit is refused on both' both is_refused
  passes 'a: the last good expiry stays' expiry_is a 60 240 120
  edit_pair 's/preset: quick/preset: fast/'
  becomes 'the good one is taken again' both is_accepted
}
is_refused() { condition_is "$1" SpecAccepted False; }
is_accepted() { condition_is "$1" SpecAccepted True; }

drift() {
  step 'drift'
  # Of somebody else, and closed: each of the three capabilities is needed.
  chown 1234:4321 "$(ha_conf a)"
  chmod 600 "$(ha_conf a)"
  printf '{"node_type": "slave", "remote_address": "10.9.8.7"}\n' >"$(ha_conf a)"
  becomes 'a: an edited ha.conf is put right' files_are_right a
  passes "a: its owner is kept, the mode is the vendor's" is '1234:4321 644' "$(stat -c '%u:%g %a' "$(ha_conf a)")"
  rm "$(volume b-etc-cron)/xivo-ha-slave" "$(volume b-var-wazo)/is-secondary"
  : >"$(volume b-var-wazo)/is-primary"
  becomes 'b: a lost cron file and a wrong marker are put right' files_are_right b
  becomes 'both are converged' both is_converged
}

killed() {
  local before
  step 'kill -9'
  before=$(pid_of tandem-a)
  kill -KILL "$before"
  rm "$(ha_conf a)"
  is_another() { local now; now=$(pid_of tandem-a) && [ "$now" -gt 0 ] && [ "$now" != "$before" ]; }
  becomes 'a: the engine starts it again' is_another
  becomes 'a: it is healthy again' is_healthy tandem-a
  becomes 'a: it repairs what was lost meanwhile' files_are_right a
  becomes 'a: it is converged, without a new order' is_converged a
}

stopped() {
  local before
  step 'SIGTERM'
  before=$(fingerprint a)
  passes 'a: it is stopped' exits 0 compose stop tandem-a
  passes 'a: by its own end, with 0' is '0 false' "$(of_container tandem-a '{{.State.ExitCode}} {{.State.OOMKilled}}')"
  passes 'a: nothing on the node was touched' is "$before" "$(fingerprint a)"
  printf 'broken' >"$(ha_conf a)"
  passes 'a: it is started' exits 0 compose start tandem-a
  becomes 'a: it keeps the node again' files_are_right a
  becomes 'a: it is healthy again' is_healthy tandem-a
}

rights() {
  local pid bits
  step 'rights'
  pid=$(pid_of tandem-a)
  for bits in CapPrm CapEff CapBnd; do
    # 0x200b: CAP_CHOWN (0), CAP_DAC_OVERRIDE (1), CAP_FOWNER (3), CAP_NET_RAW (13).
    passes "it has four capabilities and no more ($bits)" is 000000000000200b "$(process_field "$pid" "$bits")"
  done
  for bits in CapInh CapAmb; do
    passes "no program it starts has any ($bits)" is 0000000000000000 "$(process_field "$pid" "$bits")"
  done
  passes 'it can gain none' is 1 "$(process_field "$pid" NoNewPrivs)"
  passes 'its root file system is read-only' root_is_read_only "$pid"
  passes 'it sees the folders of the node and no others' sees_only_its_folders "$pid"
}
process_field() { awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"; }
root_is_read_only() { awk '$5 == "/" { exit $6 !~ /^ro(,|$)/ }' "/proc/$1/mountinfo"; }
sees_only_its_folders() {
  diff <(awk '$5 ~ /^\/host/ { print $5, substr($6, 1, 2) }' "/proc/$1/mountinfo" | sort) - <<'END'
/host/etc/cron.d rw
/host/etc/xivo rw
/host/root/.ssh ro
/host/run/tandem rw
/host/var/lib/wazo rw
/host/var/lib/wazo-provd ro
END
}

secrets() {
  step 'secrets'
  compose logs --no-color >"$work/logs"
  docker image history --no-trunc tandem >>"$work/logs"
  docker inspect "$(container tandem-a)" "$(container wazo-a)" >>"$work/logs"
  passes 'the password is readable by its owner only' is 600 "$(stat -c %a "$(volume a-secret)/credentials.yaml")"
  passes 'neither password nor token is in a log or in the configuration' no_secret_in "$work/logs"
}
no_secret_in() {
  local file
  for file in "$(volume a-secret)/password" "$(volume b-secret)/password" \
    "$(volume a-state)/token" "$(volume b-state)/token"; do
    [ -s "$file" ] && ! grep -qF -f "$file" "$1" || return 1
  done
}

orders() {
  step 'orders'
  passes 'another container may read' get -o /dev/null "http://${address[a]}:9877/api/v1/pair"
  passes 'it may not order, even with the token' is 403 "$(order_from_outside)"
}
# The token goes by a file: an argument is seen by ps.
order_from_outside() {
  (umask 077 && sed 's/^/Authorization: Bearer /' "$(volume a-state)/token" >"$work/header")
  in_engine_network curl -s -o /dev/null --max-time 5 -w '%{http_code}' -X POST -H "@$work/header" \
    --data '{}' "http://${address[a]}:9877/api/v1/actions/apply"
}

monitored() {
  step 'Prometheus'
  becomes 'it reaches both operators' series_are 2 'up{job="tandem"} == 1'
  becomes 'each tells which build it is' series_are 2 'tandem_build_info'
  becomes 'both are converged' series_are 2 'tandem_condition{type="Converged",status="True"} == 1'
  becomes 'its rules have no error' rules_are_good
}
series_are() { is "$1" "$(get "$prometheus/api/v1/query" --data-urlencode "query=$2" | jq '.data.result | length')" 2>/dev/null; }
# Every rule of the folder is loaded and was evaluated; without a folder there is none.
rules_are_good() {
  local wanted=0 file
  for file in manifests/prometheus/*.rules.yaml; do
    [ ! -e "$file" ] || wanted=$((wanted + $(grep -cE '^ *- *(alert|record):' "$file")))
  done
  get "$prometheus/api/v1/rules" | jq -e --argjson wanted "$wanted" '
    [.data.groups[].rules[]] | length == $wanted and all(.health == "ok")' >/dev/null
}

taken_down() {
  step 'the pair is taken down'
  does down 120 docker compose -f "$work/manifests/compose.yaml" down -v
  passes 'its volumes are gone' is '' "$(docker volume ls -q)"
}

nothing_is_left() {
  step 'nothing is left'
  passes 'no container' is '' "$(docker ps -aq)"
  passes 'no volume' is '' "$(docker volume ls -q)"
  passes 'no network but the three of every engine' is 'bridge host none' \
    "$(docker network ls --format '{{.Name}}' | sort | xargs)"
  stop_engine
  passes 'no process' is '' "$(all_ours)"
  remove_leftovers
  passes 'no mount' is '' "$(our_mounts)"
  passes 'no control group' is '' "$(our_groups)"
  machine_network >"$work/network.after"
  passes "the machine's links, rules and forwarding are as before" diff "$work/network.before" "$work/network.after"
  remove_work
  passes 'no file' [ ! -e "$work" ]
}
