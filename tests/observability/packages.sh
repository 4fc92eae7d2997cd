#!/usr/bin/env bash
# Installs the npm packages of these tests into FOLDER, which is in the build folder; bounded, and silent
# about what is there already.
#   packages.sh FOLDER [SOURCE]: SOURCE has package.json and package-lock.json; this folder without
set -euo pipefail
folder=$1
source_dir=$(cd "${2:-$(dirname "$0")}" && pwd)
limit=240 # seconds

for program in node npm; do
  command -v "$program" >/dev/null || {
    echo "packages: $program is not installed; as root: scripts/install-deps test" >&2
    exit 1
  }
done

wanted=$(cat "$source_dir/package.json" "$source_dir/package-lock.json" | sha256sum)
if [ "$(cat "$folder/.installed" 2>/dev/null || true)" = "$wanted" ]; then
  echo "packages: all there, in $folder"
  exit 0
fi

mkdir -p "$folder"
rm -f "$folder/.installed"
cp "$source_dir/package.json" "$source_dir/package-lock.json" "$source_dir/.npmrc" "$folder/"
registry=$(cd "$folder" && npm config get registry 2>/dev/null)
echo "packages: npm $(npm --version 2>/dev/null) and node $(node --version) install into $folder, at most $limit s"
status=0
(cd "$folder" && timeout "$limit" npm ci --loglevel=error --fetch-retries=2 --fetch-retry-mintimeout=1000 \
  --fetch-retry-maxtimeout=5000 --fetch-timeout=60000) \
  >"$folder/npm.log" 2>&1 </dev/null || status=$?
if [ "$status" -ne 0 ]; then
  tail -n 20 "$folder/npm.log" >&2
  [ "$status" -ne 124 ] || echo "packages: not done within $limit s" >&2
  echo "packages: npm ci failed; can this machine reach its registry, ${registry##*@}?" >&2
  exit 1
fi
echo "$wanted" >"$folder/.installed"
echo "packages: $(find "$folder/node_modules" -mindepth 1 -maxdepth 1 -type d ! -name '.*' | wc -l) folders of packages are there"
