// `tandem explain [FIELD]`: the table of fields as text for a terminal.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace tandem {

// The documentation of a field, wrapped at 80 columns, like kubectl explain. A field is told as
// "spec.sip.expiry", "sip.expiry" or "HAPair.spec.sip.expiry"; of a name that both kinds have both
// are shown, and nothing means the two kinds themselves. Fault::not_found names the nearest known
// field.
Result<std::string> explain(std::string_view field_path);

}  // namespace tandem
