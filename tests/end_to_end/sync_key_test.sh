#!/usr/bin/env bash
# The restricted key between two nodes, by a real sshd, ssh and rsync: `tandem init` on both, what the key may do,
# and everything that it may not.
#   sync_key_test.sh TANDEM
# shellcheck disable=SC2154,SC2016,SC2088    # out and err come from node.sh; some words are for another shell, or for none
set -euo pipefail
tandem=$1
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"

for program in sshd ssh ssh-keygen ssh-keyscan ssh-agent rsync unshare; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || { echo "$program is missing"; exit 1; }
done

work=$(mktemp -d)
pids=()
trap cleanup EXIT
export NO_COLOR=1
address_a=127.0.31.1 address_b=127.0.31.2 stranger=127.0.31.9
a=$work/a b=$work/b
keys=$b/root/root/.ssh/authorized_keys

# --- two nodes and the sshd of one ----------------------------------------------------------------

make_side() { # FOLDER NAME
  mkdir -p "$1"/root/{etc/xivo,etc/cron.d,root,var/lib/wazo,var/lib/asterisk/moh,var/spool/asterisk/voicemail/default} "$1/ssh"
  cat >"$1/pair.yaml" <<YAML
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: lab }
spec:
  product: wazo
  primary: { name: pbx-a, address: $address_a }
  secondary: { name: pbx-b, address: $address_b }
  replication: { owner: vendor, files: { directories: ["/srv/our files"] } }
YAML
  cat >"$1/operator.yaml" <<YAML
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: $2
  pair: $1/pair.yaml
  root: $1/root
  stateDir: $1/state
  listen: 127.0.0.1:1
  tokenFile: $1/token
  sshDir: $1/ssh
  wazo: { confd: "http://127.0.0.1:1/1.1", provd: "http://127.0.0.1:1/0.2", auth: "http://127.0.0.1:1/0.1", credentialsFile: $1/none }
  postgres: { passwordFile: $1/pgpass }
YAML
}

on_a() { "$tandem" --operator "$a/operator.yaml" "$@"; }
on_b() { "$tandem" --operator "$b/operator.yaml" "$@"; }

port=$((20000 + RANDOM % 10000))
start_sshd() {
  cat >"$b/sshd_config" <<CONFIG
ListenAddress $address_b:$port
HostKey $b/host_key
AuthorizedKeysFile $keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitTTY yes
SetEnv HOME=$b
Subsystem sftp internal-sftp
CONFIG
  # It wants the folder /run/sshd, and gets one that nobody else sees.
  unshare --mount --propagation private sh -c \
    'mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$1"' \
    sshd "$b/sshd_config" 2>>"$work/sshd.log" &
  sshd=$!
  pids+=("$sshd")
  within 20 sshd_answers
}
sshd_answers() { (: <>"/dev/tcp/$address_b/$port") 2>/dev/null; }
stop_sshd() {
  kill "$sshd"
  wait "$sshd" 2>/dev/null || true
}

# ssh with the restricted key and nothing else, as a thief would use it; FROM is where it comes from.
thief() { # FROM ARGUMENTS...
  local from=$1
  shift
  env -u SSH_AUTH_SOCK ssh -F none -p "$port" -b "$from" -i "$a/ssh/id_ed25519" -o IdentitiesOnly=yes \
    -o BatchMode=yes -o UserKnownHostsFile="$a/ssh/known_hosts" -o StrictHostKeyChecking=yes "$@"
}
by_key() { thief "$address_a" "root@$address_b" "$@"; }
copy() { # RSYNC'S ARGUMENTS...
  env -u SSH_AUTH_SOCK rsync -e "ssh -F none -p $port -b $address_a -i $a/ssh/id_ed25519 -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=$a/ssh/known_hosts -o StrictHostKeyChecking=yes" "$@"
}
# refused COMMAND...: it fails, and the gate says so.
refused() {
  local got=0
  out=$("$@" 2>&1 </dev/null) || got=$?
  [ "$got" -ne 0 ] || fail "was let through: $* ($out)"
  [[ $out == *refused* ]] || fail "no word of the gate: $* ($out)"
}

make_side "$a" pbx-a
make_side "$b" pbx-b
echo "Port $port" >"$a/ssh/config"
ssh-keygen -q -t ed25519 -N '' -f "$b/host_key"
fingerprint=$(ssh-keygen -lf "$b/host_key.pub" | cut -d' ' -f2)

# The administrator's way in, and a file that people have edited for years.
ssh-keygen -q -t ed25519 -N '' -f "$work/admin"
mkdir "$b/root/root/.ssh"
printf '# kept by hand\r\n\r\nfrom="10.0.0.0/8",command="echo \\"a b\\"" ssh-rsa AAAAB3 old\n%s' \
  "$(cat "$work/admin.pub")" >"$keys"
chmod 640 "$keys"
cp -p "$keys" "$work/keys.before"
eval "$(ssh-agent -s)" >/dev/null
pids+=("$SSH_AGENT_PID")
ssh-add -q "$work/admin"

# --- init ------------------------------------------------------------------------------------------

echo "without an sshd there, init says so and what to do"
expect 1 on_a init
contains "$err" "systemctl start ssh"
[ "$(stat -c %a "$a/ssh/id_ed25519")" = 600 ] || fail "mode of the key"
[ "$(stat -c %a "$a/pgpass")" = 600 ] || fail "mode of the password"
first_key=$(cat "$a/ssh/id_ed25519.pub")

start_sshd
echo "without a terminal it pins nothing, and tells how"
expect 1 on_a init
contains "$err" "tandem init --accept-host-key $fingerprint"
[ ! -e "$a/ssh/known_hosts" ] || fail "pinned without being told"
expect 1 on_a init --accept-host-key SHA256:another
contains "$err" "$fingerprint"
[ ! -e "$a/ssh/known_hosts" ] || fail "pinned another key"

echo "on the secondary it says what is missing"
expect 1 on_b init
contains "$out" "run on pbx-a"
expect 1 on_b init --print-authorized-key
contains "$err" "run this on pbx-a"

echo "one login installs one line, and every other byte stays"
peer="$tandem --operator $b/operator.yaml"
expect 0 on_a init --accept-host-key "$fingerprint" --peer-command "$peer" -o json
contains "$out" '"authorization": "installed"'
contains "$out" '"there": "kept"'
contains "$err" "5/5"
line=$(grep sync-gate "$keys")
contains "$line" "restrict,from=\"$address_a\",command=\"$tandem --operator $b/operator.yaml sync-gate\" $(cut -d' ' -f1,2 "$a/ssh/id_ed25519.pub")"
[ "$(cat "$a/ssh/id_ed25519.pub")" = "$first_key" ] || fail "a second key was made"
{ echo "$line" && cat "$work/keys.before"; } | cmp - "$keys" || fail "other bytes of authorized_keys changed"
[ "$(stat -c %a "$keys")" = 640 ] || fail "mode of authorized_keys"
cmp "$a/pgpass" "$b/pgpass" || fail "the nodes have two passwords"
[ "$(stat -c %a "$b/pgpass")" = 600 ] || fail "mode of the carried password"
secret=$(cut -d: -f5 "$a/pgpass")
if grep -rqF "$secret" "$work"/*.log "$work/stderr"; then fail "the password was logged"; fi

echo "the second time nothing changes"
before=$(stat -c '%n %i %Y %s' "$keys" "$a"/ssh/* "$a/pgpass" "$b/pgpass")
expect 0 on_a init --peer-command "$peer" -o json
contains "$out" '"authorization": "present"'
contains "$out" '"key": "present"'
[ "$before" = "$(stat -c '%n %i %Y %s' "$keys" "$a"/ssh/* "$a/pgpass" "$b/pgpass")" ] || fail "it wrote again"
expect 0 on_b init
contains "$out" "present"

echo "the line can be put there by hand"
expect 0 on_a init --print-authorized-key --peer-command "$peer"
[ "$out" = "$line" ] || fail "another line: $out"

# --- what the key may do ---------------------------------------------------------------------------

echo "facts, and no shell, terminal, file transfer or forwarding"
expect 0 by_key "tandem facts"
contains "$out" "$("$tandem" version -o json | sed -n 's/.*"version": "\(.*\)".*/\1/p')"
refused by_key
out=$(by_key -tt 2>&1 </dev/null) && fail "a terminal was opened"
contains "$out" "PTY allocation request failed"
refused by_key id
refused by_key "tandem facts; id"
# The words of the gate do not reach the client of a subsystem.
out=$(by_key -s sftp 2>&1 </dev/null) && fail "sftp was opened"
[ -z "$out" ] || fail "sftp answered: $out"
refused by_key "/usr/lib/openssh/sftp-server"
refused by_key "scp -t /root"
refused by_key "tandem run"
# A forwarded port is closed at once, and no agent comes along.
got=0
out=$(thief "$address_a" -o ExitOnForwardFailure=yes -R "127.0.0.1:$((port + 1)):127.0.0.1:$port" "root@$address_b" "tandem facts" 2>&1) || got=$?
[ "$got" -ne 0 ] || fail "a port was forwarded"
out=$(thief "$address_a" -W "127.0.0.1:$port" "root@$address_b" 2>&1 </dev/null) && fail "a connection was forwarded"
contains "$out" "prohibited"

echo "from= lets no other address in"
expect 255 thief "$stranger" "root@$address_b" "tandem facts"
contains "$err" "Permission denied"

echo "without a declaration in force nothing is copied"
mkdir -p "$work/src/sub"
echo music >"$work/src/a.wav"
printf 'x' >"$work/src/set-uid"
chmod 4755 "$work/src/set-uid"
moh=/var/lib/asterisk/moh
refused copy -rlpt "$work/src/" "root@$address_b:$moh/"
contains "$out" "tandem apply --structural"
on_b apply --structural --reason "a test" >/dev/null 2>&1 || true

echo "nothing is copied onto a node that serves"
refused copy -rlpt "$work/src/" "root@$address_b:$moh/"
contains "$out" "pbx-b serves"
: >"$b/root/var/lib/wazo/disabled"

echo "a copy into a declared directory works, deletes what is too much, and brings no set-uid"
touch "$b/root$moh/old"
copy -rlptgoHAz --delete --numeric-ids --timeout=60 --max-delete=100 "$work/src/" "root@$address_b:$moh/"
[ "$(cat "$b/root$moh/a.wav")" = music ] || fail "the copy did not arrive"
[ ! -e "$b/root$moh/old" ] || fail "the extra file is still there"
[ "$(stat -c %a "$b/root$moh/set-uid")" = 755 ] || fail "a set-uid file arrived"
[ ! -e "$moh/a.wav" ] || fail "it went into the host's own folder"
copy -rlpt "$work/src/" "root@$address_b:/srv/our files/"
[ "$(cat "$b/root/srv/our files/a.wav")" = music ] || fail "a folder with a blank"
copy -rlpt "$work/src/sub/" "root@$address_b:$moh/sub"

echo "each is on record, so that it can be ended; a disk that takes no record takes no copy"
incoming=$b/state/incoming
[ "$(stat -c %a "$incoming")" = 700 ] || fail "others look into the records"
[ "$(find "$incoming" -type f ! -name door | wc -l)" -le 1 ] || fail "records of dead copies are not removed"
mv "$incoming" "$work/incoming"
: >"$incoming"
refused copy -rlpt "$work/src/" "root@$address_b:$moh/"
contains "$out" "$incoming"
rm "$incoming"
copy -rlpt "$work/src/" "root@$address_b:$moh/"

echo "no copy begins while the operator there is about to serve"
exec 8<>"$incoming/door"
flock 8
refused copy -rlpt "$work/src/" "root@$address_b:$moh/"
contains "$out" "about to serve"
exec 8>&-
copy -rlpt "$work/src/" "root@$address_b:$moh/"

echo "reading: the harvest's directories, and no other"
echo message >"$b/root/var/spool/asterisk/voicemail/default/msg0000.txt"
copy -rlpt "root@$address_b:/var/spool/asterisk/voicemail/" "$work/harvest/"
[ "$(cat "$work/harvest/default/msg0000.txt")" = message ] || fail "nothing was harvested"
mkdir -p "$b/root/var/lib/asterisk/agi-bin"
refused copy -r "root@$address_b:/var/lib/asterisk/agi-bin/" "$work/stolen/"
refused copy -r "root@$address_b:/etc/" "$work/stolen/"
refused copy -r "root@$address_b:/root/.ssh/" "$work/stolen/"

echo "no way out of the declared directories"
for folder in /etc / /root/.ssh "$moh/../../../../etc" "/var/lib/asterisk" "/srv/our filesystem" relative '~/x'; do
  refused copy -r "$work/src/" "root@$address_b:$folder/"
done
ln -s /etc "$work/src/link"
copy -rlpt "$work/src/" "root@$address_b:$moh/"
[ -L "$b/root$moh/link" ] || fail "a link is copied as a link"
refused copy -r "$work/src/sub/" "root@$address_b:$moh/link/"
refused copy -r "$work/src/sub/" "root@$address_b:$moh/link/cron.d/"
rm "$work/src/link"
mkdir "$b/root/elsewhere"
ln -sfn ../../../../elsewhere "$b/root$moh/link"
refused copy -r "$work/src/" "root@$address_b:$moh/link/"
[ -z "$(ls "$b/root/elsewhere")" ] || fail "it wrote behind a link"

echo "no option leads out"
for option in --rsync-path="rsync --daemon" -RrK -b -s --backup-dir=/etc --temp-dir=/etc --partial-dir=/tmp \
  --link-dest=/etc --copy-links --keep-dirlinks --relative --devices --xattrs --fake-super --usermap=0:1 \
  --remote-option=--log-file=/tmp/x --remote-option=--config=/tmp/x --iconv=utf8; do
  case $option in --remote-option*) set -- "$option" -r ;; *) set -- -r "$option" ;; esac
  refused copy "$@" --suffix=x "$work/src/" "root@$address_b:$moh/"
done
refused copy --remove-source-files -r "root@$address_b:/var/spool/asterisk/voicemail/" "$work/harvest/"
[ -e "$b/root/var/spool/asterisk/voicemail/default/msg0000.txt" ] || fail "the harvest removed what it read"
refused by_key 'rsync --server -re.L . /var/lib/asterisk/moh/$(id)/'
refused by_key 'rsync --server -re.L . /var/lib/asterisk/moh/ ; touch /tmp/x'

echo "a password is taken once"
expect 1 by_key "tandem password" <<<"0123456789abcdef0123456789abcdef"
contains "$err" "holds another password"
cmp "$a/pgpass" "$b/pgpass" || fail "the key replaced the password"

# --- what goes wrong -------------------------------------------------------------------------------

echo "two passwords are told, with the way out"
cp -p "$b/pgpass" "$work/pgpass"
sed -i 's/[0-9a-f]\{8\}$/00000000/' "$b/pgpass"
expect 1 on_a init
contains "$err" "remove that file"
cp -p "$work/pgpass" "$b/pgpass"

echo "a key that others may read is told, with the way out"
chmod 644 "$a/ssh/id_ed25519"
expect 1 on_a init
contains "$err" "chmod 600 $a/ssh/id_ed25519"
chmod 600 "$a/ssh/id_ed25519"

echo "another host key is refused, until a person accepts it"
stop_sshd
rm "$b"/host_key*
ssh-keygen -q -t ed25519 -N '' -f "$b/host_key"
start_sshd
expect 1 on_a init
contains "$err" "--accept-host-key"
new=$(ssh-keygen -lf "$b/host_key.pub" | cut -d' ' -f2)
expect 1 on_a init --accept-host-key "$fingerprint"
expect 0 on_a init --accept-host-key "$new"
[ "$(wc -l <"$a/ssh/known_hosts")" = 1 ] || fail "two host keys are pinned"
expect 0 by_key "tandem facts"

echo "a read-only disk is told, and nothing is half done"
cp -p "$keys" "$work/keys.now"
sed -i '/sync-gate/d' "$keys"
cp -p "$keys" "$work/keys.without"
read_only() {
  unshare --mount --propagation private sh -c \
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"' \
    ro "$b/root/root/.ssh" "$tandem" --operator "$b/operator.yaml" init --authorize <"$a/ssh/id_ed25519.pub"
}
expect 1 read_only
contains "$err" "Read-only file system"
cmp "$keys" "$work/keys.without" || fail "it wrote to a read-only disk"
expect 0 on_b init --authorize <"$a/ssh/id_ed25519.pub"
cmp "$keys" "$work/keys.now" || fail "not the same line again"

echo "the vendor's key logs in by itself"
mkdir -p "$a/root/root/.ssh"
mv "$work/admin" "$a/root/root/.ssh/xivo_id_rsa"
ssh-add -q -D
sed -i '/sync-gate/d' "$keys"
expect 0 on_a init --peer-command "$peer" -o json
contains "$out" '"authorization": "installed"'
contains "$err" "the vendor's key"

echo "nobody can log in: the line to paste is named"
rm "$a/root/root/.ssh/xivo_id_rsa"
sed -i '/sync-gate/d' "$keys"
expect 1 on_a init --peer-command "$peer"
contains "$err" "--print-authorized-key"
echo "all good"
