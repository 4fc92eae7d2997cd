#!/usr/bin/env bash
# How much the unit exposes, by systemd's own count (0 is best, 10 worst), must not grow unseen.
set -euo pipefail
unit=$(cd "$(dirname "$0")/../.." && pwd)/manifests/systemd/tandem.service
readonly threshold=30    # tenths: what its duties ask for, each with its reason in the unit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/package/say.sh
source "$(dirname "$0")/say.sh"

exposes_little() { systemd-analyze security --offline=yes --threshold="$threshold" "$1" >"$work/security.log" 2>&1; }

exposes_little "$unit" || fail "the unit exposes more than $threshold: see what is marked with a cross"
tail -n 1 "$work/security.log"
# Each of these would be seen.
for setting in NoNewPrivileges ProtectSystem PrivateDevices RestrictNamespaces LockPersonality CapabilityBoundingSet; do
  sed "/^$setting=/d" "$unit" >"$work/tandem.service"
  ! exposes_little "$work/tandem.service" || fail "a unit without $setting passes too: lower the threshold"
done
ok "the unit exposes $threshold tenths at most"
for line in Type=notify WatchdogSec= KillMode=process; do
  grep -q "^$line" "$unit" || fail "the unit has no $line"
done
