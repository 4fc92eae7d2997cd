// What this program is.
#pragma once

namespace tandem {

extern const char* const kVersion;   // "0.1.0"
extern const char* const kRevision;  // of git, or "unknown"

}  // namespace tandem
