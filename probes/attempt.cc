#include "probes/attempt.h"

#include <fmt/format.h>

namespace tandem {

std::string_view heard_name(Heard heard) {
  switch (heard) {
    case Heard::unknown: return "unknown";
    case Heard::answers: return "answers";
    case Heard::silent: return "silent";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

std::string_view link_name(OwnLink link) {
  switch (link) {
    case OwnLink::unknown: return "unknown";
    case OwnLink::good: return "good";
    case OwnLink::no_carrier: return "no carrier";
    case OwnLink::no_address: return "no address";
    case OwnLink::no_route: return "no route";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

Heard heard_after(const Error& error) {
  switch (error.fault) {
    case Fault::timed_out:
    case Fault::connection_refused:
    case Fault::connection_cut: return Heard::silent;
    // No socket, no right, no room, no route, too much asked lately, stopped: not asked. Any other
    // fault is none that a question to the network ends with.
    default: return Heard::unknown;
  }
}

Sample answered(Instant begin, Instant end) {
  Sample sample;
  sample.heard = Heard::answers;
  sample.at = end;
  sample.took = end - begin;
  sample.reason = fmt::format("answered in {:.1f} ms",
                              std::chrono::duration<double, std::milli>(sample.took).count());
  return sample;
}

Sample unanswered(Instant begin, Instant end, const Error& error) {
  Sample sample;
  sample.heard = heard_after(error);
  sample.at = end;
  sample.took = end - begin;
  sample.reason = error.message;
  return sample;
}

}  // namespace tandem
