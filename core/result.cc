#include "core/result.h"

#include <cstdlib>

namespace tandem {

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::not_found: return "not_found";
    case Fault::denied: return "denied";
    case Fault::invalid: return "invalid";
    case Fault::unavailable: return "unavailable";
    case Fault::not_sent: return "not_sent";
    case Fault::connection_refused: return "connection_refused";
    case Fault::connection_cut: return "connection_cut";
    case Fault::timed_out: return "timed_out";
    case Fault::bad_certificate: return "bad_certificate";
    case Fault::too_large: return "too_large";
    case Fault::cancelled: return "cancelled";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

bool worth_retrying(const Error& error) {
  switch (error.fault) {
    case Fault::unavailable:
    case Fault::not_sent:
    case Fault::connection_refused:
    case Fault::connection_cut:
    case Fault::timed_out:
    case Fault::cancelled: return true;
    case Fault::not_found:
    case Fault::denied:
    case Fault::invalid:
    case Fault::bad_certificate:
    case Fault::too_large: return false;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Error in_context(std::string_view context, Error error) {
  error.message = std::string(context) + ": " + error.message;
  return error;
}

}  // namespace tandem
