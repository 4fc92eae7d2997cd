#!/usr/bin/env bash
# The package is the same, byte for byte, whoever packs it when and where; lintian finds nothing in it that is not
# overridden with a reason. Leaves it in WORK for the other tests.
#   build_test.sh BUILD-FOLDER WORK
set -euo pipefail
build=$1 work=$2
source_folder=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/package/say.sh
source "$(dirname "$0")/say.sh"

rm -rf "$work"
mkdir -p "$work"
cd "$source_folder"

scripts/package "$build" >"$work/first.log" 2>&1 || fail "scripts/package ended with $?"
cp "$build"/package/*.deb "$work/"
package=$(echo "$work"/*.deb)

# Another person, another day.
find "$build/installed" -type f -exec touch {} +
(
  umask 077
  HOME=/nonexistent TZ=Pacific/Kiritimati LC_ALL=C scripts/package "$build" >"$work/second.log" 2>&1
) || fail "scripts/package ended with an error"
cmp "$package" "$build"/package/*.deb || fail "two packages of the same program differ"
ok "two packages are the same: $(sha256sum <"$package" | cut -c 1-16)"

# Asked once, overridden tags included: --fail-on would count those as well.
lintian --allow-root --show-overrides --tag-display-limit 0 --fail-on none "$package" >"$work/lintian.log" 2>&1 ||
  fail "lintian ended with $?"
! grep '^[EW]: ' "$work/lintian.log" || fail "lintian found something"
grep -c '^O:' "$work/lintian.log" >"$work/overridden" || true
same "$(grep -c '^tandem: ' packaging/debian/lintian-overrides)" "$(cat "$work/overridden")" "overrides that are needed"
ok "lintian: nothing but $(cat "$work/overridden") overrides, each with its reason"

listing=$(dpkg-deb -c "$package")
files=$(awk '{print $6}' <<<"$listing")
for path in ./usr/bin/tandem ./lib/systemd/system/tandem.service ./usr/share/man/man1/tandem.1.gz ./usr/share/man/man5/tandem-pair.yaml.5.gz \
  ./usr/share/bash-completion/completions/tandem ./usr/share/zsh/vendor-completions/_tandem \
  ./usr/share/fish/vendor_completions.d/tandem.fish ./usr/share/doc/tandem/changelog.Debian.gz \
  ./usr/share/doc/tandem/examples/pair.example.yaml ./usr/share/doc/tandem/docs/runbooks/README.md; do
  grep -qxF "$path" <<<"$files" || fail "not in the package: $path"
done
same "./etc/tandem/ssh/config" "$(awk '/^-.* \.\/etc\// {print $6}' <<<"$listing")" "the one file below /etc"
same "/etc/tandem/ssh/config" "$(dpkg-deb -I "$package" conffiles)" "the conffiles"
! dpkg-deb --fsys-tarfile "$package" | grep -qaF "$source_folder" || fail "the folder of the build is in the package"
ok "program, unit, man page, completions, documents; one conffile; no path of the build"
