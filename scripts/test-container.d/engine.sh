# shellcheck shell=bash
# shellcheck disable=SC2154,SC2317  # some variables belong to the script that sources this, or to its other pieces
# A Docker engine of our own, all of it below $work; and the end of exactly what it started.

readonly label="tandem-container-$$"   # of our control groups and containerd's namespaces
engine_ns=''                           # its network namespace, once it has one of its own

# Two configurations of one engine. While images are built it makes no link and no rule, and RUN lines reach
# the package mirror through the machine's own network. While containers run it is inside a network namespace,
# so that bridges, NAT and rules are made there.
write_engine_config() {
  local common
  common=$(jq -n --arg work "$work" --arg group "/$label" '{
    "data-root": "\($work)/data", "exec-root": "\($work)/exec", "pidfile": "\($work)/docker.pid",
    "hosts": ["unix://\($work)/docker.sock"], "storage-driver": "overlay2",
    "exec-opts": ["native.cgroupdriver=cgroupfs"], "cgroup-parent": $group}')
  jq '. + {"bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false, "ip-masq": false}' \
    <<<"$common" >"$work/build.json"
  printf '%s\n' "$common" >"$work/run.json"
}

engine_pid() { cat "$work/docker.pid" 2>/dev/null; }
engine_answers() { docker info >/dev/null 2>&1; }
is_alive() { [ -n "${1-}" ] && [ -r "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat" 2>/dev/null; }
is_over() { ! is_alive "$1"; }

# Its own session, so that Ctrl-C is for the script alone.
start_engine() { # CONFIG [COMMAND]...
  local config=$1 pid
  shift
  # The namespaces: a containerd of the machine's would be used as well.
  "$@" setsid dockerd --config-file "$config" --containerd-namespace "$label" \
    --containerd-plugins-namespace "$label-plugins" >>"$work/dockerd.log" 2>&1 </dev/null &
  pid=$!
  disown "$pid"
  answers_or_ended() { engine_answers || is_over "$pid"; }
  wait_for 60 'the Docker engine answers' answers_or_ended
  is_alive "$pid" || die 'the Docker engine ended at once'
}

start_engine_for_builds() { start_engine "$work/build.json"; }
start_engine_for_runs() {
  # shellcheck disable=SC2016    # expanded by the inner shell
  start_engine "$work/run.json" unshare --net \
    sh -c 'ip link set lo up && ip address add "$1/32" dev lo && shift && exec "$@"' _ "$host_address"
  engine_ns=/proc/$(engine_pid)/ns/net
}
in_engine_network() { nsenter --net="$engine_ns" "$@"; }

# TERM, and KILL after a while; it is fine if it does not run.
end_pid() { # PID SECONDS
  is_alive "${1-}" || return 0
  kill -TERM "$1" 2>/dev/null || true
  within "$2" is_over "$1" && return 0
  kill -KILL "$1" 2>/dev/null || true
  within 5 is_over "$1"
}
stop_engine() {
  end_pid "$(engine_pid)" 40
  engine_ns=''
}

# Every process that came of our engine: those in its control groups, and those that name the work folder.
all_ours() {
  local file pid
  {
    find /sys/fs/cgroup -maxdepth 6 -path "*/$label/*" -name cgroup.procs -exec cat {} + 2>/dev/null || true
    for file in /proc/[0-9]*/cmdline; do
      pid=${file//[^0-9]/}
      if [ "$pid" = "$$" ] || [ "$pid" = "$BASHPID" ]; then continue; fi
      if grep -aqsF -- "$work/" "$file"; then echo "$pid"; fi
    done
  } | sort -un
}
our_mounts() { awk -v work="$work/" 'index($5, work) == 1 { print $5 }' /proc/self/mountinfo | sort -r; }
our_groups() { find /sys/fs/cgroup -maxdepth 3 -type d -name "$label" 2>/dev/null; }

# Takes away what an engine leaves: at its regular end a mount and empty control groups; after an accident
# anything. Says what would not go.
remove_leftovers() {
  local pid mount group
  for pid in $(all_ours); do end_pid "$pid" 2 || echo "process $pid does not end" >&2; done
  for mount in $(our_mounts); do umount "$mount" 2>/dev/null || umount -l "$mount" || true; done
  for group in $(our_groups); do find "$group" -depth -type d -exec rmdir {} \; || true; done
}
remove_work() { rm -rf --one-file-system -- "$work"; }

# What of the machine's own network an engine might change.
machine_network() {
  ip -o link | awk -F ': ' '{ print $2 }' | sort
  iptables-save 2>/dev/null | sed '/^#/d; s/\[[0-9:]*\]//'
  ip6tables-save 2>/dev/null | sed '/^#/d; s/\[[0-9:]*\]//'
  cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/all/forwarding /proc/sys/net/ipv6/conf/all/forwarding
  ls /run/netns 2>/dev/null || true
}
