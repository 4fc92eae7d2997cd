# One node in a folder: a root laid out like a real one, the stand-in for Wazo, an operator.
# Sourced by the tests; needs $tandem and $wazo_sim; sim_options are given to the latter.
# shellcheck shell=bash disable=SC2154,SC2034

fail() {
  echo "FAILED: $*" >&2
  for log in "$work"/*.log; do
    echo "--- $log" >&2
    tail -n 30 "$log" >&2
  done
  exit 1
}

# expect STATUS COMMAND...: runs it, keeps its output in $out, and wants this exit status.
expect() {
  local wanted=$1 got=0
  shift
  out=$("$@" 2>"$work/stderr") || got=$?
  err=$(cat "$work/stderr")
  [ "$got" -eq "$wanted" ] || fail "'$*' ended with $got instead of $wanted: $out $err"
}

contains() { [[ "$1" == *"$2"* ]] || fail "expected '$2' in: $1"; }

# within SECONDS COMMAND...: until it succeeds. What is not so at once is asked seldom: each question starts programs,
# which take the processor from what is waited for.
within() {
  local tries=$(($1 * 10)) pause=0.02
  shift
  while ! "$@" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "not within its time: $*"
    sleep "$pause"
    [ "$pause" != 0.02 ] && pause=0.1 || pause=0.05
  done
}

is_converged() {
  "$tandem" get conditions -o json | tr -d ' \n' | grep -q '"type":"Converged","status":"True"'
}

cleanup() {
  local pid
  for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}

make_node() {
  work=$(mktemp -d)
  pids=()
  trap cleanup EXIT
  root=$work/root
  mkdir -p "$root"/{etc/xivo,etc/cron.d,var/lib/wazo,root/.ssh,run} "$work/state"
  : >"$root/root/.ssh/xivo_id_rsa" # the vendor's key for its copy of files
  "$wazo_sim" --root "$root" --state "$work/state" --die-with-parent ${sim_options[@]+"${sim_options[@]}"} >"$work/ports" 2>"$work/sim.log" &
  pids+=($!)
  within 20 test -s "$work/ports"
  confd=$(sed 's/.*"confd":\([0-9]*\).*/\1/' "$work/ports")
  provd=$(sed 's/.*"provd":\([0-9]*\).*/\1/' "$work/ports")
  auth=$(sed 's/.*"auth":\([0-9]*\).*/\1/' "$work/ports")
  sysconfd=$(sed 's/.*"sysconfd":\([0-9]*\).*/\1/' "$work/ports")
  control=http://127.0.0.1:$(sed 's/.*"control":\([0-9]*\).*/\1/' "$work/ports")
  # Below the ports that the kernel gives to whoever connects somewhere.
  listen=127.0.0.1:$((20000 + RANDOM % 12000))

  printf 'username: tandem\npassword: tandem\n' >"$work/credentials.yaml"
  chmod 600 "$work/credentials.yaml"
  write_pair ""
  cat >"$work/operator.yaml" <<YAML
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: pbx-a
  pair: $work/pair.yaml
  root: $root
  stateDir: $work/tandem
  listen: $listen
  tokenFile: $work/token
  wazo:
    confd: http://127.0.0.1:$confd/1.1
    provd: http://127.0.0.1:$provd/0.2
    auth: http://127.0.0.1:$auth/0.1
    credentialsFile: $work/credentials.yaml
YAML
  export TANDEM_OPERATOR=$work/operator.yaml NO_COLOR=1
}

# The vendor copies, where nothing else is said: most stories have no database.
vendor_copies() { [[ $1 == *replication:* ]] || printf '\n  replication: { owner: vendor }'; }

# write_pair MORE: the declaration of a lab's pair, with these lines more.
write_pair() {
  cat >"$work/pair.new" <<YAML
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: lab }
spec:
  product: wazo
  primary: { name: pbx-a, address: 127.0.0.11 }
  secondary: { name: pbx-b, address: 127.0.0.12 }
$1$(vendor_copies "$1")
YAML
  mv "$work/pair.new" "$work/pair.yaml"
}

start_operator() {
  "$tandem" run 2>>"$work/operator.log" &
  operator=$!
  pids+=("$operator")
  within 30 "$tandem" health
}
