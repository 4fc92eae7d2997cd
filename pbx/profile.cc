#include "pbx/profile.h"

#include <cstdlib>

namespace tandem {
namespace {

Profile wazo() {
  Profile profile;
  profile.is_primary = "/var/lib/wazo/is-primary";
  profile.is_secondary = "/var/lib/wazo/is-secondary";
  profile.standby_marker = "/var/lib/wazo/disabled";
  profile.provd_configs = "/var/lib/wazo-provd/jsondb/configs";
  profile.sync_command = "/usr/bin/wazo-sync";
  return profile;
}

// XiVO's own scripts could not be read; they are documented to have the same roles (contract
// section 8). It has no sentinels. sync_command has the name from before Wazo's renaming.
// Everything else is Wazo's. All of it is unverified on a XiVO node.
Profile xivo() {
  Profile profile = wazo();
  profile.is_primary.reset();
  profile.is_secondary.reset();
  profile.sync_command = "/usr/bin/xivo-sync";
  return profile;
}

}  // namespace

const Profile& profile_of(Product product) {
  static const Profile kWazo = wazo();
  static const Profile kXivo = xivo();
  switch (product) {
    case Product::wazo: return kWazo;
    case Product::xivo: return kXivo;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem
