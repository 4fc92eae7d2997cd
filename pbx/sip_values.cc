#include "pbx/sip_values.h"

#include <charconv>
#include <chrono>
#include <string_view>

namespace tandem {
namespace {

std::optional<Duration> seconds_of(const OptionPairs& options, std::string_view in_template,
                                   std::string_view in_general) {
  std::optional<Duration> found;
  for (const auto& [name, value] : options) {
    if (name != in_template && name != in_general) continue;
    int seconds = 0;
    const auto end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, seconds);
    if (found || read.ec != std::errc() || read.ptr != end || seconds < 0) return std::nullopt;
    found = std::chrono::seconds{seconds};
  }
  return found;
}

}  // namespace

std::optional<SipExpiry> expiry_in(const OptionPairs& options) {
  const auto minimum = seconds_of(options, "minimum_expiration", "minexpiry");
  const auto maximum = seconds_of(options, "maximum_expiration", "maxexpiry");
  const auto initial = seconds_of(options, "default_expiration", "defaultexpiry");
  if (!minimum || !maximum || !initial) return std::nullopt;
  return SipExpiry{*minimum, *maximum, *initial};
}

}  // namespace tandem
