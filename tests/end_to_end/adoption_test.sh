#!/usr/bin/env bash
# Adopt a node as it is, keep it, give it back: over the whole root every file is what it was, and from a wreck only
# what the plan named has changed. Then a pair of two nodes on one machine, adopted one after the other.
#   adoption_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"

work=$(mktemp -d)
pids=()
trap cleanup EXIT
export NO_COLOR=1
addresses=([1]=127.0.0.11 [2]=127.0.0.12)

port_of() { sed "s/.*\"$1\":\\([0-9]*\\).*/\\1/" "$node/ports"; }

# make_vendor_node NAME NUMBER PRODUCT ROLE: a node as the vendor's finished call leaves it, in a folder of its own.
make_vendor_node() {
  name=$1 number=$2 product=$3 role=$4
  node=$work/$name-$product-$role root=$work/$name-$product-$role/root
  own=${addresses[$number]} peer=${addresses[$((3 - number))]}
  mkdir -p "$root"/{etc/xivo,etc/cron.d,etc/default,usr/bin,usr/sbin,root/.ssh,run,"var/lib/$product"} "$node/state"
  "$wazo_sim" --root "$root" --state "$node/state" --die-with-parent >"$node/ports" 2>"$work/$name-$product-$role.log" &
  pids+=($!)
  within 60 test -s "$node/ports"
  : >"$root/usr/bin/$product-service"
  : >"$root/usr/bin/$product-sync"
  : >"$root/usr/sbin/xivo-check-master-status"
  : >"$root/usr/sbin/xivo-master-slave-db-replication"
  : >"$root/root/.ssh/xivo_id_rsa"
  printf '127.0.0.1 localhost\n%s pbx-a\n%s pbx-b\n' "${addresses[1]}" "${addresses[2]}" >"$root/etc/hosts"
  # What is nobody's business, with an owner and a mode of its own.
  echo "30 2 * * * root /usr/local/bin/nightly" >"$root/etc/cron.d/nightly"
  chown 33:33 "$root/etc/cron.d/nightly"
  chmod 0640 "$root/etc/cron.d/nightly"
  ln -s ../cron.d/nightly "$root/etc/default/link"
  vendor_role
  write_base
}

# The vendor's own call for the role; for XiVO, whose call has no stand-in, what it leaves.
vendor_role() {
  local type=master
  [ "$role" = primary ] || type=slave
  if [ "$product" = wazo ]; then
    vendor_call 204 "{\"node_type\": \"$type\", \"remote_address\": \"$peer\"}"
  else
    rm -rf "$root/var/lib/wazo"
    mkdir -p "$root/var/lib/xivo-provd"
    mv "$root/var/lib/wazo-provd/jsondb" "$root/var/lib/xivo-provd/"
    ln -s ../xivo-provd/jsondb "$root/var/lib/wazo-provd/jsondb"
    printf '{"node_type": "%s", "remote_address": "%s"}' "$type" "$peer" >"$root/etc/xivo/ha.conf"
    if [ "$role" = primary ]; then
      printf '0 * * * * root /usr/sbin/xivo-master-slave-db-replication %s >/dev/null\n0 * * * * root /usr/bin/xivo-sync >/dev/null\n' \
        "$peer" >"$root/etc/cron.d/xivo-ha-master"
      jq --arg ip "$peer" '.registrar_backup = $ip | .proxy_backup = $ip' \
        "$root/var/lib/xivo-provd/jsondb/configs/default" >"$node/default"
      vendor_registrar
    else
      printf '* * * * * root /usr/sbin/xivo-check-master-status %s >/dev/null\n' "$peer" >"$root/etc/cron.d/xivo-ha-slave"
      sed -i '/^listen_addresses/d' "$root/etc/postgresql/15/main/postgresql.conf"
      echo "listen_addresses = '*'" >>"$root/etc/postgresql/15/main/postgresql.conf"
      echo "host asterisk postgres $peer/32 trust" >>"$root/etc/postgresql/15/main/pg_hba.conf"
    fi
    chmod 0644 "$root"/etc/xivo/ha.conf "$root"/etc/cron.d/xivo-ha-*
  fi
  [ "$role" = primary ] || touch "$root/var/lib/$product/disabled"
}

token() {
  curl -sf -u tandem:tandem -H 'Content-Type: application/json' -d '{"expiration": 60}' \
    "http://127.0.0.1:$(port_of auth)/0.1/token" | jq -r .data.token
}
vendor_call() {
  local got
  got=$(curl -s -o "$node/answer" -w '%{http_code}' -X PUT -H "X-Auth-Token: $(token)" \
    -H 'Content-Type: application/json' -d "$2" "http://127.0.0.1:$(port_of confd)/1.1/ha")
  [ "$got" = "$1" ] || fail "PUT /ha answered $got: $(cat "$node/answer")"
}
vendor_registrar() {
  curl -sf -X PUT -H "X-Auth-Token: $(token)" -H 'Content-Type: application/json' \
    -d "{\"backup_host\": \"$peer\", \"proxy_backup_host\": \"$peer\"}" \
    "http://127.0.0.1:$(port_of confd)/1.1/registrars/default"
}

# What the operator of this node needs to know of this machine; import carries it over.
write_base() {
  printf 'username: tandem\npassword: tandem\n' >"$node/credentials.yaml"
  chmod 600 "$node/credentials.yaml"
  cat >"$node/base.yaml" <<YAML
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: $name
  root: $root
  stateDir: $node/tandem
  listen: 127.0.0.1:$((20000 + RANDOM % 12000))
  tokenFile: $node/token
  wazo:
    confd: http://127.0.0.1:$(port_of confd)/1.1
    provd: http://127.0.0.1:$(port_of provd)/0.2
    auth: http://127.0.0.1:$(port_of auth)/0.1
    credentialsFile: $node/credentials.yaml
YAML
}

# Every name below the root with its kind, mode, owner, time, target and content.
snapshot() {
  (cd "$root" && find . -path ./run -prune -o -printf '%p|%y|%m|%U:%G|%T@|%l|%i\n' | sort &&
    find . -path ./run -prune -o -type f -print0 | sort -z | xargs -0 sha256sum)
}
is_as_it_was() { [ "$(snapshot)" = "$before" ] || fail "$name-$product-$role, $1: $(diff <(echo "$before") <(snapshot))"; }

import() { "$tandem" import --operator "$node/base.yaml" --address "$own" "$@"; }
adopt() {
  expect 0 import --write "$node/etc"
  export TANDEM_OPERATOR=$node/etc/operator.yaml
}
allow() { sed -i "s/^  changes: .*/  changes: { allow: $1 }/" "$node/etc/pair.yaml"; }
start() {
  TANDEM_OPERATOR=$node/etc/operator.yaml "$tandem" run 2>>"$work/$name.operator.log" &
  operator=$!
  pids+=("$operator")
  within 60 "$tandem" health --operator "$node/etc/operator.yaml" >/dev/null
}
stop() {
  kill -TERM "$1"
  wait "$1" || fail "the operator ended with $?"
}

# A right node: import, run, release. Nothing of it changes.
right_node() {
  make_vendor_node "$@"
  echo "$name, $product, $role: adopted, kept, given back"
  before=$(snapshot)
  expect 0 import
  contains "$out" "address: $peer"
  [[ "$err" != *" found "* ]] || fail "a right node is told to be a wreck: $err"
  adopt
  is_as_it_was "after import"
  expect 0 "$tandem" validate "$node/etc/pair.yaml" "$node/etc/operator.yaml"
  expect 0 "$tandem" plan
  contains "$out" "Nothing to do"
  start
  "$tandem" status >"$node/status" 2>&1 || true
  contains "$(cat "$node/status")" "Next: changes.allow is none"
  allow reload
  expect 0 "$tandem" apply
  is_as_it_was "with its operator"
  expect 1 "$tandem" release --yes
  contains "$err" "systemctl disable --now tandem"
  stop "$operator"
  expect 1 "$tandem" release </dev/null
  contains "$err" "--yes"
  for _ in once again; do
    expect 0 "$tandem" release --yes
    contains "$out" "proves it"
    is_as_it_was "given back"
  done
  # An operator that is started by mistake keeps nothing any more.
  : >"$root/etc/xivo/ha.conf"
  expect 1 "$tandem" apply
  [ ! -s "$root/etc/xivo/ha.conf" ] || fail "a node that was given back is kept all the same"
}

files_of() { (cd "$root" && find . -path ./run -prune -o -type f -print0 | sort -z | xargs -0 sha256sum); }

# wreck_of STEP NAME: the vendor's call to make a secondary of this primary fails at the step.
wreck_of() {
  rm -rf "${node:?}/etc" "${node:?}/tandem"
  vendor_call 204 "{\"node_type\": \"master\", \"remote_address\": \"$peer\"}"
  curl -sf -d "{\"service\": \"sysconfd\", \"kind\": \"step\", \"step\": \"$1\", \"count\": 1}" \
    "http://127.0.0.1:$(port_of control)/faults" >/dev/null
  vendor_call 500 "{\"node_type\": \"slave\", \"remote_address\": \"$peer\"}"
  expect 0 import --write "$node/etc"
  contains "$err" "$2"
  export TANDEM_OPERATOR=$node/etc/operator.yaml
  local plan wrecked
  expect 2 "$tandem" plan -o json
  plan=$out
  [ "$(jq .summary.changes <<<"$plan")" -gt 0 ] || fail "the plan mends nothing: $plan"
  wrecked=$(files_of)
  allow reload
  expect 0 "$tandem" apply
  # Each file that is another now is one that the plan named.
  local path
  while read -r path; do
    case $path in
      ./etc/xivo/ha.conf) contains "$plan" '"ha-conf"' ;;
      ./var/lib/wazo-provd/*) contains "$plan" '"registrars"' ;;
      ./etc/postgresql/*) contains "$plan" '"postgres-access"' ;;
      *) contains "$plan" "${path#.}" ;;
    esac
  done < <(diff <(echo "$wrecked") <(files_of) | awk '/^[<>]/ { print $3 }' | sort -u)
  expect 0 "$tandem" plan
  # Where the server would not be reached without our line, the vendor's own takes its place.
  local conf=$root/etc/postgresql/15/main/postgresql.conf listens=false
  if grep -q 'kept by Tandem' "$conf"; then listens=true; fi
  before=$(snapshot | grep -v etc/postgresql)
  expect 0 "$tandem" release --yes
  [ "$(snapshot | grep -v etc/postgresql)" = "$before" ] ||
    fail "given back after a wreck: $(diff <(echo "$before") <(snapshot | grep -v etc/postgresql))"
  if grep -rq 'kept by Tandem' "$root/etc/postgresql"; then fail "lines of ours are left"; fi
  if "$listens" && [ "$(tail -n 1 "$conf")" != "listen_addresses = '*'" ]; then
    fail "the vendor's copy does not reach the server: $(tail -n 2 "$conf")"
  fi
}

# What makes the pair work by the vendor's means.
vendor_works() {
  local a=$work/pbx-a-wazo-primary/root b=$work/pbx-b-wazo-secondary/root
  grep -q "replication ${addresses[2]} " "$a/etc/cron.d/xivo-ha-master" || fail "$1: the primary does not copy"
  [ -e "$a/var/lib/wazo/is-primary" ] || fail "$1: no is-primary"
  grep -q "status ${addresses[1]} " "$b/etc/cron.d/xivo-ha-slave" || fail "$1: the secondary does not watch"
  [ -e "$b/var/lib/wazo/is-secondary" ] || fail "$1: no is-secondary"
  grep -q "^host asterisk postgres ${addresses[1]}/32 trust" "$b/etc/postgresql/15/main/pg_hba.conf" ||
    fail "$1: the copy is refused"
}

# one_after_the_other FIRST SECOND: each as "NAME NUMBER wazo ROLE".
one_after_the_other() {
  rm -rf "${work:?}"/pbx-*
  read -ra one <<<"$1"
  read -ra two <<<"$2"
  echo "${one[0]} is adopted, and ${two[0]} a day later"
  make_vendor_node "${two[@]}"
  make_vendor_node "${one[@]}"
  vendor_works "before"
  adopt
  start
  local first=$operator first_node=$node
  allow reload
  expect 0 "$tandem" apply
  vendor_works "one node is adopted"

  name=${two[0]} number=${two[1]} product=wazo role=${two[3]}
  node=$work/$name-wazo-$role root=$work/$name-wazo-$role/root own=${addresses[$number]}
  mkdir -p "$node/etc"
  cp "$first_node/etc/pair.yaml" "$node/etc/"
  expect 0 import --write "$node/etc"
  contains "$out" "is kept"
  cmp "$first_node/etc/pair.yaml" "$node/etc/pair.yaml" || fail "the copied declaration was changed"
  export TANDEM_OPERATOR=$node/etc/operator.yaml
  expect 0 "$tandem" plan
  start
  expect 0 "$tandem" apply
  vendor_works "both are adopted"
  stop "$operator"
  stop "$first"
  for given in "$node" "$first_node"; do
    export TANDEM_OPERATOR=$given/etc/operator.yaml
    expect 0 "$tandem" release --yes
    vendor_works "${given##*/} is given back"
  done
}

# Without the other node's name nothing is written; a copied declaration that calls this node by another name is refused.
made_up_names() {
  rm -rf "${work:?}"/pbx-*
  make_vendor_node pbx-b 2 wazo secondary
  echo "a name that was made up is never adopted"
  echo '127.0.0.1 localhost' >"$root/etc/hosts"
  before=$(snapshot)
  expect 0 import
  contains "$err" "--peer-name"
  expect 1 import --write "$node/etc"
  contains "$err" "tandem import --write $node/etc --peer-name NAME"
  [ ! -e "$node/etc/pair.yaml" ] || fail "a made-up name was written"
  expect 0 import --write "$node/etc" --peer-name pbx-a
  sed -i 's/"pbx-b"/"pbx-a-peer"/' "$node/etc/pair.yaml"
  rm "$node/etc/operator.yaml"
  expect 1 import --write "$node/etc"
  contains "$err" "pbx-a-peer"
  contains "$err" "this node is pbx-b"
  [ ! -e "$node/etc/operator.yaml" ] || fail "operator.yaml was written for a name that is not this node's"
  expect 0 import --write "$node/etc" --node pbx-a-peer
  is_as_it_was "after import"
}

right_node pbx-a 1 wazo primary
echo "from each wreck that the vendor's call leaves, only what the plan named is changed"
vendor_call 204 "{\"node_type\": \"master\", \"remote_address\": \"$peer\"}"
wreck_of ha_conf HaConfDamaged
wreck_of restart StoppedAfterHaConf
wreck_of cron StoppedAfterHaConf
wreck_of sentinels StoppedBeforeSentinels
right_node pbx-b 2 wazo secondary
right_node pbx-a 1 xivo primary
right_node pbx-b 2 xivo secondary
made_up_names
one_after_the_other "pbx-a 1 wazo primary" "pbx-b 2 wazo secondary"
one_after_the_other "pbx-b 2 wazo secondary" "pbx-a 1 wazo primary"
echo "all good"
