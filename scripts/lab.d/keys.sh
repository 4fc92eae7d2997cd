# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The key by which the primary reaches its secondary. Needs nodes.sh and ssh.sh.

# sshd lets nobody in as root who is not root: without it there is no other node to log in on.
has_root() { [ "$(id -u)" -eq 0 ]; }

# On a real node the port is 22, and there is no such file.
write_ssh_config() { # NODE
  (umask 077 && mkdir -p "$dir/$1/root/etc/tandem/ssh")
  echo "Port ${ssh_port[$(peer_of "$1")]}" >"$dir/$1/root/etc/tandem/ssh/config"
}

host_key_of() { # NODE
  ssh-keygen -lf "$dir/$1/root/etc/ssh/ssh_host_ed25519_key.pub" | cut -d ' ' -f 2
}

init_pair() { # prints what the command tells
  tandem_on pbx-a init --accept-host-key "$(host_key_of pbx-b)" \
    --peer-command "$PWD/$program --operator $dir/pbx-b/operator.yaml" 2>&1
}

exchange_keys() {
  local answer status=0
  step 'tandem init on pbx-a: a key that may do what replication needs and no more, and a password'
  answer=$(init_pair) || status=$?
  quote <<<"$answer"
  [ "$status" -eq 0 ] || {
    bad "tandem init exits with $status"
    fail pbx-a 'tandem init on pbx-a'
    return
  }
  say 'in the authorized_keys of pbx-b:'
  sed 's/AAAA[^ ]*/AAAA.../' "$dir/pbx-b/root/root/.ssh/authorized_keys" | quote
  say 'again: everything is there'
  init_pair | quote
}
