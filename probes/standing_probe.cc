#include "probes/standing_probe.h"

namespace tandem {

Result<bool> stands_by(Filesystem& files, const Profile& profile) {
  const auto marker = files.status(profile.standby_marker);
  if (!marker.ok()) return in_context(profile.standby_marker, marker.error());
  return marker.value().has_value();
}

}  // namespace tandem
