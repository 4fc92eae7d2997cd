// Before the operator of this node is asked anything: whether it is the operator that would answer.
#pragma once

#include <string>

#include "core/result.h"

namespace tandem {

// `address` is "IPV4:PORT". denied: what listens there belongs neither to root nor to who asks: it
// would be given the token, and could answer what it likes. connection_refused: nothing listens on
// a loopback address. An address of elsewhere can not be judged, and passes.
Status vet_listener(const std::string& address);

}  // namespace tandem
