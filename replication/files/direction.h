// Which way files were copied last: kept on both nodes, so that a pair whose roles were changed by
// an edit does not begin to copy the other way round by itself.
#pragma once

#include <string>

#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem::files {

// "wazo: pbx-a 192.0.2.10 > pbx-b 192.0.2.11"
std::string direction_of(const HAPair& pair);

// What is kept; "" where nothing was copied yet. `state_dir` as of operator.yaml, on `disk` at `/`.
Result<std::string> kept_direction(Filesystem& disk, const std::string& state_dir);

// Keeps it; writes nothing where it is kept already. By the primary after a copy; by the
// secondary's gate when it lets one in.
Status keep_direction(Filesystem& disk, const std::string& state_dir, const std::string& direction);

}  // namespace tandem::files
