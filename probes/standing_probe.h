// Whether the node stands by, as the vendor's own programs see it.
#pragma once

#include "core/result.h"
#include "pbx/profile.h"
#include "ports/filesystem.h"

namespace tandem {

// True where the vendor's marker exists: telephony, and provd with it, is stopped by design.
Result<bool> stands_by(Filesystem& files, const Profile& profile);

}  // namespace tandem
