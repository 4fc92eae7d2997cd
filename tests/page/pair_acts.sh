# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # $net, $home and the programs come from page_test.sh
# What happens to the pair while its pages are watched. Sourced; or run by page_test.mjs: pair_acts.sh ACT [ARGUMENT].
set -euo pipefail
began=$SECONDS
# shellcheck source=tests/end_to_end/failover/telling.sh
. "$here/telling.sh"
# shellcheck source=tests/end_to_end/failover/network.sh
. "$here/network.sh"
# shellcheck source=tests/end_to_end/failover/host.sh
. "$here/host.sh"
# shellcheck source=tests/end_to_end/failover/pair.sh
. "$here/pair.sh"

# The pages are read from another host.
write_operator_of_the_scenes=$(declare -f write_operator)
eval "${write_operator_of_the_scenes/write_operator/write_scene_operator}"
write_operator() { # HOST
  write_scene_operator "$1"
  sed -i 's/listen: 127.0.0.1:9877/listen: 0.0.0.0:9877/' "$home/$1/operator.yaml"
}

# As make_pair, but that the expiry is what was declared before an operator has seen another: the bound counts the
# longest that phones may still hold.
make_watched_pair() {
  local host
  make_network
  make_host a
  make_host b
  sed -i '/^monit/s/ enabled / disabled /' "$home/b/units/table"
  declare_pair '  sip: { preset: fast }'
  make_certificates
  power_on a
  on a apply --structural --reason 'the first declaration' >"$home/a/apply.log" 2>&1 || true
  # The secondary's database is a copy of the primary's.
  cp "$home/a/wazo/confd.json" "$home/b/wazo/"
  power_on b
  service_of a start
  for host in a b; do start_operator "$host"; done
  for host in a b; do within 60 on "$host" health; done
  put_in_force b
  within 60 is_state a Serving
  within 60 is_state b Standby
  within 60 condition_is a PeerLinkUp True
  within 60 condition_is b PeerLinkUp True
  within 60 hears_primary
  on a resync-devices >"$home/a/resync.log" 2>&1 || true
}

act_suspend() { on a suspend --for 1h --reason "$1" >"$home/suspend.log" 2>&1 || fail "suspend: $(<"$home/suspend.log")"; }
act_resume() { on a resume --reason 'seen' >"$home/resume.log" 2>&1 || fail "resume: $(<"$home/resume.log")"; }
# Somebody edits a file that is kept.
act_drift() {
  printf '{"node_type": "master", "remote_address": "10.9.8.7"}' >"$home/a/root/etc/xivo/ha.conf"
}
act_asterisk_dies() {
  inside a "$home/a/root/usr/bin/systemctl" stop monit
  systemctl_of a kill asterisk
}
act_asterisk_returns() { systemctl_of a start asterisk monit; }
act_kill_operator() { kill_operator "$1"; }
act_start_operator() { start_operator "$1"; }
act_freeze_operator() { kill -STOP "$(<"$home/$1/operator.pid")"; }
act_thaw_operator() { kill -CONT "$(<"$home/$1/operator.pid")"; }

if [ "${BASH_SOURCE[0]}" = "$0" ]; then "act_$1" "${@:2}"; fi
