# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317  # some variables belong to the script that sources this, or to its other pieces
# What the program costs where nothing happens, beside what others cost. Needs the pieces of the lab, which it reads itself:
# some of their names are those of other benches.

readonly starts=10 scrapes=200
readonly wakeups=30 # a second, of the program that does nothing else
footprint_settle=30 # seconds of rest before it counts

read_lab() {
  local piece
  for piece in database ssh bans programs vendor keys drills breaks story services access takeover replication; do
    # shellcheck source=/dev/null
    . "scripts/lab.d/$piece.sh"
  done
  # What lasts is as by default: probes, times, intervals.
  write_failover_pair() { write_pair "$1" documented true tandem '{ owner: tandem }'; } # NODE
}

# A line of numbers of each, kept.
take() { # WHEN
  local name
  for name in "${measured[@]}"; do
    printf '%s %s %s\n' "$name" "${EPOCHREALTIME/[.,]/}" "$(python3 scripts/bench.d/footprint_tree.py "${pid_of[$name]}")"
  done >"$dir/taken.$1"
}

# NAME WORDS: what it holds at the end, and what it used between.
rest_row() {
  paste -d ' ' <(grep "^$1 " "$dir/taken.before") <(grep "^$1 " "$dir/taken.after") | awk -v words="$2" -v hertz="$(getconf CLK_TCK)" '{
    seconds = ($11 - $2) / 1e6
    own = ($15 - $6) / hertz / seconds * 100; below = ($16 - $7) / hertz / seconds * 100
    printf "| %s | %d | %.1f | %.1f | %.1f | %.2f | %.2f | %.1f |\n", words, $18, $12 / 1024, $13 / 1024, $14 / 1024,
      own + below, own, ($17 - $8) / seconds
  }'
}

spread() { sort -n | awk '{ v[NR] = $1 } END { q = int(NR * 0.99); if (q < 1) q = 1; printf "%.1f / %.1f", v[int((NR + 1) / 2)], v[q] }'; }

scrape_times() { # NODE: milliseconds, a connection each
  local i
  for ((i = 0; i < scrapes; i++)); do
    curl -sf -o /dev/null --max-time 5 -w '%{time_total}\n' "http://${listen[$1]}/metrics"
  done | awk '{ print $1 * 1000 }'
}
start_times() { # NODE: milliseconds; its operator must not run
  local i
  for ((i = 0; i < starts; i++)); do
    python3 scripts/bench.d/first_pass.py "$dir/$1/operator.log" "${listen[$1]}" "$program" --operator "$dir/$1/operator.yaml" run ||
      die "no first pass on $1"
  done
}

package_size() {
  local file
  file=$(find "build/$preset/package" -name '*.deb' 2>/dev/null | head -n 1)
  if [ -n "$file" ]; then awk -v b="$(stat -c %s "$file")" 'BEGIN { printf "%.2f MB", b / 1e6 }'; else echo 'not measured in this run'; fi
}
# What scripts/test-container measured last, if it ran here.
image_size() {
  local said
  said=$(sed -n 's/^.*image: \([0-9.]* MB over its base\).*/\1/p' build/test-container.log 2>/dev/null | tail -n 1)
  echo "${said:-not measured in this run}"
}

footprint_tables() { # LOAD-BEFORE LOAD-AFTER
  cat <<TEXT
| at rest, $minutes minutes | processes | RSS, MiB | PSS | private | CPU, % of a core | of it its own | wakeups a second |
|---|---|---|---|---|---|---|---|
$(rest_row pbx-a 'tandem on the primary, which serves')
$(rest_row pbx-b 'tandem on the secondary, which stands by')
$(rest_row waker "a program that wakes $wakeups times a second and does nothing (\`waker.cc\`)")
$(rest_row vendor-minute "the vendor's minute check on a secondary, restated")
$(rest_row keepalived "keepalived $(version_of keepalived), one VRRP instance, master")
$(rest_row patroni "patroni $(version_of patroni), one PostgreSQL, which is not counted")
$(rest_row etcd "etcd $(version_of etcd-server), which patroni needs")

| | measured | goal |
|---|---|---|
| start to first pass, primary: median / p99 of $starts | $(spread <"$dir/starts.pbx-a") ms | 200 ms |
| start to first pass, secondary | $(spread <"$dir/starts.pbx-b") ms | 200 ms |
| a scrape of \`/metrics\`, primary: median / p99 of $scrapes | $(spread <"$dir/scrapes.pbx-a") ms | 5 ms |
| a scrape of \`/metrics\`, secondary | $(spread <"$dir/scrapes.pbx-b") ms | 5 ms |
| the package | $(package_size) | |
| the image | $(image_size) | 60 MB over its base |

Goals at rest: RSS under 25 MiB, CPU under 0.2 % of a core. $(date -u +%F), $("$program" version), build \`$preset\`.
Machine: $(machine).
Load average (1 min) $1 at the start, $2 at the end.
TEXT
}
version_of() { dpkg-query -W -f '${Version}' "$1" | sed 's/^[0-9]*://; s/-.*//'; }

bench_footprint() {
  local load_before load_after node text measured=(pbx-a pbx-b waker vendor-minute keepalived patroni etcd) etcd_port patroni_port
  has_root_here || die 'network namespaces and the replication of the lab need root'
  trap 'remove_net; finish' EXIT
  # No unit has these of a developer's machine: OpenSSL then reads every authority there is at each start.
  unset SSL_CERT_FILE SSL_CERT_DIR
  chmod 0711 "$dir"
  wait_limit=90
  read_lab
  step 'keepalived, etcd, patroni, and the check of the vendor'
  start_keepalived
  start_etcd
  start_patroni
  start_vendor_minute
  start_waker
  step 'A pair with both duties Tandem'\''s, and all else as by default'
  make_whole_pair
  step "$minutes minutes at rest"
  wait_for "$footprint_settle" false || true
  load_before=$(cut -d ' ' -f 1 /proc/loadavg)
  take before
  sleep $((minutes * 60))
  take after
  load_after=$(cut -d ' ' -f 1 /proc/loadavg)
  step "Scrapes and starts"
  for node in pbx-a pbx-b; do
    scrape_times "$node" >"$dir/scrapes.$node"
  done
  for node in pbx-a pbx-b; do
    end_process "$node"
    start_times "$node" >"$dir/starts.$node"
    run_operator "$node"
    wait_for 20 is_ready "$node" || die "the operator does not start again: $dir/$node/operator.log"
  done
  text=$(footprint_tables "$load_before" "$load_after")
  show_and_write footprint "$text"
}
has_root_here() { [ "$(id -u)" -eq 0 ]; }
