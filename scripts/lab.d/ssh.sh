# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# A private sshd for each node, with its host keys and its authorized_keys below the node's root. Needs
# nodes.sh.

declare -gA ssh_port=()

make_ssh() { # NODE
  local home=$dir/$1
  mkdir -p "$home"/root/{etc/ssh,etc/tandem,root/.ssh}
  chmod 0700 "$home"/root/root/.ssh "$home"/root/root
  ssh-keygen -q -t ed25519 -N '' -C "root@$1" -f "$home/root/etc/ssh/ssh_host_ed25519_key"
}

# The vendor's own key, with which its hourly copy logs in on the other node as root.
make_vendor_key() {
  ssh-keygen -q -t ed25519 -N '' -C root@pbx-a -f "$dir/pbx-a/root/root/.ssh/xivo_id_rsa"
  (umask 077 && cp "$dir/pbx-a/root/root/.ssh/xivo_id_rsa.pub" "$dir/pbx-b/root/root/.ssh/authorized_keys")
}

# Who may log in is what the node's own authorized_keys says; the checks of the folders above it would
# look at the folder of the lab, which may be below /tmp. Debian's bash reads ~/.bashrc where sshd starts it: a node of
# the lab has its own home, and nothing of whoever runs the lab.
write_sshd_config() { # NODE
  local home=$dir/$1
  cat >"$home/root/etc/ssh/sshd_config" <<END
ListenAddress ${address[$1]}:${ssh_port[$1]}
HostKey $home/root/etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile $home/root/root/.ssh/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
SetEnv HOME=$home/root/root
Subsystem sftp internal-sftp
END
}

# As root sshd wants the folder /run/sshd. Where the host has none, this sshd sees one of its own.
# shellcheck disable=SC2016  # expanded by the shell that it is given to
sshd_command() {
  if [ "$(id -u)" -ne 0 ] || [ -d /run/sshd ]; then
    echo 'exec /usr/sbin/sshd -D -e -f "$1"'
  else
    # The folder of the mounts is the server's own; what else is in /run it sees as before.
    echo 'mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$1"'
  fi
}

run_sshd() { # NODE
  local apart=()
  [ "$(id -u)" -ne 0 ] || [ -d /run/sshd ] || apart=(unshare --mount --propagation private)
  start "$1-sshd" /dev/null "$dir/$1/sshd.log" ${apart[@]+"${apart[@]}"} \
    sh -c "$(sshd_command)" sshd "$dir/$1/root/etc/ssh/sshd_config"
  wait_for 5 ssh_answers "$1"
}

start_ssh() { # NODE
  for _ in 1 2 3; do
    ssh_port[$1]=$(free_port "${address[$1]}")
    write_sshd_config "$1"
    if run_sshd "$1"; then return; fi
  done
  tail -n 3 "$dir/$1/sshd.log" >&2
  die "the sshd of $1 does not start: $dir/$1/sshd.log"
}
ssh_answers() { (: <>"/dev/tcp/${address[$1]}/${ssh_port[$1]}") 2>/dev/null; }
