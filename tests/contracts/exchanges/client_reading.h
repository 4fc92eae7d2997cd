// Our clients of the vendor's services, given the recorded answers.
#pragma once

#include <set>
#include <string>

#include "tests/contracts/exchanges/recording.h"

namespace tandem::exchanges {

// Feeds each answer that our clients can meet to the client that asks for it, and compares what it
// makes of it with the recording. A difference fails the test. The names of those that were read.
std::set<std::string> read_with_the_clients(const Recordings& recordings);

// The refusals that are left, of calls that no client makes: what all clients share must read them
// too, as a new call would meet them.
std::set<std::string> read_refusals(const Recordings& recordings,
                                    const std::set<std::string>& read);

}  // namespace tandem::exchanges
