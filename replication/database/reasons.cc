#include "replication/database/reasons.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace tandem {
namespace {

using enum CopyReason;

constexpr bool kGuard = true, kFailure = false, kForced = true, kNever = false;

constexpr std::array kRows = std::to_array<CopyReasonRow>({
    {direction_missing, "direction_missing", kGuard, kNever,
     "the secondary's operator has not said yet which primary it accepts",
     "start Tandem on the secondary; it writes its row by itself"},
    {direction_stale, "direction_stale", kGuard, kNever,
     "the secondary's operator has said nothing for too long, so nobody knows whether it serves",
     "see why Tandem does not run on the secondary: systemctl status tandem"},
    {third_database, "third_database", kGuard, kNever,
     "the peer's address leads to a database that is not the declared secondary's",
     "correct postgres.peerDsn in operator.yaml, or the secondary's name in pair.yaml"},
    {both_primary, "both_primary", kGuard, kNever, "both nodes are declared primary",
     "give both nodes the same pair.yaml: tandem status shows what each holds"},
    {secondary_serves, "secondary_serves", kGuard, kNever, "the secondary serves, or is about to",
     "nothing, until it has handed back: tandem why on the secondary"},
    {secondary_held, "secondary_held", kGuard, kNever,
     "the secondary stands by, but lets nothing in: it is suspended, in maintenance, being "
     "upgraded, or its operator is stopped",
     "nothing, until that is over: tandem status on the secondary"},
    {other_primary, "other_primary", kGuard, kNever, "the secondary accepts another primary",
     "give both nodes the same pair.yaml: tandem status shows what each holds"},
    {secondary_wizard_missing, "secondary_wizard_missing", kGuard, kNever,
     "the secondary's wizard has not passed", "finish the installation of the secondary"},
    {secondary_in_recovery, "secondary_in_recovery", kGuard, kNever,
     "the secondary's PostgreSQL server is in recovery and takes no writes",
     "end its recovery, or the physical replication that somebody set up"},
    {secondary_disk_full, "secondary_disk_full", kGuard, kNever,
     "the disk of the secondary's database is nearly full",
     "free disk space on the secondary: df -h /var/lib/postgresql"},
    {primary_in_recovery, "primary_in_recovery", kGuard, kNever,
     "the primary's PostgreSQL server is in recovery: it is a copy itself",
     "end its recovery, then see whether it is the right primary"},
    {primary_not_configured, "primary_not_configured", kGuard, kNever,
     "the primary is not configured: its wizard has not passed, or its database is blank",
     "restore the primary's backup, or finish its wizard; the secondary's copy is the last one"},
    {primary_changed, "primary_changed", kGuard, kForced,
     "the primary's database is not the one that was copied last: another cluster",
     "if the primary was really replaced and its data is right: tandem replicate --force REASON"},
    {primary_went_back, "primary_went_back", kGuard, kForced,
     "the primary's database is older than at the last copy: it was set back",
     "if the primary was restored on purpose: tandem replicate --force REASON"},
    {same_server, "same_server", kGuard, kNever, "both connections lead to one PostgreSQL server",
     "correct postgres.dsn and postgres.peerDsn in operator.yaml"},
    {nodes_cloned, "nodes_cloned", kGuard, kForced,
     "one node's database cluster is a clone of the other's, so they can not be told apart",
     "make the secondary's cluster anew, or, sure of which is which: tandem replicate --force "
     "REASON"},
    {shrunk, "shrunk", kGuard, kForced,
     "a table that says who is to be called has shrunk beyond maxShrink",
     "if it was meant: tandem replicate --force REASON; else restore the primary"},
    {already_running, "already_running", kGuard, kNever, "another copy is under way",
     "wait for it; one whose link was cut is gone after 15 s"},
    {revision_differs, "revision_differs", kGuard, kNever,
     "the nodes hold different releases: the revisions of their schemas differ",
     "upgrade both nodes to the same release"},
    {schema_differs, "schema_differs", kGuard, kNever, "the two schemas differ",
     "upgrade both nodes to the same release; what was changed by hand, change back"},
    {not_journalled, "not_journalled", kGuard, kNever,
     "what the secondary's users changed while it served could not be kept, and is not overwritten",
     "remove the cause; or give those changes up: tandem divergence --discard --reason TEXT"},
    {undone, "undone", kGuard, kNever,
     "the last copy was undone, and the secondary keeps what it had before",
     "nothing is copied into its database before somebody orders it: tandem replicate database"},
    {nothing_kept, "nothing_kept", kGuard, kNever,
     "there is no copy that could be undone: none is kept, or each was undone already",
     "see what is kept: tandem get generations"},
    {changed_since, "changed_since", kGuard, kNever,
     "the secondary's database was changed since its last kept copy, so that can not be undone",
     "nothing was changed; tandem replicate database makes it equal to the primary"},
    {kept_differs, "kept_differs", kGuard, kNever,
     "the secondary's schema or Tandem's proof is another since its last kept copy, so that can "
     "not "
     "be undone",
     "nothing was changed; tandem replicate database makes it equal to the primary"},
    {primary_unreachable, "primary_unreachable", kFailure, kNever,
     "the primary's own PostgreSQL server does not answer", "systemctl status postgresql"},
    {secondary_unreachable, "secondary_unreachable", kFailure, kNever,
     "the secondary's PostgreSQL server does not answer",
     "see the secondary's host, its PostgreSQL server and the link: tandem doctor"},
    {not_permitted, "not_permitted", kFailure, kNever,
     "the role tandem lacks a right, or its password is refused",
     "see the condition PostgresAccessReady on both nodes: tandem get conditions"},
    {busy, "busy", kFailure, kNever,
     "somebody else changed or locked the same rows on the secondary",
     "nothing: the next run tries again; if it stays, see who writes on the secondary"},
    {not_proven, "not_proven", kFailure, kNever,
     "the secondary's content was not equal to the primary's snapshot at the end, and was given up",
     "report it with the log; a trigger or rule on the secondary's tables can do that"},
    {cancelled, "cancelled", kFailure, kNever,
     "the copy was ended on purpose, by a person or since it "
     "may not go on",
     "nothing: the next run begins anew"},
    {timed_out, "timed_out", kFailure, kNever, "a server took too long",
     "see the load of both nodes"},
    {stream_not_paused, "stream_not_paused", kFailure, kNever,
     "the stream into the secondary could not be stopped for the comparison",
     "see what its worker waits for: select * from pg_stat_activity, on the secondary"},
    {failed, "failed", kFailure, kNever, "a statement failed", "see the message"},
});

consteval bool every_reason_has_its_row() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].reason) != i) return false;
  return kRows.size() == static_cast<std::size_t>(failed) + 1;
}
static_assert(every_reason_has_its_row());

// What stands for identity, and what shrinks, a person may know better; all else never.
consteval bool only_identity_and_shrink_yield() {
  return std::ranges::all_of(kRows, [](const CopyReasonRow& row) {
    const bool may = row.reason == primary_changed || row.reason == primary_went_back ||
                     row.reason == nodes_cloned || row.reason == shrunk;
    return row.yields_to_force == may;
  });
}
static_assert(only_identity_and_shrink_yield());

}  // namespace

std::span<const CopyReasonRow> copy_reasons() { return kRows; }

const CopyReasonRow& row_of(CopyReason reason) { return kRows[static_cast<std::size_t>(reason)]; }

CopyReason reason_of(const Error& error, bool by_primary) {
  switch (error.fault) {
    case Fault::cancelled: return cancelled;
    case Fault::timed_out: return timed_out;
    case Fault::denied: return not_permitted;
    case Fault::connection_refused:
    case Fault::connection_cut:
    case Fault::not_sent: return by_primary ? primary_unreachable : secondary_unreachable;
    case Fault::unavailable: break;
    default: return failed;
  }
  if (error.message.find("SQLSTATE 53100") != std::string::npos) return secondary_disk_full;
  for (const char* state : {"SQLSTATE 40", "SQLSTATE 55P03"})
    if (error.message.find(state) != std::string::npos) return busy;
  return by_primary ? primary_unreachable : secondary_unreachable;
}

}  // namespace tandem
