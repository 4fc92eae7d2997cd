#!/usr/bin/env bash
# A node's life with the package, on a Debian 12 of its own whose systemd is booted: install, run by the unit, upgrade
# with an edited conffile, remove with and without somebody to ask, purge. Telephony, a stand-in, runs all the time.
#   node_test.sh WORK WAZO_SIM     WORK: where build_test.sh left the package
#
#   TANDEM_PACKAGE_BASE=FILE       a tar of the root, to save the time in which one is made
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=$(echo "$1"/*.deb)
wazo_sim=$2
work=$(mktemp -d /var/tmp/tandem-package.XXXXXX)
root=$work/root
# shellcheck source=tests/package/say.sh
source "$here/say.sh"
# shellcheck source=tests/package/machine.sh
source "$here/machine.sh"
# shellcheck source=tests/package/story.sh
source "$here/story.sh"
[ "$(id -u)" -eq 0 ] || fail "must be root: it boots a systemd"
trap take_down EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

make_root
make_newer_package
furnish
boot
telephony=$(main_pid asterisk)
before=$(everything)

installs_and_starts_nothing
runs_by_its_unit
logs_into_the_journal
is_restarted_by_the_watchdog
upgrades_and_touches_no_service
asks_before_a_removal
removes_without_anybody_to_ask
starts_nothing_when_installed_again
purges_and_leaves_nothing
ok "telephony ran all the time"
