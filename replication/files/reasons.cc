#include "replication/files/reasons.h"

#include <algorithm>
#include <array>

namespace tandem::files {
namespace {

using enum Reason;

struct Row {
  Reason reason;
  std::string_view name;
  bool ends_the_run;
  bool can_be_forced;
};

constexpr Row kRows[] = {
    {source_missing, "SourceMissing", false, false},
    {source_not_folder, "SourceNotFolder", false, false},
    {source_unreadable, "SourceUnreadable", false, false},
    {source_empty, "SourceEmpty", false, true},
    {not_mounted, "NotMounted", false, true},
    {shrink, "Shrink", false, true},
    {not_fit, "NotFit", false, false},
    {direction_changed, "DirectionChanged", true, false},
    {target_serves, "TargetServes", true, false},
    {target_off, "TargetOff", true, false},
    {target_unsure, "TargetUnsure", true, false},
    {not_its_primary, "NotItsPrimary", true, false},
    {no_declaration, "NoDeclaration", true, false},
    {not_declared_there, "NotDeclaredThere", false, false},
    {harvest_pending, "HarvestPending", false, false},
    {gate_refused, "GateRefused", false, false},
    {no_key, "NoKey", true, false},
    {key_refused, "KeyRefused", true, false},
    {host_key, "HostKeyChanged", true, false},
    {unreachable, "Unreachable", true, false},
    {cut, "Cut", true, false},
    {rsync_missing, "RsyncMissing", true, false},
    {rsync_missing_there, "RsyncMissingThere", true, false},
    {target_full, "TargetFull", true, false},
    {target_read_only, "TargetReadOnly", false, false},
    {partly, "Partly", false, false},
    {source_changes, "SourceChanges", false, false},
    {timed_out, "TimedOut", true, false},
    {aborted, "Aborted", true, false},
    {failed, "Failed", false, false},
};

consteval bool in_the_order_of_the_enum() {
  for (std::size_t i = 0; i < std::size(kRows); ++i)
    if (kRows[i].reason != static_cast<Reason>(i)) return false;
  return std::size(kRows) == static_cast<std::size_t>(failed) + 1;
}
static_assert(in_the_order_of_the_enum());

const Row& row_of(Reason reason) { return kRows[static_cast<std::size_t>(reason)]; }

}  // namespace

std::string_view reason_name(Reason reason) { return row_of(reason).name; }
bool ends_the_run(Reason reason) { return row_of(reason).ends_the_run; }
bool can_be_forced(Reason reason) { return row_of(reason).can_be_forced; }

}  // namespace tandem::files
