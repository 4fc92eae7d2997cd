#!/usr/bin/env bash
# The support bundle: what it holds with an operator and without one, and that no secret is in it.
#   support_bundle_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err, work and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node

# A word of its own at each place where a secret may stand.
printf 'username: tandem\npassword: tandem\n' >"$work/credentials.yaml"
printf '127.0.0.1:5432:asterisk:tandem:seeded-pgpass-word\n' >"$work/pgpass"
chmod 600 "$work/pgpass"
printf '  postgres: { passwordFile: %s }\n' "$work/pgpass" >>"$work/operator.yaml"
secrets=(seeded-pgpass-word seeded-webhook-word seeded-hook-word seeded-exec-word seeded-activate-word seeded-key-word
  seeded-order-word)
write_pair "  hooks: { afterTakeover: [[/bin/echo, seeded-hook-word]] }
  notify: [{ webhook: \"https://hooks.example.com/seeded-webhook-word\" }, { exec: [/bin/echo, seeded-exec-word] }]
  services: { activate: [/bin/true, seeded-activate-word] }"
expect 0 "$tandem" apply --structural --reason "first set-up"
start_operator
within 20 is_converged
token=$(cat "$work/token")
[ "${#token}" -ge 32 ] || fail "no token"
secrets+=("$token")

# What somebody typed where it does not belong, and what a program printed into a file of ours.
"$tandem" suspend --for 1m --reason 'password="seeded-order-word, seeded-order-word"' >/dev/null
printf -- '-----BEGIN PRIVATE KEY-----\nseeded-key-word\n-----END PRIVATE KEY-----\n' >"$work/tandem/unconfirmed.test"
cp "$work/tandem/unconfirmed.test" "$work/tandem/owed-commands"

# opened FILE: unpacks it into $work/opened.
opened() {
  rm -rf "$work/opened"
  mkdir "$work/opened"
  tar -xzf "$1" -C "$work/opened"
  bundle=$(find "$work/opened" -mindepth 1 -maxdepth 1)
}

no_secret() {
  local secret
  for secret in "${secrets[@]}"; do
    if grep -rqF -- "$secret" "$work/opened"; then
      fail "$1: a secret is in it: $(grep -rlF -- "$secret" "$work/opened" | sed 's/.*opened//')"
    fi
  done
}

echo "with an operator it holds its answers, the files, and what a person would type"
expect 0 "$tandem" support-bundle --out "$work/with.tar.gz"
[ "$out" = "$work/with.tar.gz" ] || fail "it says: $out"
[ "$(stat -c %a "$work/with.tar.gz")" = 600 ] || fail "others may read it"
opened "$work/with.tar.gz"
for part in manifest.json api/pair.json api/events.json api/probes.json api/metrics.txt config/pair.yaml config/operator.yaml \
  state/accepted-pair.yaml state/events.json status.txt doctor.json plan.json versions.txt; do
  [ -s "$bundle/$part" ] || fail "$part is not in it: $(cat "$bundle/manifest.json")"
done
grep -q '"kind": "HAPair"' "$bundle/api/pair.json" || fail "pair.json: $(head -5 "$bundle/api/pair.json")"
grep -q 'https://hooks.example.com/(not shown)' "$bundle/config/pair.yaml" || fail "pair.yaml: $(cat "$bundle/config/pair.yaml")"
grep -q 'OperatorStarted' "$bundle/state/events.json" || fail "no events are in it"
grep -qF 'password=\"(not shown)\"' "$bundle/api/events.json" || fail "the order's reason is not in it, or not masked"
no_secret "with an operator"

echo "nothing is written over, and nothing of the node is changed"
expect 1 "$tandem" support-bundle --out "$work/with.tar.gz"
contains "$err" "with.tar.gz"

echo "without an operator the files, the events and the logs are there all the same"
kill "$operator"
wait "$operator" || true
before=$(cd "$work/tandem" && find . -type f ! -name 'events.db*' -exec sha256sum {} + | sort)
expect 0 "$tandem" support-bundle --out "$work/without.tar.gz"
contains "$err" "not in it: api/pair.json"
opened "$work/without.tar.gz"
for part in config/pair.yaml state/accepted-pair.yaml state/events.json doctor.json versions.txt; do
  [ -s "$bundle/$part" ] || fail "$part is not in it: $(cat "$bundle/manifest.json")"
done
grep -q '"missing"' "$bundle/manifest.json" || fail "the manifest does not say what is missing"
no_secret "without an operator"

echo "where there is no folder for temporary files it is written, events and all"
TMPDIR=/nonexistent expect 0 "$tandem" support-bundle --out "$work/no-tmp.tar.gz"
opened "$work/no-tmp.tar.gz"
[ -s "$bundle/state/events.json" ] || fail "no events are in it: $(cat "$bundle/manifest.json")"

after=$(cd "$work/tandem" && find . -type f ! -name 'events.db*' -exec sha256sum {} + | sort)
[ "$before" = "$after" ] || fail "files of the state changed"

echo "a declaration that can not be read is told of, and not shown"
sed -i 's/product: wazo/product: [wazo/' "$work/pair.yaml"
expect 0 "$tandem" support-bundle --out "$work/broken.tar.gz"
opened "$work/broken.tar.gz"
grep -q "its text is not shown" "$bundle/config/pair.yaml" || fail "pair.yaml: $(cat "$bundle/config/pair.yaml")"
no_secret "a broken declaration"
