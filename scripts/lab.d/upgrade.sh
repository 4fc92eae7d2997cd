# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The walk of docs/upgrade.md: Tandem itself, PostgreSQL's major version, and the vendor's own upgrade, each on
# a pair that works. Needs drills.sh, access.sh and services.sh.

# A new program is another file: what runs goes on with the old one until it is started anew.
upgrade_tandem() { # NODE
  local before
  step "$1: Tandem is upgraded: stop, new program, start"
  before=$(fingerprint "$1")
  end_process "$1" || die "the operator of $1 does not end"
  cp "$program" "$dir/$1/tandem-new"
  mv "$dir/$1/tandem-new" "$dir/$1/tandem"
  start "$1" /dev/null "$dir/$1/operator.log" "$dir/$1/tandem" --operator "$dir/$1/operator.yaml" run
  expect 'the new operator is ready' "$1" is_ready "$1"
  expect 'as declared, without an order' "$1" is_as_declared "$1"
  untouched "$1" "$before"
}

# As Debian's pg_upgradecluster leaves it: the files of the new version are where the server says they are, and
# without what was added to the old ones.
change_major() { # NODE
  local old=$dir/$1/$pg_files new=$dir/$1/root/etc/postgresql/16/main
  owned "$dir/$1/root/etc/postgresql/16" "$new"
  cp -p "$old"/* "$new"
  sed -i -E 's#/etc/postgresql/15/main/#/etc/postgresql/16/main/#' "$new/postgresql.conf"
  sed -i '/^listen_addresses/d' "$new/postgresql.conf"
  sed -i '/127\.0\.0\.11/d' "$new/pg_hba.conf"
  systemctl_of "$1" restart postgresql.service
}
new_files_let_in() {
  local new=$dir/$1/root/etc/postgresql/16/main
  grep -q '^host.* asterisk tandem 127\.0\.0\.11/32' "$new/pg_hba.conf" &&
    grep -q '^listen_addresses = .*127\.0\.0\.12' "$new/postgresql.conf"
}
upgrade_postgresql() {
  drill asked pbx-b postgres-access "PostgreSQL's major version changes" change_major new_files_let_in
  tandem_on pbx-b apply --now >/dev/null 2>&1 || true
  expect 'the server listens on the declared address' pbx-b sql_listens pbx-b
  say "the server listens on: $(sql pbx-b 'SHOW listen_addresses')"
}
sql_listens() { [[ $(sql "$1" 'SHOW listen_addresses') == *127.0.0.12* ]]; }

lock_packages() { # NODE: as dpkg holds it, until the process is ended
  local home=$dir/$1
  mkdir -p "$home/root/var/lib/dpkg"
  : >>"$home/root/var/lib/dpkg/lock-frontend"
  start "$1-dpkg" "$home/dpkg.ready" "$home/dpkg.log" python3 -c '
import fcntl, sys, time
with open(sys.argv[1], "w") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(600)
' "$home/root/var/lib/dpkg/lock-frontend"
  wait_for 30 has_line "$home/dpkg.ready" || die "dpkg's lock could not be taken: $home/dpkg.log"
}

packages_are_locked() {
  pair_is "$1" '.status.conditions[] | select(.type == "UpgradeInProgress").reason == "PackagesLocked"'
}

# The vendor's own order: stop, disable, packages, enable, restart.
upgrade_vendor() { # NODE
  local before began ended service=$dir/$1/root/usr/bin/wazo-service
  step "$1: the vendor's upgrade: stop, disable, packages, enable, restart"
  "$service" stop
  "$service" disable
  lock_packages "$1"
  expect 'the upgrade is seen' "$1" condition_is "$1" UpgradeInProgress True
  look_again "$1"
  expect 'the lock of the packages is seen' "$1" packages_are_locked "$1"
  show_condition "$1" UpgradeInProgress
  say 'what the packages break meanwhile is left alone: ha.conf is edited'
  edit_ha_conf "$1"
  before=$(fingerprint "$1")
  look_again "$1"
  wait_for 3 false || true
  untouched "$1" "$before"
  end_process "$1-dpkg"
  "$service" enable
  "$service" start
  say 'the upgrade has ended; Tandem waits two minutes more'
  clock began
  if wait_for 150 ha_conf_is_right "$1" && clock ended; then
    good "ha.conf repaired $(shown_time "$((ended - began))") after it"
    note_row "$1: ha.conf, after the vendor's upgrade" 'own pass' "$(shown_time "$((ended - began))")"
  else
    note_failure "ha.conf after the vendor's upgrade" "$1"
  fi
}

walk_upgrade() {
  both upgrade_tandem
  upgrade_postgresql
  upgrade_vendor pbx-a
}
