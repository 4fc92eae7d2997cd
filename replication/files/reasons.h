// Why a folder was not copied: what metrics count, conditions name and a person can act on.
#pragma once

#include <string>
#include <string_view>

namespace tandem::files {

enum class Reason {
  // of the primary's own folder
  source_missing,
  source_not_folder,
  source_unreadable,
  source_empty,
  not_mounted,
  shrink,
  not_fit,
  direction_changed,
  // the secondary's gate
  target_serves,
  target_off,
  target_unsure,
  not_its_primary,
  no_declaration,
  not_declared_there,
  harvest_pending,
  gate_refused,
  // the way there
  no_key,
  key_refused,
  host_key,
  unreachable,
  cut,
  // the copy itself
  rsync_missing,
  rsync_missing_there,
  target_full,
  target_read_only,
  partly,
  source_changes,
  timed_out,
  aborted,
  failed,
};

// "SourceMissing": one word for a condition, an event and the label of a metric.
std::string_view reason_name(Reason reason);

// Whether it concerns the whole other node, so that no further folder is worth trying now.
bool ends_the_run(Reason reason);

// Whether a guard holds the copy back, which --force REASON overrides.
bool can_be_forced(Reason reason);

struct Trouble {
  Reason reason = Reason::failed;
  std::string message;  // the folder, what happened, what to do

  bool operator==(const Trouble&) const = default;
};

}  // namespace tandem::files
