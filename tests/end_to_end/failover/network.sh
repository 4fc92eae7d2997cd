# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# The network of one pair, made of namespaces: a switch, two nodes and a witness on it. Nothing of it
# touches the machine's own network, so that all pairs have the same addresses. Needs $net, a name of
# its own.
#
#   192.0.2.1 witness     192.0.2.11 node a     192.0.2.12 node b

declare -gA address_of=([a]=192.0.2.11 [b]=192.0.2.12 [w]=192.0.2.1)
readonly faults=(iptables -w 10 -t raw) # apart from INPUT, which is the nodes' own

inside() { nsenter "--net=/run/netns/$net-$1" "${@:2}"; } # HOST COMMAND...

make_network() {
  local host
  ip netns add "$net-s"
  ip -n "$net-s" link add br0 type bridge
  ip -n "$net-s" link set br0 up
  for host in a b w; do
    ip netns add "$net-$host"
    ip link add eth0 netns "$net-$host" type veth peer name "$host" netns "$net-s"
    ip -n "$net-s" link set dev "$host" up master br0
    ip -n "$net-$host" link set lo up
    ip -n "$net-$host" addr add "${address_of[$host]}/24" dev eth0
    ip -n "$net-$host" link set eth0 up
  done
}

# Whatever still runs in a namespace goes before it: it was started there by us.
remove_network() {
  local host
  for host in a b w s; do
    [ -e "/run/netns/$net-$host" ] || continue
    kill_all_in "$host"
    ip netns del "$net-$host" || true
  done
}

kill_all_in() { # HOST
  local found
  for _ in {1..100}; do
    mapfile -t found < <(ip netns pids "$net-$1" 2>/dev/null)
    [ "${#found[@]}" -gt 0 ] || return 0
    kill -KILL "${found[@]}" 2>/dev/null || true
    sleep 0.02
  done
}

# A cable: its end at the node loses the carrier.
pull_cable() { ip -n "$net-s" link set dev "$1" down; }
plug_cable() { ip -n "$net-s" link set dev "$1" up; }
# The switch does not pass on what comes and goes by this port, and the carrier stays.
cut_port() { ip -n "$net-s" link set dev "$1" nomaster; }
join_port() { ip -n "$net-s" link set dev "$1" master br0; }

# lose FROM TO [MATCH...]: what comes from FROM is lost before it gets to TO.
lose() { inside "$2" "${faults[@]}" -A PREROUTING -s "${address_of[$1]}" "${@:3}" -j DROP; }
lose_share() { lose "$1" "$2" -m statistic --mode random --probability "$3"; } # FROM TO SHARE
lose_nothing() { for host in a b; do inside "$host" "${faults[@]}" -F PREROUTING; done; }
