# The steps of node_test.sh. Sourced by it.
# shellcheck shell=bash disable=SC2015,SC2016,SC2154

# The next release of the package: another program, another default of the conffile.
make_newer_package() {
  local tree=$work/newer
  dpkg-deb -R "$package" "$tree"
  sed -i 's/^Version: .*/Version: 99.0.0-1/' "$tree/DEBIAN/control"
  echo '# A newer default.' >>"$tree/etc/tandem/ssh/config"
  echo newer >>"$tree/usr/bin/tandem"
  (cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
  dpkg-deb --root-owner-group -Znone -b "$tree" "$root/opt/newer.deb" >/dev/null
  rm -rf "$tree"
  cp "$package" "$root/opt/older.deb"
}

# A node of the vendor's: telephony, the services that Tandem asks, the folders it writes to.
furnish() {
  local units=$root/etc/systemd/system unit
  mkdir -p "$root"/etc/{xivo,cron.d} "$root"/var/lib/wazo "$root"/opt/state "$units/multi-user.target.wants"
  cp "$wazo_sim" "$root/opt/wazo_sim"
  printf '[Service]\nExecStart=/usr/bin/sleep infinity\n' >"$units/asterisk.service"
  printf '[Service]\nExecStart=/opt/wazo_sim --root / --state /opt/state --confd 9486 --provd 8666 --auth 9497\n' \
    >"$units/pbx-services.service"
  for unit in asterisk pbx-services; do
    ln -s "/etc/systemd/system/$unit.service" "$units/multi-user.target.wants/"
  done
}

telephony_went_on() { same "$telephony" "$(main_pid asterisk)" "telephony's process $1"; }
is_state() { [ "$(inside systemctl is-active tandem || true)" = "$1" ]; }
state_is() { is_state "$1" || fail "the operator is not $1 $2"; }

installs_and_starts_nothing() {
  local told added changed
  told=$(apt install /opt/older.deb) || fail "the package can not be installed: $told"
  contains "$told" 'nothing was started or changed'
  state_is inactive 'after the installation'
  same disabled "$(inside systemctl is-enabled tandem || true)" 'the unit, enabled'
  everything >"$work/installed"
  changed=$(comm -23 <(echo "$before") "$work/installed")
  same '' "$changed" 'what was there before the installation'
  added=$(comm -13 <(echo "$before") "$work/installed" | sed 's/^\.//; s/ .*//' |
    grep -v '^/var/lib/systemd/deb-systemd-helper-enabled' | comm -23 - <(inside dpkg -L tandem | sed 's,^/lib,/usr/lib,' | sort))
  same '' "$added" 'what is no file of the package'
  same '' "$(inside dpkg --verify tandem)" 'files of the package'
  inside systemd-analyze verify --man=no tandem.service >"$work/verify.log" 2>&1 && [ ! -s "$work/verify.log" ] ||
    fail 'systemd complains of the unit'
  contains "$(inside tandem version)" 'tandem '
  inside bash -c '. /usr/share/bash-completion/completions/tandem && complete -p tandem' >/dev/null || fail 'no completion'
  telephony_went_on 'when the package was installed'
  ok 'installed: its files and no more, nothing started, nothing enabled'
}

declare_pair() {
  printf '%s\n' 'apiVersion: tandem.ha/v1alpha1' 'kind: HAPair' 'metadata: { name: hall }' 'spec:' '  product: wazo' \
    '  primary: { name: pbx-a, address: 127.0.0.11 }' '  secondary: { name: pbx-b, address: 127.0.0.12 }' \
    '  replication: { owner: vendor }' >"$root/etc/tandem/pair.yaml"
  printf '%s\n' 'apiVersion: tandem.ha/v1alpha1' 'kind: OperatorConfig' 'spec: { node: pbx-a }' >"$root/etc/tandem/operator.yaml"
  install -m 0600 /dev/null "$root/etc/tandem/credentials.yaml"
  printf 'username: tandem\npassword: tandem\n' >"$root/etc/tandem/credentials.yaml"
}

# Held by every restriction of the unit it still does its work.
runs_by_its_unit() {
  declare_pair
  inside systemctl enable --now tandem 2>/dev/null || fail 'the operator does not say that it is ready'
  state_is active 'after its start'
  same 'notify 2min' "$(inside systemctl show -P Type -P WatchdogUSec tandem | paste -sd ' ')" 'type and watchdog'
  inside tandem apply --structural --reason 'a first order' >"$work/apply.log" 2>&1 || true
  within 60 grep -q '"node_type": *"master"' "$root/etc/xivo/ha.conf"
  within 60 test -e "$root/var/lib/wazo/is-primary"
  echo broken >"$root/etc/xivo/ha.conf"
  within 60 grep -q '"node_type": *"master"' "$root/etc/xivo/ha.conf"
  [ -e "$root/var/lib/tandem/accepted-pair.yaml" ] || fail 'no declaration is in force'
  ok 'run by its unit it keeps ha.conf and the markers'
}

# Sent by itself, not read from its standard error: a level, and a field for each word (docs/api.md).
journal_has() { # WORDS FILTER: of journalctl, then of jq for all the entries that it finds
  # shellcheck disable=SC2086    # several words
  inside journalctl -u tandem -o json --no-pager $1 | jq -se "$2" >/dev/null
}
logs_into_the_journal() {
  within 60 journal_has TANDEM_RESOURCE=ha-conf 'any(.[]; (.MESSAGE | startswith("repaired drift resource=ha-conf changes=")) and
    .PRIORITY == "6" and ._TRANSPORT == "journal" and .SYSLOG_IDENTIFIER == "tandem" and ._SYSTEMD_UNIT == "tandem.service" and
    .TANDEM_RESOURCE == "ha-conf" and (.TANDEM_CHANGES | contains("master")))'
  within 60 journal_has '-p warning' 'any(.[]; .PRIORITY == "4" and .TANDEM_TYPE == "PeerLinkUp" and .TANDEM_STATUS == "False")'
  same '[]' "$(inside journalctl -u tandem -o json --no-pager _TRANSPORT=stdout _COMM=tandem | jq -sc 'map(.MESSAGE)')" 'what it wrote past the journal'
  ok 'in the journal each of its lines has a level and fields of its own'
}

is_started_again() { [ "$(inside systemctl show -P NRestarts tandem)" -ge 1 ] && is_state active; }

is_restarted_by_the_watchdog() {
  local first
  mkdir -p "$root/run" "$root/etc/systemd/system/tandem.service.d"
  printf '[Service]\nWatchdogSec=2\nTimeoutStopSec=1\nRestartSec=0\n' >"$root/etc/systemd/system/tandem.service.d/fast.conf"
  inside systemctl daemon-reload
  inside systemctl restart tandem
  first=$(main_pid tandem)
  inside kill -STOP "$first"
  within 60 is_started_again
  contains "$(inside journalctl -u tandem --no-pager -o cat)" 'Watchdog timeout'
  rm -r "$root/etc/systemd/system/tandem.service.d"
  inside systemctl daemon-reload
  inside systemctl restart tandem
  telephony_went_on 'when the operator hung'
  ok 'an operator that hangs is started again'
}

upgrades_and_touches_no_service() {
  local told operator declared
  operator=$(main_pid tandem)
  echo 'Port 2222' >>"$root/etc/tandem/ssh/config"
  declared=$(sha256sum "$root"/etc/tandem/*.yaml "$root/etc/xivo/ha.conf" "$root/var/lib/tandem/accepted-pair.yaml")
  told=$(apt -o Dpkg::Options::=--force-confold install /opt/newer.deb) || fail "the package can not be upgraded: $told"
  contains "$told" 'systemctl restart tandem'
  same 99.0.0-1 "$(inside dpkg-query -W -f '${Version}' tandem)" 'the version'
  same "$operator" "$(main_pid tandem)" "the operator's process by an upgrade"
  contains "$(readlink "/proc/$(pgrep -P "$leader" -x tandem)/exe" || true)" 'deleted'
  grep -q '^Port 2222$' "$root/etc/tandem/ssh/config" || fail 'the edited conffile was overwritten'
  grep -q 'A newer default' "$root/etc/tandem/ssh/config.dpkg-dist" || fail 'the new conffile is not beside the edited one'
  same "$declared" "$(sha256sum "$root"/etc/tandem/*.yaml "$root/etc/xivo/ha.conf" "$root/var/lib/tandem/accepted-pair.yaml")" \
    'what is declared, kept and written'
  same enabled "$(inside systemctl is-enabled tandem)" 'the unit, enabled'
  telephony_went_on 'by an upgrade'
  inside systemctl restart tandem
  [ "$operator" != "$(main_pid tandem)" ] || fail 'the new program was not started'
  ok 'upgraded: the edited conffile is kept, no process was touched, a restart takes the new program up'
}

# remove_at_terminal ANSWER: by a person, who types that once they are asked. What they saw: $work/terminal.log.
remove_at_terminal() {
  local typist
  mkfifo "$work/typed"
  timeout 300 nsenter --all --target="$leader" --wd="$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
    script -qec 'apt-get -y remove tandem' /dev/null <"$work/typed" >"$work/terminal.log" 2>&1 &
  typist=$!
  exec 9>"$work/typed"
  within 60 grep -q 'given back first?' "$work/terminal.log"
  echo "$1" >&9
  wait "$typist" || true
  exec 9>&-
}

asks_before_a_removal() {
  local told operator
  operator=$(main_pid tandem)
  remove_at_terminal yes
  told=$(cat "$work/terminal.log")
  contains "$told" 'stopped as you asked'
  same 'install ok installed' "$(inside dpkg-query -W -f '${Status}' tandem)" 'the package'
  same "$operator" "$(main_pid tandem)" "the operator's process by a removal that was called off"
  ok 'a person is asked before a removal, and can stop it'
}

removes_without_anybody_to_ask() {
  local told kept
  kept=$(sha256sum "$root"/etc/tandem/*.yaml "$root/etc/tandem/ssh/config" "$root/etc/xivo/ha.conf" "$root/var/lib/tandem/accepted-pair.yaml")
  told=$(setsid --wait timeout 300 nsenter --all --target="$leader" --wd="$root" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    apt-get -qq -y -o Dpkg::Use-Pty=0 remove tandem </dev/null 2>&1) || fail "the package can not be removed: $told"
  contains "$told" 'systemctl disable --now tandem && tandem release'
  state_is inactive 'after the removal'
  [ ! -e "$root/usr/bin/tandem" ] && [ ! -e "$root/lib/systemd/system/tandem.service" ] || fail 'program or unit are left'
  same "$kept" "$(sha256sum "$root"/etc/tandem/*.yaml "$root/etc/tandem/ssh/config" "$root/etc/xivo/ha.conf" "$root/var/lib/tandem/accepted-pair.yaml")" \
    'what is declared, kept and written'
  telephony_went_on 'by a removal'
  ok 'removed with nobody to ask: it tells how to give the node back, stops the operator, and leaves the node as it is'
}

starts_nothing_when_installed_again() {
  apt install /opt/newer.deb >"$work/again.log" || fail 'the package can not be installed again'
  state_is inactive 'after it was installed again'
  grep -q '^Port 2222$' "$root/etc/tandem/ssh/config" || fail 'the edited conffile was overwritten'
  inside systemctl start tandem
  within 60 inside tandem health
  contains "$(inside tandem status || true)" 'Role      primary'
  ok 'installed again it starts nothing, and once started goes on where it was'
}

purges_and_leaves_nothing() {
  local told left
  local vendors=' \./(etc/xivo/ha\.conf|etc/cron\.d/xivo-ha-master|var/lib/wazo/is-primary|var/lib/wazo-provd/jsondb/configs/[a-z]+) '
  printf 'a note\n' >"$root/etc/tandem/notes.txt"
  mkdir -p "$root/etc/tandem/pki"
  touch "$root/etc/tandem/pki/ca.key" "$root/etc/tandem/pgpass" "$root/etc/tandem/.pair.yaml.tandem-a1b2c3"
  told=$(apt purge tandem) || fail "the package can not be purged: $told"
  contains "$told" '/etc/tandem/notes.txt'
  rm "$root/etc/tandem/notes.txt" && rmdir "$root/etc/tandem" || fail "more is left in /etc/tandem: $(ls -lAR "$root/etc/tandem")"
  # What Tandem wrote of the vendor's files stays: the node is as it was.
  left=$(diff <(echo "$before") <(everything) | grep '^[<>]' | grep -vE "$vendors" || true)
  same '' "$left" 'what a purge leaves'
  [ -e "$root/etc/xivo/ha.conf" ] && [ -e "$root/var/lib/wazo/is-primary" ] || fail "files of the vendor's went"
  same '' "$(cd "$root" && find run etc var/lib -xdev -path var/lib/dpkg -prune -o -path var/lib/apt -prune -o -iname '*tandem*' -print)" 'files of that name'
  same '' "$(inside sh -c 'debconf-show tandem')" "debconf's memory"
  telephony_went_on 'by a purge'
  ok "purged: nothing of Tandem's is left, everything of others is"
}
