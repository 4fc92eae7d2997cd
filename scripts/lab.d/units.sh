# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The services of each node: a stand-in for systemd on a bus of its own, and for Asterisk's answer to SIP.
# Needs nodes.sh.

readonly units_stand_in=build/$preset/tests/systemd_sim/systemd_sim
readonly units_standing=(rabbitmq-server postgresql nginx wazo-plugind wazo-webhookd wazo-sysconfd wazo-confgend
  wazo-confd wazo-auth wazo-dird wazo-chatd)
readonly units_telephony=(wazo-dxtora wazo-provd wazo-agid asterisk wazo-amid wazo-call-logd wazo-agentd wazo-phoned
  wazo-calld wazo-websocketd)

# As a node is that serves; one that stands by gets there by the vendor's own command.
write_units() { # NODE
  local home=$dir/$1
  mkdir -p "$home/units" "$home/root/run/dbus"
  : >"$home/iptables"
  echo "$sip_port" >"$home/sip_port"
  printf '%s.service loaded active running enabled success\n' \
    "${units_standing[@]}" "${units_telephony[@]}" monit >"$home/units/table"
}

start_units() { # NODE
  local home=$dir/$1 socket=$dir/$1/root/run/dbus/system_bus_socket
  start "$1-bus" /dev/null "$home/bus.log" /usr/bin/dbus-daemon --config-file=tests/systemd_sim/bus.conf \
    "--address=unix:path=$socket" --nofork --nopidfile
  wait_for 30 test -S "$socket" || die "the bus of $1 does not start: $home/bus.log"
  start "$1-systemd" "$home/systemd.ready" "$home/systemd.log" "$units_stand_in" --bus "unix:path=$socket" \
    --units "$home/units/table"
  wait_for 30 has_line "$home/systemd.ready" || die "the stand-in for systemd of $1 does not start: $home/systemd.log"
}

systemctl_of() { # NODE VERB UNIT...
  local node=$1
  shift
  scripts/lab.d/systemctl "$dir/$node" "$@"
}

start_sip() { # NODE
  start "$1-sip" "$dir/$1/sip.ready" "$dir/$1/sip.log" python3 scripts/lab.d/sip-responder "$dir/$1/" "${address[$1]}" \
    "$sip_port"
  wait_for 30 has_line "$dir/$1/sip.ready" || die "nobody answers SIP for $1: $dir/$1/sip.log"
}
