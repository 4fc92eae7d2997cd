# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# A private fail2ban for each node, with a jail like the vendor's. Its action only notes whom it bans.
# Needs nodes.sh.

readonly bans=root/etc/fail2ban

write_fail2ban() { # NODE
  local home=$dir/$1
  mkdir -p "$home/$bans"/{action.d,filter.d,jail.d,fail2ban.d} "$home"/root/{run/fail2ban,var/lib/fail2ban,var/log/asterisk}
  : >"$home/root/var/log/asterisk/fail2ban"
  cat >"$home/$bans/fail2ban.conf" <<END
[Definition]
loglevel = INFO
logtarget = $home/root/var/log/fail2ban.log
syslogsocket = auto
socket = $home/root/run/fail2ban/fail2ban.sock
pidfile = $home/root/run/fail2ban/fail2ban.pid
dbfile = $home/root/var/lib/fail2ban/fail2ban.sqlite3
dbpurgeage = 1d
dbmaxmatches = 10
END
  cat >"$home/$bans/jail.conf" <<END
[DEFAULT]
ignoreip = 127.0.0.1/8
END
  cat >"$home/$bans/jail.d/asterisk-wazo.conf" <<END
[asterisk-wazo]
enabled = true
ignoreip =
ignoreself = false
filter = asterisk-wazo
action = note
backend = polling
logpath = $home/root/var/log/asterisk/fail2ban
usedns = no
findtime = 5
maxretry = 5
bantime = 3600
END
  cat >"$home/$bans/filter.d/asterisk-wazo.conf" <<'END'
[Definition]
failregex = SecurityEvent="ChallengeSent".*RemoteAddress="IPV4/UDP/<HOST>/
END
  cat >"$home/$bans/action.d/note.conf" <<END
[Definition]
actionban = echo <ip> >>$home/root/var/lib/fail2ban/banned
actionunban = true
END
}

start_fail2ban() { # NODE
  local home=$dir/$1
  start "$1-fail2ban" /dev/null "$home/fail2ban.err" /usr/bin/fail2ban-server -f -x \
    -c "$home/$bans" -s "$home/root/run/fail2ban/fail2ban.sock" -p "$home/root/run/fail2ban/fail2ban.pid" start
  wait_for 20 fail2ban_answers "$1" || die "the fail2ban of $1 does not start: $home/fail2ban.err"
}
fail2ban_answers() { fail2ban "$1" ping >/dev/null 2>&1; }
fail2ban() { # NODE ARGUMENT...
  local node=$1
  shift
  fail2ban-client -c "$dir/$node/$bans" -s "$dir/$node/root/run/fail2ban/fail2ban.sock" "$@"
}
