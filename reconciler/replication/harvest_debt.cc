#include "reconciler/replication/harvest_debt.h"

#include "replication/harvest/owed.h"

namespace tandem {

void HarvestDebt::begin() {
  Filesystem* disk = &disk_;
  const Status written = work_.run([disk, state_dir = state_dir_, now = clock_.wall()] {
    return harvest::owe(*disk, state_dir, now);
  });
  noted_ = written.ok();
  not_before_ = clock_.now() + kRetry;
  error_.reset();
  if (!written.ok()) error_ = written.error();
}

void HarvestDebt::seen(bool serves) {
  if (!serves) {
    noted_ = false;
    not_before_ = Instant::min();
    error_.reset();
  } else if (!noted_ && clock_.now() >= not_before_) {
    begin();
  }
}

}  // namespace tandem
