# A Debian of the test's own, booted by systemd-nspawn without network. Sourced by node_test.sh.
# shellcheck shell=bash disable=SC2154,SC2034

nspawn='' leader=''

# What the package asks for, and systemd with its bus. Nothing is fetched later.
make_root() {
  local wanted
  wanted=$(dpkg-deb --field "$package" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g')
  mkdir "$root"
  if [ -n "${TANDEM_PACKAGE_BASE-}" ]; then
    tar -C "$root" -xf "$TANDEM_PACKAGE_BASE"
    return
  fi
  "$here/../../scripts/test-container.d/apt-sources" bookworm updates >"$work/bookworm.list"
  TMPDIR=$work mmdebstrap --variant=minbase --include="systemd,dbus,$wanted" \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io \
    bookworm "$root" "$work/bookworm.list" >"$work/root.log" 2>&1 || fail "mmdebstrap ended with $?"
}

boot() {
  setsid systemd-nspawn --directory="$root" --register=no --keep-unit --private-network --quiet --console=pipe --boot \
    systemd.mask=systemd-journal-catalog-update.service </dev/null >"$work/machine.log" 2>&1 &
  nspawn=$!
  within 60 has_leader
  within 60 is_up
}
has_leader() { leader=$(pgrep -P "$nspawn" -x systemd); }
is_up() { inside systemctl is-active --quiet multi-user.target; }

# inside COMMAND...: in the machine, with nobody there to ask.
inside() {
  nsenter --all --target="$leader" --wd="$root" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 NO_COLOR=1 "$@" </dev/null
}

# apt COMMAND...: as a script of an administrator calls it.
apt() {
  timeout 300 nsenter --all --target="$leader" --wd="$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1
}

main_pid() { inside systemctl show -P MainPID "$1.service"; }

# Every file with its kind, mode, owner, size and time; but for what a package manager and a running system write.
everything() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp -o -path ./var/tmp \
    -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/lib/systemd/timers \
    -o -path ./opt \) -prune -o \( -type d -printf '%p %y %m %u %g\n' -o -printf '%p %y %m %u %g %s %T@ %l\n' \) | sort)
}

take_down() {
  local status=$?
  trap '' HUP INT TERM
  set +e
  if [ -n "$leader" ]; then inside timeout 10 systemctl poweroff --force --force >/dev/null 2>&1; fi
  if [ -n "$nspawn" ]; then
    for _ in $(seq 100); do kill -0 "$nspawn" 2>/dev/null && sleep 0.1; done
    [ -z "$leader" ] || kill -KILL "$leader" 2>/dev/null
    kill -KILL "$nspawn" 2>/dev/null
    wait "$nspawn" 2>/dev/null
  fi
  rm -rf "$work"
  exit "$status"
}
