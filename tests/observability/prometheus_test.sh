#!/usr/bin/env bash
# A real Prometheus with the shipped configuration scrapes four running operators, in states in which all
# that the alerts and the dashboard name is exported; prometheus_test.mjs then asks it for everything. Two of them
# have a real PostgreSQL and a real sshd, so that the database is streamed, and a message comes home.
#   prometheus_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # work, pids, root, listen and others come from node.sh
set -euo pipefail
tandem=$(realpath "$1")
export wazo_sim=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/end_to_end/node.sh
source "$here/../end_to_end/node.sh"

for program in prometheus curl node psql ssh-keygen sshd rsync; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || {
    echo "$program is not installed; as root: scripts/install-deps test" >&2
    exit 1
  }
done

# make_node() knows of one node: what it left of the others is kept here, and ended at the end.
all_pids=() all_work=() databases=()
remember() { all_pids+=("${pids[@]}") all_work+=("$work"); }
cleanup() {
  local pid
  for pid in ${databases[@]+"${databases[@]}"}; do kill -QUIT "$pid" 2>/dev/null || true; done
  for pid in ${all_pids[@]+"${all_pids[@]}"} ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf ${all_work[@]+"${all_work[@]}"} "$work"
}

# Below the ports that the kernel gives to clients. Somebody may take it before we do: then what listens
# there ends, and the next one is tried.
free_port() { # [ADDRESS], beside 127.0.0.1
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    listens 127.0.0.1 "$port" || listens "${1:-127.0.0.1}" "$port" || break
  done
  echo "$port"
}
listens() { (: <>"/dev/tcp/$1/$2") 2>/dev/null; } # ADDRESS PORT

answers() { # ADDRESS PORT URL_PATH
  if [ -n "$3" ]; then curl -sf -o /dev/null --max-time 2 "http://$1:$2$3"; else listens "$1" "$2"; fi
}
is_over() { ! kill -0 "$1" 2>/dev/null; }
answers_or_over() { is_over "$1" || answers "${@:2}"; }

# start_on_a_free_port NAME ADDRESS URL_PATH COMMAND...: @PORT@ in the command is the port; without a path it is
# not asked by HTTP. Leaves `port`. What it starts ends with this script, even where the script is killed.
start_on_a_free_port() {
  local name=$1 address=$2 path=$3
  shift 3
  for _ in 1 2 3; do
    port=$(free_port "$address")
    setpriv --pdeathsig TERM "${@//@PORT@/$port}" >>"$work/$name.log" 2>&1 &
    pids+=("$!")
    within 60 answers_or_over "$!" "$address" "$port" "$path"
    is_over "$!" || return 0
  done
  fail "$name does not start"
}
# shellcheck source=tests/observability/real_parts.sh
source "$here/real_parts.sh"

node_called() { # NAME
  make_node
  sed -i "s/node: pbx-a/node: $1/" "$work/operator.yaml"
}
ordered() { # REASON
  start_on_a_free_port operator 127.0.0.1 /readyz "$tandem" run --listen 127.0.0.1:@PORT@
  "$tandem" apply --structural --reason "$1" --listen "127.0.0.1:$port" >/dev/null
}

peer_link() { # NAME LISTEN
  printf '  listenTls: { address: %s, certificate: %s, key: %s, ca: %s }\n' \
    "$2" "$pki/$1.pem" "$pki/$1.key" "$pki/ca.pem" >>"$work/operator.yaml"
}

# What serves pbx-a and pbx-b as a node's own, and how each finds the other's.
real_parts() { # ADDRESS
  start_database "$1"
  start_sshd "$1"
  mkdir -p "$root"/var/lib/asterisk/moh "$root"/var/spool/asterisk/{voicemail,monitor} "$root"/usr/share/wazo
  echo 26.08 >"$root/usr/share/wazo/WAZO-VERSION"
}
knows_the_other() { # PG_PORT PEER_PG_PORT PEER_SSH_PORT
  mkdir -m 0700 "$work/ssh"
  echo "Port $3" >"$work/ssh/config"
  cat >>"$work/operator.yaml" <<YAML
  sshDir: $work/ssh
  postgres:
    dsn: "host=127.0.0.1 port=$1 dbname=asterisk user=tandem"
    peerDsn: "host=PEER-ADDRESS port=$2 dbname=asterisk user=tandem"
    passwordFile: $work/pgpass
YAML
}
# at NAME: the node that was made before.
declare -A home=()
at() {
  work=${home[$1]} root=${home[$1]}/root pids=()
  export TANDEM_OPERATOR=$work/operator.yaml
}

# What pbx-b's operator has written down before pbx-b served, and what a caller left meanwhile.
inbox=var/spool/asterisk/voicemail/default/1001/INBOX
has_served() {
  local began
  began=$(date +%s)
  mkdir -p "$work/tandem" "$root/$inbox"
  printf '{"number":%s,"since":"%s","owed":true}\n' "$began" "$(date -u -d "@$began" +%Y-%m-%dT%H:%M:%SZ)" \
    >"$work/tandem/harvest-owed.json"
  head -c 8000 /dev/urandom >"$root/$inbox/msg0000.wav"
  printf '[message]\norigmailbox=1001\ncontext=default\ncallerid="Grace" <102>\norigtime=%s\nduration=1\nmsg_id=%s-1\n' \
    "$began" "$began" >"$root/$inbox/msg0000.txt"
}

echo "==> two operators with a real PostgreSQL and sshd each: pbx-a serves, pbx-b has served and stands by"
streaming='  replication: { owner: tandem, database: { mode: stream } }'
node_called pbx-a
home[pbx-a]=$work
write_pair "$streaming"
real_parts 127.0.0.11
users_of_the_primary
pg_a=$pg_port ssh_a=$ssh_port
# Asterisk counts the mailboxes anew.
printf '#!/bin/sh\n' >"$root/usr/sbin/asterisk"
chmod 0755 "$root/usr/sbin/asterisk"
pki=$work/pki link_port=$(free_port 127.0.0.11)
"$tandem" pki init --dir "$pki" >/dev/null
peer_link pbx-a "127.0.0.11:$link_port"
remember
node_called pbx-b
home[pbx-b]=$work
write_pair "$streaming"
touch "$root/var/lib/wazo/disabled"
real_parts 127.0.0.12
pg_b=$pg_port
knows_the_other "$pg_b" "$pg_a" "$ssh_a"
# The vendor's key, by which `tandem init` gets in once.
ssh-keygen -q -t ed25519 -N '' -f "$work/vendor"
cp "$work/vendor.pub" "$root/root/.ssh/authorized_keys"
cp "$work/vendor" "${home[pbx-a]}/root/root/.ssh/xivo_id_rsa"
chmod 0600 "${home[pbx-a]}/root/root/.ssh/xivo_id_rsa"
remember
at pbx-a
knows_the_other "$pg_a" "$pg_b" "$ssh_port"
"$tandem" init --accept-host-key "$host_key" --peer-command "$tandem --operator ${home[pbx-b]}/operator.yaml" \
  >"$work/init.log" 2>&1
ordered "first set-up"
port_a=$port pair_a=$work/pair.yaml
remember
at pbx-b
has_served
ordered "first set-up"
port_b=$port
remember

echo "==> one on which high availability is switched off"
node_called pbx-o
write_pair "  enabled: false"
sed -i 's/pbx-b/pbx-o/' "$work/pair.yaml"
ordered "first set-up"
port_o=$port
remember

echo "==> and the secondary of a XiVO pair, with a contact centre and an ISDN switch"
# It follows pbx-a's declaration, and can not: that one calls the secondary by another name.
sim_options=(--sip-general)
node_called pbx-x
mkdir -p "$root"/{var/lib/xivo,var/log,etc/docker/xivo}
ln -s wazo-provd "$root/var/lib/xivo-provd"
printf 'root:x:0:0:::\ndaemon:x:1:1:::\n' >"$root/etc/passwd"
printf 'root:x:0:\ndaemon:x:1:\n' >"$root/etc/group"
echo 'XIVO_HOST=127.0.0.12' >"$root/etc/docker/xivo/custom.env"
printf '[fos1]\nmac = 00:19:32:00:12:1D\nhost = 10.100.0.201\n' >"$root/etc/bnfos.conf"
write_pair '  interconnection: { reportingDbHost: reports.example.org, elasticsearch: reports.example.org }
  isdnSwitch: { driver: berofos, readCommand: [/usr/sbin/isdn-position, "{device}"] }
  notify: [{ mail: root@localhost }]
  distribution: fromPrimary'
sed -i 's/product: wazo/product: xivo/; s/pbx-b/pbx-x/' "$work/pair.yaml"
# Before it hears pbx-a: once it does, a declaration that differs is not put in force. Not all of it can be done here,
# and that is told: the contact centre's commands wait for their own order.
start_on_a_free_port operator 127.0.0.1 /readyz "$tandem" run --listen 127.0.0.1:@PORT@
"$tandem" apply --structural --reason "first set-up" --listen "127.0.0.1:$port" >/dev/null || true
kill "${pids[-1]}"
wait "${pids[-1]}" || true
unset 'pids[-1]'
"$tandem" pki init --dir "$pki" >/dev/null
peer_link pbx-x "127.0.0.12:$(free_port 127.0.0.12)"
echo "  peer: https://127.0.0.11:$link_port" >>"$work/operator.yaml"
start_on_a_free_port operator 127.0.0.1 /readyz "$tandem" run --listen 127.0.0.1:@PORT@
port_x=$port
remember

echo "==> Prometheus with the shipped configuration"
work=$(mktemp -d) pids=()
node "$here/prometheus_config.mjs" "$work" "127.0.0.1:$port_a" "127.0.0.1:$port_b" "127.0.0.1:$port_o" \
  "127.0.0.1:$port_x"
start_on_a_free_port prometheus 127.0.0.1 /-/ready prometheus --config.file "$work/prometheus.yaml" \
  --storage.tsdb.path "$work/data" --web.listen-address 127.0.0.1:@PORT@ --log.level warn
prometheus=http://127.0.0.1:$port

has() { curl -sf --max-time 5 "$prometheus/api/v1/query" --data-urlencode "query=$1" | grep -q '"value"'; }
within 60 has 'tandem_node_info{role="primary"}'
within 60 has 'tandem_node_info{role="secondary"}'
# These are told only while copies may be made, and by a node that is in the pair.
for type in DatabaseReplicated FileSourcesPresent FileChangesWatched DirectionWritten DivergenceOpen SecondaryFit; do
  within 60 has "tandem_condition{type=\"$type\"}"
done

echo "==> the database is streamed, the message is home, and nothing waits any more"
within 60 has 'tandem_condition{type="StreamHealthy",status="True"} == 1'
within 60 has tandem_replication_stream_lag_seconds
within 60 has 'tandem_divergence_rows == 0'
within 60 has 'tandem_harvest_items_total{kind="messages"} == 1'
within 60 has 'tandem_harvest_pending == 0'
within 60 has 'tandem_replication_last_success_timestamp_seconds{kind="files"}'
within 60 has tandem_harvest_last_success_timestamp_seconds
cmp "${home[pbx-b]}/root/$inbox/msg0000.wav" "${home[pbx-a]}/root/$inbox/msg0000.wav" || fail "the message is not on pbx-a"

echo "==> pbx-a is suspended, pbx-b takes no stream any more and tells what an undo can take back"
sed -i '$a\  suspend: { reason: a test, until: 2099-01-01T00:00:00Z }' "$pair_a"
sed -i 's/mode: stream/mode: snapshot/' "${home[pbx-b]}/pair.yaml"
within 60 has 'tandem_suspended == 1'
within 60 has tandem_replication_undo_generations

node "$here/prometheus_test.mjs" "$prometheus" || fail "see above"
