// The three expirations among Asterisk's options, whichever of the two forms they have.
#pragma once

#include <optional>

#include "core/pair.h"
#include "pbx/json.h"

namespace tandem {

// From a SIP template (`maximum_expiration` and so on) or the general section (`maxexpiry`).
// nullopt: one of the three is missing, there twice, or no number of seconds.
std::optional<SipExpiry> expiry_in(const OptionPairs& options);

}  // namespace tandem
