# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What the operators held during the soak: a sample of each every ten seconds, and whether it grew.

readonly sample_period=10
readonly rss_growth_kib=3072 rss_growth_percent=10 descriptor_growth=4
next_sample=0

# A sample: second of the course, node, process, RSS in KiB, descriptors, threads, 1 where the node rests.
sample() { # NODE
  local pid=${pid_of[$1]} rss threads descriptors quiet=0
  rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || return 0
  threads=$(awk '/^Threads/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || return 0
  descriptors=("/proc/$pid/fd/"*)
  if [ "$quiet_since" -gt 0 ] && [ $((SECONDS - quiet_since)) -ge 3 ]; then quiet=1; fi
  [ -n "$rss" ] || return 0
  echo "$((SECONDS - course_began)) $1 $pid $rss ${#descriptors[@]} $threads $quiet" >>"$dir/samples"
}
sample_if_due() {
  local period=$sample_period
  # A rest is short: it has more of them.
  [ "$quiet_since" -eq 0 ] || period=4
  [ $((SECONDS - next_sample)) -ge "$period" ] || return 0
  next_sample=$SECONDS
  both sample
}
last_samples() {
  local node
  for node in pbx-a pbx-b; do
    grep " $node " "$dir/samples" | tail -n 1 | awk '{ printf "%s: %.1f MiB, %d descriptors, %d threads; ", $2, $4 / 1024, $5, $6 }'
  done
}

# The longest life of the operator of NODE, and of it medians of the first and the last quarter after the warm-up.
# A line: life in s, samples, quiet ones, then RSS, descriptors (quiet), threads, each first and last; then "flat" or what grew.
growth() { # NODE
  awk -v node="$1" -v warm="$((minutes * 60 / 5))" -v kib="$rss_growth_kib" -v percent="$rss_growth_percent" \
    -v more="$descriptor_growth" '
    $2 == node { seen[$3]++; line[$3, seen[$3]] = $0; if (seen[$3] > seen[best]) best = $3 }
    function median(list, count,   i, j, t) {
      for (i = 2; i <= count; i++) for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
      return list[int((count + 1) / 2)]
    }
    function ends(column, only_quiet,   i, n, f, quarter, a, b, part, values) {
      n = 0
      for (i = 1; i <= seen[best]; i++) {
        split(line[best, i], f, " ")
        if (f[1] >= warm && (!only_quiet || f[7] == 1)) values[++n] = f[column]
      }
      if (n < 2) return "none none " n
      quarter = n < 4 ? 1 : int(n / 4)
      for (i = 1; i <= quarter; i++) { a[i] = values[i]; b[i] = values[n - quarter + i] }
      part = median(a, quarter)
      return part " " median(b, quarter) " " n
    }
    END {
      split(ends(4, 0), rss, " "); split(ends(5, 1), fds, " "); split(ends(6, 0), threads, " ")
      split(line[best, 1], first, " "); split(line[best, seen[best]], last, " ")
      said = ""
      if (rss[1] == "none" || fds[1] == "none") said = "too few samples"
      else {
        allowed = rss[1] * percent / 100; if (allowed < kib) allowed = kib
        if (rss[2] - rss[1] > allowed) said = said "memory grew; "
        if (fds[2] - fds[1] > more) said = said "descriptors grew; "
        if (threads[2] > threads[1]) said = said "threads grew; "
        if (said == "") said = "flat"
      }
      print last[1] - first[1], rss[3], fds[3], rss[1], rss[2], fds[1], fds[2], threads[1], threads[2], said
    }' "$dir/samples"
}

growth_rows() {
  local node life n quiet rss_a rss_b fds_a fds_b threads_a threads_b said
  for node in pbx-a pbx-b; do
    read -r life n quiet rss_a rss_b fds_a fds_b threads_a threads_b said < <(growth "$node")
    printf '| %s | %d | %d (%d) | %s → %s | %s → %s | %s → %s | %s |\n' "$node" "$life" "$n" "$quiet" \
      "$(in_mib "$rss_a")" "$(in_mib "$rss_b")" "$fds_a" "$fds_b" "$threads_a" "$threads_b" "${said%; }"
  done
}
in_mib() { if [ "$1" = none ]; then echo none; else awk -v k="$1" 'BEGIN { printf "%.1f MiB", k / 1024 }'; fi; }

# KIND and its words to a row: how often, the seconds until it was over, the bound, and what was late.
fault_rows() {
  local kind bound words
  while read -r kind _ _ _ bound words; do
    awk -v kind="$kind" -v bound="$bound" -v words="$words" '
      $1 == kind { n++; value[n] = $4; if ($3 == "late") late++; if ($3 == "never") never++ }
      END {
        for (i = 2; i <= n; i++)
          for (j = i; j > 1 && value[j - 1] > value[j]; j--) { t = value[j]; value[j] = value[j - 1]; value[j - 1] = t }
        if (n) printf "| %s | %d | %d | %d | %d | %d | %d |\n", words, n, value[int((n + 1) / 2)], value[n], bound, late, never
      }' "$dir/faults"
  done < <(faults)
}

# The operators' words on what went wrong, most frequent first: each fault leaves some, so they are told and not judged.
complaints() {
  sed -n 's/.*level=error.* msg="\([^"]*\)".*/\1/p' "$dir"/pbx-[ab]/operator.log | sort | uniq -c | sort -rn | sed -n '1,12p'
}

report() {
  cat <<TEXT
$next_id faults in $minutes minutes, seed $seed; $rests rests with both nodes as declared. Problems: ${#problems[@]}.

| operator | its life, s | samples (at rest) | RSS | descriptors at rest | threads | verdict |
|---|---|---|---|---|---|---|
$(growth_rows)

| fault | times | over after, s: median | max | bound | late | never |
|---|---|---|---|---|---|---|
$(fault_rows)

$([ "${#problems[@]}" -eq 0 ] || { printf 'Problems:\n\n' && printf -- '- %s\n' "${problems[@]//$dir\//}" && echo; })
$(date -u +%F), $("$program" version), build \`$preset\`.
Machine: $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort -u | paste -sd , -); Linux $(uname -r).
Load average (1 min) $load_before at the start, $(cut -d ' ' -f 1 /proc/loadavg) at the end.
TEXT
}

is_flat() { [[ $(growth "$1") == *' flat' ]]; }
has_passed() { [ "${#problems[@]}" -eq 0 ] && is_flat pbx-a && is_flat pbx-b; }

# Between the two marks of the page.
write_page() {
  local text page=docs/soak.md
  text=$(cat)
  {
    sed '/^<!-- soak -->$/q' "$page"
    printf '\n%s\n\n' "$text"
    sed -n '/^<!-- \/soak -->$/,$p' "$page"
  } >"$page.new"
  mv "$page.new" "$page"
}
