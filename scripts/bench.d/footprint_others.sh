# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What the footprint is compared with: keepalived and patroni as Debian packs them, and the vendor's check. Each at rest.

net_of_bench=''

# A VRRP instance that is master, in a network of its own: a device of a bridge without members.
start_keepalived() {
  net_of_bench=bench$$
  ip netns add "$net_of_bench"
  ip -n "$net_of_bench" link set lo up
  ip -n "$net_of_bench" link add vrrp0 type bridge
  ip -n "$net_of_bench" address add 192.0.2.11/24 dev vrrp0
  ip -n "$net_of_bench" link set vrrp0 up
  cat >"$dir/keepalived.conf" <<'CONF'
vrrp_instance bench {
  state MASTER
  interface vrrp0
  virtual_router_id 51
  priority 150
  advert_int 1
  virtual_ipaddress { 192.0.2.100/24 }
}
CONF
  start keepalived /dev/null "$dir/keepalived.log" nsenter "--net=/run/netns/$net_of_bench" keepalived --dont-fork --log-console \
    --vrrp --use-file "$dir/keepalived.conf" --pid "$dir/keepalived.pid" --vrrp_pid "$dir/vrrp.pid"
  wait_for 20 has_virtual_address || die "keepalived does not become master: $dir/keepalived.log"
}
has_virtual_address() { ip -n "$net_of_bench" address show dev vrrp0 | grep -q '192\.0\.2\.100/'; }
remove_net() { [ -z "$net_of_bench" ] || ip netns del "$net_of_bench" 2>/dev/null || true; }

start_etcd() {
  etcd_port=$(free_port 127.0.0.1)
  local peer_port
  peer_port=$(free_port 127.0.0.1)
  start etcd "$dir/etcd.out" "$dir/etcd.log" etcd --name bench --data-dir "$dir/etcd" \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
    --initial-cluster "bench=http://127.0.0.1:$peer_port"
  wait_for 20 curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$etcd_port/health" || die "etcd does not start: $dir/etcd.log"
}

# One PostgreSQL of its own, which it keeps; its intervals are as shipped.
start_patroni() {
  local port
  patroni_port=$(free_port 127.0.0.1) port=$(free_port 127.0.0.1)
  mkdir "$dir/patroni"
  cat >"$dir/patroni/patroni.yml" <<CONF
scope: bench
name: one
restapi: { listen: "127.0.0.1:$patroni_port", connect_address: "127.0.0.1:$patroni_port" }
etcd3: { host: "127.0.0.1:$etcd_port" }
bootstrap:
  dcs: { ttl: 30, loop_wait: 10, retry_timeout: 10 }
  initdb: [{ encoding: UTF8 }, { locale: C.UTF-8 }]
postgresql:
  listen: "127.0.0.1:$port"
  connect_address: "127.0.0.1:$port"
  data_dir: $dir/patroni/data
  bin_dir: $(pg_programs)
  pgpass: $dir/patroni/pgpass
  parameters: { unix_socket_directories: $dir/patroni }
  authentication:
    superuser: { username: postgres, password: bench }
    replication: { username: replicator, password: bench }
CONF
  chown -R postgres:postgres "$dir/patroni"
  start patroni "$dir/patroni.out" "$dir/patroni.log" setpriv --reuid=postgres --regid=postgres --init-groups \
    patroni "$dir/patroni/patroni.yml"
  wait_for 60 curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$patroni_port/primary" || die "patroni does not start: $dir/patroni.log"
  # Patroni leaves its server running.
  printf '%s patroni-postgresql\n' "$(head -n 1 "$dir/patroni/data/postmaster.pid")" >>"$dir/pids"
}

# What waking costs here, whatever is done then: about as often as the operators wake.
start_waker() {
  g++ -O2 -std=c++20 -o "$dir/waker" scripts/bench.d/waker.cc || die 'waker: not compiled'
  start waker /dev/null "$dir/waker.log" "$dir/waker" "$wakeups" "$dir/"
}

start_vendor_minute() {
  start vendor-minute /dev/null "$dir/vendor-minute.log" bash scripts/bench.d/vendor_minute.sh "$dir/" "${address[pbx-a]}"
}
