// Whether the vendor's set-up wizard has passed: before that there is nothing to keep.
#pragma once

#include "pbx/confd.h"
#include "ports/task.h"
#include "probes/probe.h"

namespace tandem {

Task<Reading> probe_wizard(Confd& confd);

}  // namespace tandem
