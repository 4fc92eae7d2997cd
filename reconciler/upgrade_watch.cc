#include "reconciler/upgrade_watch.h"

#include <fmt/format.h>

#include <utility>

namespace tandem {
namespace {

// Something that goes on right now; nullopt: nothing seen.
std::optional<Reading> under_way(const UpgradeSigns& signs, bool just_disabled) {
  const std::string rest = "; nothing is changed until 2 minutes after it has ended";
  if (signs.program) return Reading{Verdict::bad, "UpgradeRuns", *signs.program + " runs" + rest};
  if (signs.packages_locked.ok() && signs.packages_locked.value())
    return Reading{Verdict::bad, "PackagesLocked",
                   "packages are being installed or removed: dpkg's lock is held" + rest};
  if (just_disabled)
    return Reading{Verdict::bad, "ServicesDisabled",
                   "the services of this primary were just disabled, as the vendor's upgrade does "
                   "first; nothing is changed for 2 minutes"};
  return std::nullopt;
}

Reading when_quiet(const UpgradeSigns& signs) {
  const auto& lock = signs.packages_locked;
  if (lock.ok()) return {Verdict::good, "NoUpgrade", "no package is being installed"};
  if (lock.error().fault == Fault::not_found)
    return {Verdict::good, "NoPackageManager",
            "there is no lock of dpkg below the managed root, so an upgrade is not seen by it; an "
            "operator in a container needs the host's /var/lib/dpkg there, read-only"};
  return {Verdict::unknown, "LockNotReadable",
          "whether packages are being installed is not known, so nothing is changed: " +
              lock.error().message};
}

}  // namespace

Reading UpgradeWatch::look(const UpgradeSigns& signs, Role role, bool standing_by, Instant now,
                           bool as_told) {
  const bool was_standing = std::exchange(stood_by_, standing_by).value_or(standing_by);
  const bool just_disabled = role == Role::primary && standing_by && !was_standing && !as_told;
  if (auto seen = under_way(signs, just_disabled)) {
    last_sign_ = now;
    return std::move(*seen);
  }
  if (last_sign_ && now - *last_sign_ < kAfter) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(kAfter - (now - *last_sign_));
    return {Verdict::bad, "JustEnded",
            fmt::format("the upgrade's last sign is less than 2 minutes ago; nothing is changed "
                        "for another {} s",
                        left.count())};
  }
  return when_quiet(signs);
}

}  // namespace tandem
