#include "reconciler/node_surroundings.h"

#include <boost/asio/use_awaitable.hpp>

#include "pbx/profile.h"
#include "pbx/service_groups.h"
#include "probes/acl_probe.h"
#include "probes/own_address_probe.h"
#include "probes/standing_probe.h"
#include "probes/wizard_probe.h"

namespace tandem {

Reading NodeSurroundings::own_address(const std::string& own, const std::string& peer) {
  return tandem::own_address(network_.local_addresses(), own, peer,
                             {network_.in_container(), services_host_});
}

Result<bool> NodeSurroundings::standing_by(Product product) {
  return stands_by(node_, profile_of(product));
}

std::string NodeSurroundings::standby_marker(Product product) const {
  return profile_of(product).standby_marker;
}

// Where no process can be seen, as in a container without the host's, the lock alone tells.
UpgradeSigns NodeSurroundings::upgrade_signs(Product product) {
  UpgradeSigns signs;
  signs.packages_locked = activity_.locked(kPackageLock);
  const std::string program = profile_of(product).upgrade_program;
  const auto running = activity_.running({program});
  if (running.ok() && running.value().contains(program)) signs.program = program;
  return signs;
}

Task<Reading> NodeSurroundings::wizard() {
  Reading reading = co_await probe_wizard(confd_);
  if (reading.verdict == Verdict::unknown) {
    if (disk_.read(memory_path_).ok()) {
      reading.verdict = Verdict::good;
      reading.reason = "Remembered";
      reading.message = "it had passed when the node was last asked; now: " + reading.message;
    }
    co_return reading;
  }
  const Status kept = remember_passed(reading.verdict == Verdict::good);
  // Where it can not be remembered, the next start asks again: nothing is lost.
  if (!kept.ok()) reading.message += "; not remembered: " + kept.error().message;
  co_return reading;
}

Status NodeSurroundings::remember_passed(bool passed) {
  if (!remember_ || disk_.read(memory_path_).ok() == passed) return success();
  return passed ? disk_.replace(memory_path_, "yes\n", 0600) : disk_.remove(memory_path_);
}

Task<Reading> NodeSurroundings::permissions() { return probe_acl(auth_); }

}  // namespace tandem
