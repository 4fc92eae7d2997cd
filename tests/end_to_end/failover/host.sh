# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # programs of sh; some variables belong to the script that sources this
# A host of a pair: a folder laid out like a real node's root, with what runs on it in its own network: the
# stand-ins for Wazo and systemd, a real SIP server in Asterisk's place, the operator. Needs network.sh, $home
# (the folder of the pair), $tandem, $wazo_sim, $systemd_sim, $here and $bus_config.

readonly standing=(rabbitmq-server postgresql nginx wazo-plugind wazo-webhookd wazo-sysconfd wazo-confgend
  wazo-confd wazo-auth wazo-dird wazo-chatd)
readonly telephony=(wazo-dxtora wazo-provd wazo-agid asterisk wazo-amid wazo-call-logd wazo-agentd wazo-phoned
  wazo-calld wazo-websocketd monit)

# A program below the node's root, from standard input: it stays what the process list shows.
node_program() { # HOST PATH
  local path=$home/$1/root$2
  mkdir -p "${path%/*}"
  { printf '#!/bin/sh\n' && sed "s|@HOME@|$home/$1|g; s|@VENDOR@|$here/vendor|g"; } >"$path"
  chmod 0755 "$path"
}

make_programs() { # HOST
  node_program "$1" /usr/bin/systemctl <<<'@VENDOR@/systemctl @HOME@ "$@"'
  node_program "$1" /usr/bin/wazo-service <<<'@VENDOR@/wazo-service @HOME@ "$1"'
  node_program "$1" /usr/sbin/xivo-manage-slave-services <<'END'
case "$1" in
  start) @VENDOR@/wazo-service @HOME@ serve ;;
  stop) @VENDOR@/wazo-service @HOME@ stand-by ;;
  *) exit 64 ;;
esac
END
  node_program "$1" /usr/sbin/iptables <<<'exec /usr/sbin/iptables "$@"'
  node_program "$1" /usr/sbin/asterisk <<<'echo "$(cat @HOME@/calls) active channels"'
  node_program "$1" /usr/bin/wazo-confgen <<<'exit 0'
}

make_host() { # HOST
  local side=$home/$1 root=$home/$1/root
  mkdir -p "$root"/{etc/xivo,etc/cron.d,var/lib/wazo,var/lib/wazo-provd/plugins,var/log,var/spool/asterisk/voicemail,tmp} \
    "$root"/{root/.ssh,run/dbus,sys/class/dmi/id,usr/share/wazo} "$side"/{wazo,units,faults}
  : >"$root/root/.ssh/xivo_id_rsa"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  cp /proc/sys/kernel/random/uuid "$root/sys/class/dmi/id/product_uuid"
  echo 26.08 >"$root/usr/share/wazo/WAZO-VERSION"
  echo 0 >"$side/calls"
  : >"$side/commands"
  sed "s/@ADDRESS@/${address_of[$1]}/" "$here/vendor/kamailio.cfg" >"$side/kamailio.cfg"
  printf '%s.service loaded active running enabled success\n' "${standing[@]}" >"$side/units/table"
  printf '%s.service loaded inactive dead enabled success\n' "${telephony[@]}" >>"$side/units/table"
  [ "$1" = a ] || : >"$root/var/lib/wazo/disabled"
  make_programs "$1"
  write_operator "$1"
}

write_operator() { # HOST
  local side=$home/$1 other=b
  [ "$1" = a ] || other=a
  (umask 077 && printf 'username: tandem\npassword: tandem\n' >"$side/credentials.yaml")
  cat >"$side/operator.yaml" <<END
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: pbx-$1
  pair: $side/pair.yaml
  root: $side/root
  stateDir: $side/state
  listen: 127.0.0.1:9877
  listenTls:
    { address: "${address_of[$1]}:9878", certificate: $side/pki/pbx-$1.pem, key: $side/pki/pbx-$1.key, ca: $side/pki/ca.pem }
  peer: https://${address_of[$other]}:9878
  tokenFile: $side/token
  wazo: { credentialsFile: $side/credentials.yaml }
END
}

run_inside() { # HOST LOG COMMAND...: in a session of its own, for as long as the host is on
  local log=$home/$1/$2.log
  setsid nsenter "--net=/run/netns/$net-$1" "${@:3}" >"$home/$1/$2.out" 2>>"$log" </dev/null &
  started=$!
  disown "$started"
}

# What starts with the host, but for Asterisk and the operator.
power_on() { # HOST
  local side=$home/$1 socket=$home/$1/root/run/dbus/system_bus_socket
  inside "$1" iptables -w 10 -F INPUT
  rm -f "$socket" "$side"/*.out "$side/kamailio.pid"
  run_inside "$1" wazo "$wazo_sim" --root "$side/root" --state "$side/wazo" --own-address "${address_of[$1]}" \
    --confd 9486 --provd 8666 --auth 9497
  run_inside "$1" bus /usr/bin/dbus-daemon "--config-file=$bus_config" "--address=unix:path=$socket" --nofork --nopidfile
  within 20 test -S "$socket"
  run_inside "$1" systemd "$systemd_sim" --bus "unix:path=$socket" --units "$side/units/table"
  within 20 test -s "$side/systemd.out"
  within 20 test -s "$side/wazo.out"
}

start_operator() { # HOST
  run_inside "$1" operator "$tandem" --operator "$home/$1/operator.yaml" run
  echo "$started" >"$home/$1/operator.pid"
}
kill_operator() { # HOST [SIGNAL]
  local pid
  pid=$(<"$home/$1/operator.pid")
  kill "-${2-KILL}" "$pid"
  within 20 is_gone "$pid"
}
is_gone() { ! grep -aq . "/proc/$1/cmdline" 2>/dev/null; }

# The power fails: everything of the host ends at once, and its cable is dead.
power_off() { # HOST
  pull_cable "$1"
  kill_all_in "$1"
  # What systemd starts at a boot is what is enabled; here everything but what stands by.
  sed -i -E '/^(rabbitmq|postgresql|nginx|wazo-(plugind|webhookd|sysconfd|confgend|confd|auth|dird|chatd))/!s/ active running / inactive dead /' \
    "$home/$1/units/table"
}
# And comes back: the vendor's services start with the host, where it is not marked as standing by.
boot() { # HOST
  power_on "$1"
  plug_cable "$1"
  [ -e "$home/$1/root/var/lib/wazo/disabled" ] || inside "$1" "$home/$1/root/usr/bin/wazo-service" start
  start_operator "$1"
}

systemctl_of() { inside "$1" "$home/$1/root/usr/bin/systemctl" "${@:2}"; } # HOST VERB UNIT...
service_of() { inside "$1" "$home/$1/root/usr/bin/wazo-service" "${@:2}"; } # HOST VERB
fault() { printf '%s\n' "${3-yes}" >"$home/$1/faults/$2"; } # HOST NAME [VALUE]
no_fault() { rm -f "$home/$1/faults/$2"; }
