// From the end of an attempt to its sample.
#pragma once

#include <string_view>

#include "core/result.h"
#include "probes/sample.h"

namespace tandem {

// "answers", "silent", "unknown"
std::string_view heard_name(Heard heard);
// "good", "no carrier", ...
std::string_view link_name(OwnLink link);

// silent: it was asked and did not answer. unknown: it could not be asked.
Heard heard_after(const Error& error);

// An attempt that began at `begin` and ended at `end` with an answer, or with this failure.
Sample answered(Instant begin, Instant end);
Sample unanswered(Instant begin, Instant end, const Error& error);

}  // namespace tandem
