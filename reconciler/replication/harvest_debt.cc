#include "reconciler/replication/harvest_debt.h"

#include "replication/harvest/owed.h"

namespace tandem {

void HarvestDebt::begin() {
  if (!quiet_) quiet_ = clock_.wall();
  note();
}

void HarvestDebt::note() {
  Filesystem* disk = &disk_;
  const WallTime since = quiet_.value_or(WallTime{});
  const Status written = work_.run([disk, state_dir = state_dir_, now = clock_.wall(), since] {
    return harvest::owe(*disk, state_dir, now, since);
  });
  noted_ = written.ok();
  not_before_ = clock_.now() + (written.ok() ? Duration(kLook) : Duration(kRetry));
  error_.reset();
  if (!written.ok()) error_ = written.error();
}

void HarvestDebt::seen(bool serves) {
  const bool due = clock_.now() >= not_before_;
  if (serves && noted_) {
    if (due) look();
  } else if (serves || error_) {
    if (due) note();
  } else {
    noted_ = false;
    quiet_ = clock_.wall();
    not_before_ = Instant::min();
  }
}

void HarvestDebt::look() {
  Filesystem* disk = &disk_;
  not_before_ = clock_.now() + kLook;
  const Status owed = work_.run([disk, state_dir = state_dir_]() -> Status {
    const auto found = harvest::read_owed(*disk, state_dir);
    if (!found.ok()) return found.error();
    if (found.value().owed) return success();
    return Error{Fault::not_found, "the note is gone"};
  });
  // A disk that does not answer has not lost it.
  if (!owed.ok() && owed.error().fault != Fault::timed_out) note();
}

}  // namespace tandem
