#include "reconciler/resync_keeper.h"

#include <utility>

namespace tandem {

ResyncKeeper::ResyncKeeper(Clock& clock, Loop& loop, Resync& resync)
    : clock_(clock), loop_(loop), resync_(resync), signal_(clock.make_signal()) {}

// Phones that were not reached are no reason to tell all of them again.
bool ResyncKeeper::is_due() const {
  const auto& goal = loop_.goal();
  const auto& in_force = loop_.spec().accepted;
  if (!goal || goal->standing_by || !in_force ||
      in_force->provisioning.resync_devices != Provisioning::Resync::on_change)
    return false;
  if (clock_.now() < not_before_ || why_only_observe(loop_.facts())) return false;
  const ConditionRecord* required = loop_.board().condition("ResyncRequired");
  return required != nullptr && required->condition.status == Truth::yes &&
         required->condition.reason == "PhonesKnowOldAddresses";
}

Task<void> ResyncKeeper::run() {
  while (!stopping_) {
    if (is_due()) {
      ResyncOrder order;
      order.rate = loop_.spec().accepted->provisioning.resync_rate;
      const auto stopping = [this] { return stopping_; };
      const auto result = co_await resync_.run(std::move(order), stopping, nullptr);
      if (!result.ok() || result.value().stopped) not_before_ = clock_.now() + kAgain;
      loop_.request();
    }
    if (!stopping_) co_await clock_.wait(*signal_, clock_.now() + kPeriod);
  }
}

void ResyncKeeper::stop() {
  stopping_ = true;
  signal_->notify();
}

}  // namespace tandem
