# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# From the damage of a watched file to its repair.

is_steady() {
  pair_is pbx-a '[.status.conditions[] | select(.type == "Converged" or .type == "FilesWatched").status] == ["True", "True"]'
}

# The operator repairs a resource five times in ten minutes before it takes the damage for a fight with
# somebody and slows down. The bench is such a somebody; an operator that has just started has not seen it.
fresh_operator() {
  end_process pbx-a
  run_operator pbx-a
  wait_for 20 is_steady || die "the operator is not steady: $dir/pbx-a/operator.log"
}

# KIND NANOSECONDS lines to rows of a table in milliseconds; percentiles by nearest rank.
rows() {
  local kind words
  while read -r kind words; do
    grep "^$kind " "$1" | sort -k 2 -n | awk -v words="$words" '
      { value[NR] = $2 / 1e6 }
      function rank(share, at) { at = int(NR * share); return value[at < NR * share ? at + 1 : (at < 1 ? 1 : at)] }
      END {
        printf "| %s | %d | %.1f | %.1f | %.1f | %.1f | %.1f | never |\n",
          words, NR, value[1], rank(0.5), rank(0.95), rank(0.99), value[NR]
      }'
  done <<'END'
edited `ha.conf` edited in place
truncated `ha.conf` truncated
renamed `ha.conf` replaced by rename, as editors do
removed `ha.conf` removed
sentinel `is-primary` removed
END
}

section() { # SAMPLES LOAD-BEFORE LOAD-AFTER
  cat <<END
| damage | n | min | median | p95 | p99 | max | the vendor's way |
|---|---|---|---|---|---|---|---|
$(rows "$1")

Milliseconds. $(date -u +%F), $("$program" version), release build.
Machine: $(machine).
Load average (1 min) $2 at the start, $3 at the end.
END
}

bench_drift() {
  local timer=$dir/drift_timer samples=$dir/samples load_before load_after seed round
  g++ -std=c++20 -O2 -Wall -Wextra -Wconversion -Werror -o "$timer" scripts/bench.d/drift_timer.cc
  step 'A node that is as declared'
  make_node pbx-a
  start_stand_in pbx-a
  start_operator pbx-a
  tandem_on pbx-a apply --structural --reason bench >/dev/null 2>"$dir/apply" ||
    die "it does not converge: $dir/apply, $dir/pbx-a/operator.log"
  good 'converged'

  step "$count rounds of five damages; the operator is restarted between rounds, outside the timing"
  read -r load_before _ </proc/loadavg
  seed=$((${EPOCHREALTIME/[.,]/} % 1000000))
  say "seed $seed"
  for ((round = 1; round <= count; round++)); do
    fresh_operator
    "$timer" "$dir/pbx-a/root" "$((seed + round))" >>"$samples" || die "a damage was not repaired"
    if [ -t 1 ]; then printf '\r    %d of %d' "$round" "$count"; fi
  done
  [ ! -t 1 ] || printf '\n'
  read -r load_after _ </proc/loadavg

  step 'From the damage to the repair'
  show_and_write drift "$(section "$samples" "$load_before" "$load_after")"
}
