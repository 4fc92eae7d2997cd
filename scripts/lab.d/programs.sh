# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The programs of a node: the operator runs those below the node's root, and no other. Each leads to what
# the lab started for this node. Needs nodes.sh, database.sh and bans.sh.

# program NODE PATH: a script of /bin/sh below the node's root, from standard input. @HOME@ and @LAB@ are
# the node's folder and the one of the lab's scripts.
program() {
  local path=$dir/$1/root$2
  mkdir -p -- "${path%/*}"
  sed "1i #!/bin/sh
    s|@HOME@|$dir/$1|g; s|@LAB@|$PWD/scripts/lab.d|g" >"$path"
  chmod 0755 "$path"
}

make_programs() { # NODE
  # `runuser -u postgres -- psql ...`: the lab's own user is let in as postgres by the map in pg_ident.conf.
  program "$1" /usr/sbin/runuser <<END
while [ "\$1" != -- ] && [ \$# -gt 0 ]; do shift; done
shift
PGHOST=@HOME@/$pg_socket PGPORT=${sql_port[$1]} PGUSER=postgres exec "\$@"
END
  program "$1" /usr/bin/systemctl <<'END'
exec @LAB@/systemctl @HOME@ "$@"
END
  program "$1" /usr/bin/wazo-service <<'END'
exec @LAB@/wazo-service @HOME@ "$1"
END
  program "$1" /usr/sbin/xivo-manage-slave-services <<'END'
case "$1" in
  start) exec @LAB@/wazo-service @HOME@ serve ;;
  stop) exec @LAB@/wazo-service @HOME@ stand-by ;;
esac
exit 64
END
  # What confd does to the database for its stand-in: UUID dnd|busy|noanswer|unconditional 0|1 [DESTINATION].
  program "$1" /usr/bin/keep-user-setting <<END
case \$2 in
  dnd) set='enablednd = :on' ;;
  busy) set="enablebusy = :on, destbusy = :'to'" ;;
  noanswer) set="enablerna = :on, destrna = :'to'" ;;
  unconditional) set="enableunc = :on, destunc = :'to'" ;;
  *) exit 64 ;;
esac
echo "UPDATE userfeatures SET \$set WHERE uuid = :'uuid'" |
  PGHOST=@HOME@/$pg_socket PGPORT=${sql_port[$1]} PGUSER=postgres psql -X -q -v ON_ERROR_STOP=1 \
    -v uuid="\$1" -v on="\$3" -v to="\${4-}" -d asterisk -f -
END
  # What the vendor's cron files call: there, and without effect. The lab has no cron.
  local path
  for path in /usr/sbin/xivo-check-master-status /usr/sbin/xivo-master-slave-db-replication /usr/bin/wazo-sync; do
    program "$1" "$path" <<<'exit 0'
  done
  # The rules of the node's own INPUT chain; the host's are nobody's business here.
  program "$1" /usr/sbin/iptables <<'END'
echo '-P INPUT ACCEPT'
exec cat @HOME@/iptables
END
  program "$1" /usr/bin/fail2ban-client <<END
exec /usr/bin/fail2ban-client -c @HOME@/$bans -s @HOME@/root/run/fail2ban/fail2ban.sock "\$@"
END
}
