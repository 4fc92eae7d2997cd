// Durations as the files write them: declared in core/spec.h.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "core/spec.h"
#include "core/wording.h"

namespace tandem {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr std::array<Unit, 5> kUnits = {{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1'000},
    {"ms", 1},
}};

constexpr auto kMax = std::numeric_limits<std::int64_t>::max();

// Takes the longest unit name at the start of `text`; 0 if there is none.
std::int64_t take_unit(std::string_view& text) {
  for (const std::size_t length : {2UL, 1UL}) {
    for (const Unit& unit : kUnits) {
      if (unit.name.size() != length || !text.starts_with(unit.name)) continue;
      text.remove_prefix(length);
      return unit.milliseconds;
    }
  }
  return 0;
}

}  // namespace

tl::expected<Duration, std::string> parse_duration(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return tl::unexpected(fmt::format("{} {}; must be numbers with ms, s, m, h or d, as in 1h30m",
                                      in_quotes(text), what));
  };
  if (text.empty()) return wrong("is no duration");
  std::int64_t total = 0;
  for (auto rest = text; !rest.empty();) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
      const std::int64_t digit = rest[digits] - '0';
      if (number > (kMax - digit) / 10) return wrong("is too long");
      number = number * 10 + digit;
    }
    if (digits == 0) return wrong("is no duration");
    rest.remove_prefix(digits);
    if (rest.empty()) return wrong("has no unit");
    const auto unit = take_unit(rest);
    if (unit == 0) return wrong("has an unknown unit");
    if (number > (kMax - total) / unit) return wrong("is too long");
    total += number * unit;
  }
  return Duration{total};
}

std::string to_string(Duration duration) {
  auto rest = duration.count();
  if (rest == 0) return "0s";
  // Negative ones occur only in messages; the magnitude of the lowest value does not fit.
  if (rest == std::numeric_limits<std::int64_t>::min()) ++rest;
  std::string result = rest < 0 ? "-" : "";
  if (rest < 0) rest = -rest;
  // As people write them: 1500ms rather than 1s500ms, 90s rather than 1m30s.
  if (rest < 10'000 && rest % 1'000 != 0) return fmt::format("{}{}ms", result, rest);
  if (rest < 120'000 && rest % 60'000 != 0 && rest % 1'000 == 0)
    return fmt::format("{}{}s", result, rest / 1'000);
  for (const Unit& unit : kUnits) {
    if (rest < unit.milliseconds) continue;
    result += fmt::format("{}{}", rest / unit.milliseconds, unit.name);
    rest %= unit.milliseconds;
  }
  return result;
}

}  // namespace tandem
