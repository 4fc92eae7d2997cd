// The answers that faults give in place of a service's own.
#pragma once

#include <string>

#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/http/message.h"

namespace tandem::wazo_sim {

// Whether the service still does what it was asked before this fault shows.
bool is_done_before(const InjectedFault& fault, const Request& request);

// What the client gets. `answer` is the service's own, when it was asked.
Reply faulty_reply(const InjectedFault& fault, const Request& request, Response answer);

}  // namespace tandem::wazo_sim
