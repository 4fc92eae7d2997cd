// The rows are laid out by hand: clang-format 14 crashes when it aligns such tables.
// clang-format off
#include "metrics/families.h"

#include <algorithm>
#include <cstdlib>

namespace tandem {
namespace {

using enum MetricKind;

constexpr MetricRow kRows[] = {
    {"tandem_build_info", gauge, "version|revision", "Always 1.",
     "One series, whose labels tell the program."},
    {"tandem_node_info", gauge, "node|role|product", "Always 1, for the node as it is declared.",
     "`role` is `primary`, `secondary` or `off`. Absent until a declaration could be read."},
    {"tandem_node_standing_by", gauge, "",
     "1 where the vendor's marker says that this node stands by, 0 where it serves.",
     "Of the two nodes of a pair one stands by. Absent until a declaration could be read, and on XiVO, whose marker is not known."},
    {"tandem_spec_info", gauge, "sha256", "Always 1, for the declaration that is in force.",
     "`sha256` is what `sha256sum pair.yaml` prints. Two nodes that show different ones hold different files. "
     "Absent until a declaration is in force."},
    {"tandem_spec_accepted", gauge, "",
     "1 while pair.yaml, as it is now, is accepted or waits for its order.",
     "0: the file is refused, and the last good declaration stays in force."},
    {"tandem_spec_generation", gauge, "", "Declarations accepted on this node so far."},
    {"tandem_spec_rejections_total", counter, "", "Versions of pair.yaml that were refused."},
    {"tandem_suspended", gauge, "",
     "1 while nothing is changed because the pair is suspended.",
     "By `spec.suspend` or by `tandem suspend`."},
    {"tandem_node_state", gauge, "state",
     "1 for the state of takeover and failback that the node is in, 0 for the others.",
     "`tandem explain STATE` tells what a state means, as does docs/failover.md. All are 0 until the first state is known."},
    {"tandem_primary_verdict", gauge, "verdict",
     "On the secondary, 1 for what it holds of the primary now, 0 for the others.",
     "`verdict` is `Unknown`, `Serving`, `ServiceDown`, `HostDown`, `Isolated` or `Maintenance`. Absent on a primary."},
    {"tandem_downtime_bound_seconds", gauge, "",
     "How long a phone may at most be without telephony when the primary dies, as the pair is now.",
     "The condition `DowntimeObjectiveMet` tells the figures. Absent until a declaration is in force, and "
     "where nobody acts by himself (owner tandem with mode advise or manual)."},
    {"tandem_takeovers_total", counter, "cause",
     "Takeovers by this node that have ended, by what made it serve.",
     "`cause` is `HostDown`, `ServiceDown`, `Ordered`, `Announced` or `ByHand`."},
    {"tandem_takeover_duration_seconds", histogram, "",
     "Time from the decision to take over to its end."},
    {"tandem_last_takeover_timestamp_seconds", gauge, "",
     "When the last takeover ended, since the epoch.", "0 where there was none since the operator started."},
    {"tandem_condition", gauge, "type|status",
     "1 for the status that the condition has, 0 for the others.",
     "`status` is `True`, `False` or `Unknown`. A condition has series from the time when it is first known. "
     "`tandem get conditions` lists them."},
    {"tandem_condition_well", gauge, "type",
     "1 where the condition needs nobody's attention.",
     "Some conditions are well when True, others when False; this says it for each. Unknown is not well."},
    {"tandem_condition_last_transition_timestamp_seconds", gauge, "type",
     "When the condition's status last changed, since the epoch."},
    {"tandem_resource_in_sync", gauge, "resource",
     "1 where the last look at the resource found or left no drift."},
    {"tandem_resource_drift_fields", gauge, "resource",
     "Fields that differed from the declaration after the last look."},
    {"tandem_resource_repairs_total", counter, "resource", "Looks that changed something."},
    {"tandem_reconcile_total", counter, "resource|result",
     "Looks at a resource, by what they came to.",
     "`result` is `InSync`, `Repaired`, `Drifted` (only observing), `Waiting` (beyond `spec.changes.allow`), "
     "`Deferred` (until the node serves), `Contested` or `Failed`."},
    {"tandem_reconcile_duration_seconds", histogram, "resource",
     "Time of one look at a resource, repairs included."},
    {"tandem_last_reconcile_timestamp_seconds", gauge, "resource",
     "When the resource was last looked at, since the epoch.",
     "0 until the first look. A running operator looks every 30 s, and less often only at what fails again and again."},
    {"tandem_downtime_objective_seconds", gauge, "", "The declared objectives.maxDowntime.",
     "Absent until a declaration is in force."},
    {"tandem_sip_expiry_seconds", gauge, "kind|source",
     "SIP registration expiry that the declaration asks for.",
     "`kind` is `minimum`, `maximum` or `default`; `source` is `declared`. Absent where `spec.sip.policy` is `unmanaged`."},
    {"tandem_probe_success", gauge, "probe|target",
     "1 where the last attempt of the probe was answered, 0 where it was not.",
     "`probe` is `icmp`, `sip`, `own-sip`, `witness` or `link`; `target` is the path by name, or the address. "
     "Absent while it could not be asked: that tells nothing of the other side."},
    {"tandem_probe_duration_seconds", histogram, "probe|target",
     "Time until the answer; attempts without one are not in it."},
    {"tandem_probe_attempts_total", counter, "probe|target",
     "Attempts, without those that could not be asked."},
    {"tandem_probe_failures_total", counter, "probe|target", "Attempts that were not answered."},
    {"tandem_probe_not_asked_total", counter, "probe|target",
     "Times when it could not be asked: no socket, no right, no route, no room.",
     "Nothing is concluded from these; where they go on, the probe is blind."},
    {"tandem_data_age_objective_seconds", gauge, "", "The declared objectives.maxDataAge.",
     "Absent until a declaration is in force."},
    {"tandem_replication_running", gauge, "kind", "1 while a copy to the secondary is under way.",
     "`kind` is `database` or `files`. Only on a primary with `replication.owner: tandem`: there alone copies are made."},
    {"tandem_replication_last_success_timestamp_seconds", gauge, "kind",
     "When the last copy that succeeded ended, since the epoch.",
     "Kept across restarts. Absent where none ever did, and where no copies are made."},
    {"tandem_replication_last_proof_timestamp_seconds", gauge, "kind",
     "When all of it was last seen equal on both nodes, since the epoch.",
     "By kind, since each is proven by itself: the database by hashes, the files by a comparison of all names, sizes and times. "
     "On the secondary: of the database's copy that it holds itself, as its own database tells. Absent where there is none."},
    {"tandem_replication_runs_total", counter, "kind|result", "Copies that ended, by what they came to.",
     "`result` is `equal` (all of it was seen equal), `partial` (what had changed was copied), `refused` (a guard forbids it) or `failed`."},
    {"tandem_replication_failures_total", counter, "kind|reason", "Copies that were refused or failed, by why.",
     "`reason` is one word, as `SecondaryServes` or `Unreachable`: docs/replication.md and docs/replication-files.md tell each, with its remedy."},
    {"tandem_replication_duration_seconds", histogram, "kind", "Time of a copy, whatever it came to."},
    {"tandem_replication_bytes_total", counter, "kind", "Bytes that copies sent and received over the network."},
    {"tandem_replication_rows_total", counter, "", "Rows that copies wrote or deleted on the secondary.",
     "A copy that failed has written none."},
    {"tandem_replication_files_total", counter, "", "Files that copies sent to or deleted on the secondary.",
     "Those of a copy that failed midway count too: they stay."},
    {"tandem_replication_tables", gauge, "result", "Tables of the last copy of the database that succeeded.",
     "`result` is `equal` (seen equal at its end, those that were written included), `changed` (rows were written) or `replaced` "
     "(written as a whole). All are 0 until the first one since the start."},
    {"tandem_replication_undo_generations", gauge, "", "Copies of the database that an undo can take back.",
     "On the secondary, whose database keeps them, as it was asked last: every 30 seconds. Absent where it could not be."},
    {"tandem_replication_undo_bytes", gauge, "", "Bytes of the rows that are kept for that."},
    {"tandem_divergence_rows", gauge, "feature",
     "What was changed on the secondary while it served, and waits for somebody.",
     "`feature` is `dnd`, `forwards` (one for each user and forward) or `other` (rows of other tables): `tandem divergence` lists them. "
     "Absent until the secondary's database was read once."},
    {"tandem_replication_stream_lag_seconds", gauge, "", "Between a commit on the primary and the same on the secondary, of the stream.",
     "By the primary, with `database.mode: stream`: as PostgreSQL measures it while the secondary's server fetches the stream, else the "
     "time since it did. Absent where there is no stream, and before it was fetched once."},
    {"tandem_replication_kept_wal_bytes", gauge, "", "Write-ahead log that the primary keeps for the stream.",
     "Bounded by `max_slot_wal_keep_size`: beyond it the server lets go of it, and the stream begins anew."},
    {"tandem_harvest_pending", gauge, "",
     "1 while what users left on the secondary, as it served, has not come home.",
     "Only on a primary with `replication.owner: tandem`, once the secondary has answered."},
    {"tandem_harvest_last_success_timestamp_seconds", gauge, "",
     "When the last harvest that brought all of it home ended, since the epoch.", "Kept across restarts. Absent where none ever did."},
    {"tandem_harvest_items_total", counter, "kind", "What came home from the secondary.",
     "`kind` is `messages`, `greetings`, `recordings` or `sounds`."},
    {"tandem_harvest_kept_beside_total", counter, "", "Files of which both nodes had another one: both were kept."},
    {"tandem_harvest_failures_total", counter, "", "Harvests that did not bring all home; each is tried again."},
    {"tandem_notifications_total", counter, "channel", "Messages to people that were handed over.",
     "`channel` is `mail`, `webhook` or `exec`. A mail counts when sendmail has taken it. Tests count."},
    {"tandem_notification_failures_total", counter, "channel", "Attempts to hand a message over that failed.",
     "`tandem notify` and `tandem get events` tell why."},
    {"tandem_notifications_dropped_total", counter, "channel", "Notices that were given up: too many, too old, refused, or their receiver removed."},
    {"tandem_notifications_waiting", gauge, "channel", "Notices that wait to be told."},
    {"tandem_certificate_expiry_timestamp_seconds", gauge, "certificate",
     "When the certificate of the peer link expires, since the epoch.",
     "`certificate` is `node` or `ca`. Absent where `listenTls` is not set, and for a file that can not be read."},
    {"tandem_events_total", counter, "type", "Events told since the operator started, repeats included.",
     "`type` is `Normal` or `Warning`, as in `tandem get events`."},
    {"tandem_events_lost_total", counter, "", "Events that could not be kept.",
     "The disk of the state directory is full or too slow; the condition `EventsKept` says which."},
    {"tandem_event_stream_readers", gauge, "", "Readers of /api/v1/events/stream just now.", "16 at most."},
    {"tandem_log_lines_lost_total", counter, "", "Lines of the log that nobody took.",
     "The journal, or whoever reads standard error, stands still or is too slow."},
    {"process_cpu_seconds_total", counter, "", "User and system CPU time spent."},
    {"process_start_time_seconds", gauge, "", "Start of the process since the epoch."},
    {"process_virtual_memory_bytes", gauge, "", "Virtual memory size."},
    {"process_resident_memory_bytes", gauge, "", "Resident memory size."},
    {"process_open_fds", gauge, "", "Open file descriptors."},
    {"process_max_fds", gauge, "", "Most file descriptors that may be open."},
};

}  // namespace

std::span<const MetricRow> metric_rows() { return kRows; }

const MetricRow& metric_row(std::string_view name) {
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows), [&](const MetricRow& r) {
    return r.name == name;
  });
  if (row == std::end(kRows)) std::abort();  // a name of ours is misspelt: every test would end here
  return *row;
}

std::string_view kind_name(MetricKind kind) {
  switch (kind) {
    case gauge: return "gauge";
    case counter: return "counter";
    case histogram: return "histogram";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem
