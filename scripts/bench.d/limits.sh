# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# Time and memory at the sizes that the program is made for.

readonly passes=10 # of those with nothing to do

ms() { awk -v us="$1" 'BEGIN { printf us < 100000 ? "%.1f ms" : "%.0f ms", us / 1000 }'; }
mib() { awk -v kib="$1" 'BEGIN { printf "%.0f MiB", kib / 1024 }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

peak_of() { awk '/^VmHWM/ { print $2 }' "/proc/${pid_of[$1]}/status"; }

# What one kind of look took on average in the last pass, from the operator's own histogram.
sum_of() { # NODE RESOURCE
  curl -sf --max-time 5 "http://${listen[$1]}/metrics" |
    awk -v r="tandem_reconcile_duration_seconds_sum{resource=\"$2\"}" '$1 == r { print $2 * 1000000 }'
}

populate() { # NODE REGISTRARS TENANTS
  local i
  for ((i = 2; i <= $2; i++)); do
    wazo "$1" POST /registrars "{\"id\": \"branch-$i\", \"name\": \"Branch $i\"}" >/dev/null || die 'no registrar made'
  done
  for ((i = 2; i <= $3; i++)); do
    wazo "$1" POST /tenants "{\"name\": \"tenant-$i\"}" >/dev/null || die 'no tenant made'
  done
}

# A row: REGISTRARS TENANTS. The node is made anew, so that each row begins with everything to do.
size_row() {
  local node=pbx-a took memory status first i before after
  rm -rf "${dir:?}/$node"
  make_node "$node"
  start_stand_in "$node"
  populate "$node" "$1" "$2"
  write_config "$node"
  read -r took memory status < <("$measure" "$program" --operator "$dir/$node/operator.yaml" plan 2>"$dir/plan") || true
  [ "$status" = 2 ] || die "plan ended with $status: $dir/plan"
  start_operator "$node"
  read -r first _ status < <("$measure" "$program" --operator "$dir/$node/operator.yaml" apply --structural --reason bench 2>"$dir/apply") || true
  [ "$status" = 0 ] || die "apply ended with $status: $dir/apply"
  before=$(sum_of "$node" registrars)
  for ((i = 0; i < passes; i++)); do
    "$measure" "$program" --operator "$dir/$node/operator.yaml" apply 2>>"$dir/apply" | cut -d ' ' -f 1
  done >"$dir/passes"
  after=$(sum_of "$node" registrars)
  printf '| %d | %d | %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$(ms "$took")" "$(mib "$memory")" \
    "$(ms "$first")" "$(ms "$(median <"$dir/passes")")" \
    "$(ms "$(awk -v a="$after" -v b="$before" -v n="$passes" 'BEGIN { print (a - b) / n }')")" "$(mib "$(peak_of "$node")")"
  end_process "$node"
  end_process "$node-wazo"
}

# Declarations that are hard to read, of nearly 1 MiB.
make_specs() { # FOLDER
  local head i
  mkdir -p "$1"
  head=$(<"$dir/pbx-a/pair.yaml")
  printf '%s\n' "$head" >"$1/usual.yaml"
  { printf '%s\n' "$head"; awk 'BEGIN { for (; n < 1040000; n += 52) print "# a comment that somebody thought worth keeping..." }'; } >"$1/comments.yaml"
  {
    printf '%s\n  provisioning:\n    registrars:\n' "$head"
    for ((i = 0; i < 64; i++)); do
      printf '      branch-%s-%04d: { registrarBackup: 192.0.2.99, proxyBackup: 192.0.2.99 }\n' "$(printf 'x%.0s' {1..200})" "$i"
    done
    printf '  replication:\n    files:\n      directories:\n'
    for ((i = 0; i < 64; i++)); do printf '        - /srv/%s/%04d\n' "$(printf 'x%.0s' {1..200})" "$i"; done
    printf '    database:\n      excludeTables:\n'
    for ((i = 0; i < 256; i++)); do printf '        - table_%s_%04d\n' "$(printf 'x%.0s' {1..40})" "$i"; done
  } >"$1/lists.yaml"
  { printf '%s\n' "$head"; awk 'BEGIN { for (; i < 55000; i++) printf "  unknown%d: 1\n", i }'; } >"$1/errors.yaml"
  { printf '%s\n  notify: ' "$head"; awk 'BEGIN { for (; i < 500000; i++) printf "[" }'; } >"$1/nested.yaml"
  { printf '%s\n' "$head"; head -c 1100000 /dev/zero | tr '\0' '#'; } >"$1/too-big.yaml"
}

spec_row() { # FILE WANTED-STATUS WORDS
  local took memory status
  read -r took memory status < <("$measure" "$program" validate "$1" 2>"$dir/validate") || true
  [ "$status" = "$2" ] || die "validate ended with $status: $1: $(head -c 300 "$dir/validate")"
  printf '| %s | %d | %s | %s | %s |\n' "$3" "$(stat -c %s "$1")" "$([ "$2" = 0 ] && echo accepted || echo refused)" \
    "$(ms "$took")" "$(mib "$memory")"
}

bench_limits() {
  local measure=$dir/measure load_before load_after rows='' row specs text
  g++ -std=c++20 -O2 -Wall -Wextra -Wconversion -Werror -o "$measure" scripts/bench.d/measure.cc
  read -r load_before _ </proc/loadavg
  for row in '1 1' '100 20' '1000 200'; do
    step "a node with $row registrars and tenants"
    # shellcheck disable=SC2086  # two numbers
    rows+=$(size_row $row)$'\n'
    say "$(tail -n 1 <<<"${rows%$'\n'}")"
  done
  step 'declarations of up to 1 MiB'
  specs=$dir/specs
  make_specs "$specs"
  text=$(
    spec_row "$specs/usual.yaml" 0 'the usual one'
    spec_row "$specs/comments.yaml" 0 'nearly 1 MiB of comments'
    spec_row "$specs/lists.yaml" 0 'long lists, each as long as it may be'
    spec_row "$specs/errors.yaml" 1 'tens of thousands of errors'
    spec_row "$specs/nested.yaml" 1 '500,000 brackets'
    spec_row "$specs/too-big.yaml" 1 'over 1 MiB'
  )
  read -r load_after _ </proc/loadavg
  show_and_write limits "| registrars | tenants | first plan | its memory | first convergence | a pass with nothing to do | of it: registrars | operator's memory at most |
|---|---|---|---|---|---|---|---|
$rows
| declaration | bytes | | \`tandem validate\` | memory |
|---|---|---|---|---|
$text

$(date -u +%F), $("$program" version), release build.
Machine: $(machine).
Load average (1 min) $load_before at the start, $load_after at the end."
}
