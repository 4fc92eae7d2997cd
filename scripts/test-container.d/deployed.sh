# shellcheck shell=bash
# shellcheck disable=SC2154,SC2317  # some variables belong to the script that sources this, or to its other pieces
# The pair as it would be deployed: each node a container that is booted by its systemd, with PostgreSQL, sshd and
# cron, and beside it the operator's container with the lines of compose.node.yaml; Prometheus and Alertmanager.
# Times are declared short, and the alerts' `for` is 2 s, so that a takeover takes seconds here.

readonly alerts=http://192.0.2.21:9093
declare -A at=([a]=192.0.2.11 [b]=192.0.2.12)

deployed() { timeout --kill-after=10 300 docker compose -f "$work/deployed.json" "$@"; }
on() { timeout 240 docker exec "pbx-$1" "${@:2}"; }                       # NODE COMMAND...: on the host
ask() { timeout 240 docker exec -e NO_COLOR=1 "tandem-$1" tandem "${@:2}"; } # NODE ARGUMENT...
pair_of() { nsenter --net="/proc/$(docker inspect -f '{{.State.Pid}}' "pbx-$1")/ns/net" curl -sf --max-time 5 "http://127.0.0.1:9877$2"; }
tells() { pair_of "$1" /api/v1/pair | jq -e "$2" >/dev/null 2>&1; }       # NODE FILTER
has_condition() { tells "$1" "[.status.conditions[] | select(.type == \"$2\")][0].status == \"$3\""; }
is_state() { tells "$1" ".status.failover.state == \"$2\""; }
main_pid() { on "$1" systemctl show -P MainPID "$2"; }
# Asked from outside of both nodes, as a phone would.
serves_sip() { # NODE
  # shellcheck disable=SC2016    # expanded by the inner shell
  in_engine_network timeout 3 bash -c 'exec 3<>"/dev/udp/$1/5060"
    printf "OPTIONS sip:$1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK%s\r\nMax-Forwards: 1\r\nFrom: <sip:t@192.0.2.1>;tag=1\r\nTo: <sip:$1>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" "$RANDOM" "$RANDOM" | dd bs=4096 iflag=fullblock status=none >&3
    head -n 1 <&3 | grep -q " 200 "' _ "${at[$1]}" 2>/dev/null
}
sql_on() { on "$1" runuser -u postgres -- psql -XqAt -d asterisk -c "$2"; } # NODE STATEMENT
alert_fires() { get "$alerts/api/v2/alerts?active=true" | jq -e "any(.[]; .labels.alertname == \"$1\")" >/dev/null; }
alert_is_over() { ! alert_fires "$1"; }
last_takeover() { ask b get takeovers -o json | jq -e "last | $1" >/dev/null; }

as_deployed() {
  boot_nodes
  first_orders
  copies_arrive
  cable_is_pulled
  node_is_frozen
  operator_is_killed
  upgrade_is_seen
  pair_is_stopped
}

# --- two hosts, and what is on them before Tandem

write_deployed() {
  local node
  for node in a b; do
    mkdir -p "$work/nodes/$node/etc"
    tr -d - </proc/sys/kernel/random/uuid >"$work/nodes/$node/etc/machine-id"
    docker run --rm --network none --entrypoint tar tandem-node -c /etc/passwd /etc/group 2>/dev/null |
      tar -xC "$work/nodes/$node"
  done
  write_monitoring "$work/nodes/monitoring"
  timeout 60 docker compose -f manifests/compose.node.yaml config --format json |
    jq --arg files "$work/nodes" --arg client "$(readlink -f "$work/bin/docker")" --arg socket "$work/docker.sock" \
      --arg prometheus "$(prometheus_image)" -f "$pieces/deployed.jq" >"$work/deployed.json"
}
write_monitoring() { # DIR
  mkdir -p "$1"
  local file
  for file in manifests/prometheus/*.rules.yaml; do
    sed -E 's/^( *for:) .*/\1 2s/' "$file" >"$1/${file##*/}"
  done
  printf 'route: { receiver: nobody, group_wait: 1s, group_interval: 1s }\nreceivers: [{ name: nobody }]\n' >"$1/alertmanager.yaml"
  cat >"$1/prometheus.yaml" <<'YAML'
global: { scrape_interval: 2s, evaluation_interval: 2s }
rule_files: [/monitoring/*.rules.yaml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["192.0.2.21:9093"] }] }] }
scrape_configs:
  - job_name: tandem
    static_configs: [{ targets: ["192.0.2.11:9877", "192.0.2.12:9877"], labels: { pair: deployed } }]
YAML
}

boot_nodes() {
  step 'as deployed: two nodes with a systemd of their own'
  write_deployed
  does nodes 300 docker compose -f "$work/deployed.json" up -d --no-build --pull never pbx-a pbx-b prometheus alertmanager
  for node in a b; do
    becomes "$node: systemd is up" on "$node" systemctl is-active --quiet multi-user.target
    install_wrapper "$node"
  done
  begin furnish-a 300 docker exec pbx-a furnish primary
  begin furnish-b 300 docker exec pbx-b furnish secondary
  finish furnish-a
  finish furnish-b
  for node in a b; do write_tandem "$node"; done
}
# The program that sshd runs on a host whose Tandem is only in a container: as docs/container.md says.
# shellcheck disable=SC2016    # the quotes of a document
install_wrapper() { # NODE
  sed -n '/^#!\/bin\/sh$/,/^```$/{/^```$/d; p}' docs/container.md | sed "s/ tandem env / tandem-$1 env /" |
    docker exec -i "pbx-$1" sh -c 'cat >/usr/bin/tandem && chmod 0755 /usr/bin/tandem'
}
write_tandem() { # NODE
  local other=b
  [ "$1" = a ] || other=a
  docker exec -i "pbx-$1" sh -c 'umask 077 && cat >/etc/tandem/credentials.yaml' <<<$'username: tandem\npassword: tandem'
  docker exec -i "pbx-$1" sh -c 'cat >/etc/tandem/operator.yaml' <<END
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  listen: 0.0.0.0:9877
  listenTls: { address: "${at[$1]}:9878", certificate: /etc/tandem/pki/pbx-$1.pem, key: /etc/tandem/pki/pbx-$1.key, ca: /etc/tandem/pki/ca.pem }
  peer: https://${at[$other]}:9878
END
  docker exec -i "pbx-$1" sh -c 'cat >/etc/tandem/pair.yaml' <<END
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: deployed }
spec:
  product: wazo
  primary: { name: pbx-a, address: ${at[a]} }
  secondary: { name: pbx-b, address: ${at[b]} }
  sip: { preset: fast }
  replication: { owner: tandem, database: { interval: 2s, proofInterval: 10s } }
  failover:
    owner: tandem
    confirmHostDown: 5s
    confirmServiceDown: { failed: 6s, restarting: 60s, unknown: 10s }
    bootGrace: 0s
    failback: { hold: 8s }
    flapping: { maxTakeovers: 20, window: 6h }
END
}

# --- the pair

first_orders() {
  local line
  step 'as deployed: keys, certificates, the first order'
  make_certificates
  does operators 300 docker compose -f "$work/deployed.json" up -d --no-build --pull never --wait
  passes 'all containers are healthy or run' deployed_runs
  line=$(ask a init --print-authorized-key) || die 'tandem init --print-authorized-key'
  docker exec -i pbx-b sh -c 'umask 077 && cat >>/root/.ssh/authorized_keys' <<<"$line"
  passes 'tandem init: the key is let in by sshd, and goes into the container there' exits 0 ask a init \
    --accept-host-key "$(on b ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d ' ' -f 2)"
  for node in b a; do
    # Its first copies, or the other's order, may still be under way when it answers.
    ask "$node" apply --structural --now --reason 'first set-up' >"$work/answer" 2>&1 || true
  done
  becomes 'a: it serves' is_state a Serving
  becomes 'b: it stands by' is_state b Standby
  for node in a b; do
    becomes "$node: it is converged" has_condition "$node" Converged True
    becomes "$node: it hears the other operator" has_condition "$node" PeerLinkUp True
  done
  becomes 'a: its services are complete, says its own systemd' has_condition a ServicesComplete True
  becomes 'b: it is fit to take over' has_condition b SecondaryFit True
}
# Made in a container of the image on a's folder; the other node gets its own, never the authority's key.
make_certificates() {
  passes 'tandem pki init' exits 0 docker run --rm --network none --cap-drop ALL --cap-add DAC_OVERRIDE \
    -v tandem-deployed_a-etc-tandem:/etc/tandem tandem --node pbx-a pki init
  docker exec pbx-a tar -C /etc/tandem -c pki/ca.pem pki/pbx-b.pem pki/pbx-b.key |
    docker exec -i pbx-b sh -c 'umask 077 && mkdir -p /etc/tandem/pki && tar -C /etc/tandem -x'
}
deployed_runs() {
  [ "$(docker ps --filter health=healthy --format '{{.Names}}' | sort | xargs)" = 'tandem-a tandem-b' ] &&
    [ "$(docker ps -q | wc -l)" -eq 6 ]
}

row_is_on_b() { [ "$(sql_on b "SELECT lastname FROM userfeatures WHERE firstname = '$1'")" = "$2" ]; }
music_is_on_b() { [ "$(on b stat -c '%U:%G %s' /var/lib/asterisk/moh/default/hold.wav 2>/dev/null)" = 'asterisk:asterisk 70000' ]; }
copies_arrive() {
  step 'as deployed: replication'
  sql_on a "INSERT INTO userfeatures (firstname, lastname) VALUES ('Ada', 'Lovelace')"
  on a sh -c 'head -c 70000 /dev/urandom >/var/lib/asterisk/moh/default/hold.wav && chown asterisk:asterisk /var/lib/asterisk/moh/default/hold.wav'
  becomes 'a row of a is in the database of b' row_is_on_b Ada Lovelace
  becomes 'a file of a is on b, with its owner' music_is_on_b
}

# The end of the node's cable at the switch; ping, SIP and peer link are gone, and so is its gateway.
cable() { # NODE up|down
  local index
  index=$(docker exec "pbx-$1" cat /sys/class/net/eth0/iflink)
  # shellcheck disable=SC2016    # expanded by the inner shell
  in_engine_network sh -c 'ip -o link | sed -n "s/^$1: \([^@:]*\).*/\1/p" | xargs -I% ip link set % "$2"' _ "$index" "$2"
}
taken_over() { # CAUSE
  becomes "b takes over: $1" is_state b Active
  becomes 'b answers SIP' serves_sip b
  passes 'and tells why' last_takeover ".cause == \"$1\" and .result == \"this node serves\""
}
given_back() {
  becomes 'b stands by again' is_state b Standby
  becomes 'a serves' serves_sip a
  passes 'Asterisk of b is stopped' [ "$(on b systemctl is-active asterisk || true)" != active ]
}
cable_is_pulled() {
  step 'as deployed: a is cut off'
  cable a down
  taken_over HostDown
  becomes 'Alertmanager has TandemOperatorAbsent' alert_fires TandemOperatorAbsent
  cable a up
  given_back
  becomes 'the alert is over' alert_is_over TandemOperatorAbsent
  becomes 'both are converged' both_converged
}
both_converged() { has_condition a Converged True && has_condition b Converged True && has_condition b SecondaryFit True; }

# Its kernel still answers ping: SIP and its operator are silent.
node_is_frozen() {
  step 'as deployed: a freezes'
  docker pause pbx-a tandem-a >/dev/null
  taken_over ServiceDown
  becomes 'Alertmanager has TandemOperatorAbsent' alert_fires TandemOperatorAbsent
  docker unpause pbx-a tandem-a >/dev/null
  given_back
  becomes 'both are converged' both_converged
}

operator_is_killed() {
  local before telephony database takeovers
  step 'as deployed: the operator of a is killed'
  before=$(docker inspect -f '{{.State.Pid}}' tandem-a)
  telephony=$(main_pid a asterisk) database=$(main_pid a postgresql@15-main)
  takeovers=$(ask b get takeovers -o json | jq length)
  kill -KILL "$before"
  is_started_anew() { [ "$(docker inspect -f '{{.State.Health.Status}} {{.RestartCount}}' tandem-a)" = 'healthy 1' ]; }
  becomes 'the engine starts it again' is_started_anew
  becomes 'it serves on, without a new order' is_state a Serving
  becomes 'both are converged' both_converged
  passes "telephony's process is the one from before" is "$telephony" "$(main_pid a asterisk)"
  passes "PostgreSQL's too" is "$database" "$(main_pid a postgresql@15-main)"
  passes 'b took nothing over' is "$takeovers" "$(ask b get takeovers -o json | jq length)"
}

upgrade_is_seen() {
  step "as deployed: the vendor's upgrade runs on b"
  docker exec -d pbx-b bash -c 'exec -a /usr/bin/wazo-upgrade sleep 300'
  becomes 'b keeps its hands off' has_condition b UpgradeInProgress True
}

pair_is_stopped() {
  local before
  step 'as deployed: the operators are stopped, and removed'
  before=$(on_disk a)
  passes 'they are stopped' exits 0 deployed stop tandem-a tandem-b
  passes 'by their own end, with 0' is '0 false' "$(docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' tandem-a)"
  passes 'they are removed' exits 0 docker rm tandem-a tandem-b
  passes 'nothing on a is touched' is "$before" "$(on_disk a)"
  does down 300 docker compose -f "$work/deployed.json" down -v --timeout 5
}
on_disk() { # NODE
  on "$1" sh -c 'find /etc/xivo /etc/cron.d /var/lib/wazo /etc/postgresql -printf "%p %s %T@ %m %U\n" | sort
    systemctl show -P MainPID asterisk postgresql@15-main'
}
