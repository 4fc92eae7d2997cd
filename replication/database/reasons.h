// Why a copy was not made: each guard and each kind of failure, with the sentence for a person and
// what to do about it. The word is the label of metrics and the reason of events.
#pragma once

#include <span>
#include <string_view>

#include "core/result.h"

namespace tandem {

enum class CopyReason {
  // The guards: nothing was changed, and nothing will be before somebody acts.
  direction_missing,
  direction_stale,
  third_database,
  both_primary,
  secondary_serves,
  secondary_held,
  other_primary,
  secondary_wizard_missing,
  secondary_in_recovery,
  secondary_disk_full,
  primary_in_recovery,
  primary_not_configured,
  primary_changed,
  primary_went_back,
  same_server,
  nodes_cloned,
  shrunk,
  already_running,
  revision_differs,
  schema_differs,
  not_journalled,
  undone,
  // The same of an undo.
  nothing_kept,
  changed_since,
  kept_differs,
  // Failures: the secondary is as it was, and the next run tries again.
  primary_unreachable,
  secondary_unreachable,
  not_permitted,
  busy,
  not_proven,
  cancelled,
  timed_out,
  stream_not_paused,
  failed,
};

struct CopyReasonRow {
  CopyReason reason;
  std::string_view word;    // "secondary_serves"
  bool is_guard;            // else a failure
  bool yields_to_force;     // `--force REASON` overrides it
  std::string_view what;    // a sentence without its end
  std::string_view remedy;  // what a person does
};

// Of an undo alone: no copy ends by it.
constexpr bool is_of_undo(CopyReason reason) {
  return reason == CopyReason::nothing_kept || reason == CopyReason::changed_since ||
         reason == CopyReason::kept_differs;
}

std::span<const CopyReasonRow> copy_reasons();
const CopyReasonRow& row_of(CopyReason reason);

// Of a call to one of the two servers.
CopyReason reason_of(const Error& error, bool by_primary);

}  // namespace tandem
