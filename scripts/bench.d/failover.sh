# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# From the cut to the takeover, with the pairs of the end-to-end scenes: hosts in network namespaces.

readonly pairs_of_a_kind=4

# percentiles COLUMN KIND SAMPLES: median, p90, max in seconds, by nearest rank; and how many.
percentiles() {
  awk -v column="$1" -v kind="$2" '$1 == kind && $column != "-" { print $column }' "$3" | sort -n | awk '
    { value[NR] = $1 / 1000 }
    function rank(share, at) { at = int(NR * share); return value[at < NR * share ? at + 1 : (at < 1 ? 1 : at)] }
    END { printf "%.1f %.1f %.1f %d\n", rank(0.5), rank(0.9), value[NR], NR }'
}

row() { # KIND SAMPLES WORDS: a line of the table
  local median p90 most count answer_median answer_p90 answer_most vendor=${4-} vendor_median vendor_p90 vendor_most beside
  read -r median p90 most count < <(percentiles 2 "$1" "$2")
  read -r answer_median answer_p90 answer_most _ < <(percentiles 3 "$1" "$2")
  beside='never | -'
  if [ "$vendor" != never ]; then
    read -r vendor_median vendor_p90 vendor_most _ < <(percentiles 4 host "$2")
    beside="$vendor_median / $vendor_p90 / $vendor_most | $(awk -v a="$vendor_median" -v b="$median" 'BEGIN { printf "%.1f", a / b }')"
  fi
  printf '| %s | %d | %s / %s / %s | %s / %s / %s | %s |\n' "$3" "$count" "$median" "$p90" "$most" \
    "$answer_median" "$answer_p90" "$answer_most" "$beside"
}

failover_section() { # SAMPLES LOAD-BEFORE LOAD-AFTER
  local rows
  # shellcheck disable=SC2016  # the quotes of Markdown
  rows=$(
    row host "$1" "the primary's host, defaults (\`confirmHostDown: 20s\`)"
    row host6 "$1" "the primary's host, \`confirmHostDown: 6s\`"
    row sip "$1" 'Asterisk on a host that lives, defaults (`confirmServiceDown.failed: 30s`)' never
  )
  cat <<END
| what fails | n | cut to activation command: median / p90 / max | cut to own SIP answering | the vendor's detector: cut to its command | its median / ours |
|---|---|---|---|---|---|
$rows

Seconds. $(date -u +%F), $("$program" version), build \`$preset\`.
Machine: $(machine).
Load average (1 min) $2 at the start, $3 at the end.
END
}

bench_failover() {
  local samples=$dir/samples load_before load_after kind number rounds pids=() failed=false
  [ "$(id -u)" -eq 0 ] || die 'network namespaces need root'
  local file
  for file in "$units_stand_in" "$(command -v kamailio)" "$(command -v ping)"; do
    [ -x "$file" ] || die "missing: ${file:-kamailio or ping: scripts/install-deps test}"
  done
  export here=$PWD/tests/end_to_end/failover bench=$PWD/scripts/bench.d tandem=$PWD/$program wazo_sim=$PWD/$stand_in
  export systemd_sim=$PWD/$units_stand_in bus_config=$PWD/tests/systemd_sim/bus.conf NO_COLOR=1
  rounds=$(((count + pairs_of_a_kind - 1) / pairs_of_a_kind))
  read -r load_before _ </proc/loadavg
  for kind in host host6 sip; do
    step "$kind: $pairs_of_a_kind pairs at once, $rounds cuts each"
    pids=()
    for ((number = 1; number <= pairs_of_a_kind; number++)); do
      mkdir "$dir/$kind$number"
      net=bench$$-$kind$number home=$dir/$kind$number "$bench/failover_pair.sh" "$kind" "$rounds" "$samples" \
        >"$dir/$kind$number.log" 2>&1 &
      pids+=($!)
    done
    for number in "${pids[@]}"; do wait "$number" || failed=true; done
    ! "$failed" || die "a pair did not do what it should: $dir/$kind*.log"
    good "$(grep -c "^$kind " "$samples") measured"
  done
  read -r load_after _ </proc/loadavg
  step 'From the cut to the takeover'
  show_and_write failover "$(failover_section "$samples" "$load_before" "$load_after")"
}
