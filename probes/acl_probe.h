// Whether our user holds the rights that the resources need. A right that is missing shows late and
// badly otherwise: as a 401 in the middle of a takeover, or as a list that is silently short.
#pragma once

#include "pbx/auth.h"
#include "ports/task.h"
#include "probes/probe.h"

namespace tandem {

// One question to wazo-auth; asked at start, until it has been answered once.
Task<Reading> probe_acl(Auth& auth);

}  // namespace tandem
