// Durations as the files write them: declared in core/spec.h.
#include <fmt/format.h>

#include <algorithm>
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

// Takes all up to the next number. nullptr: it is no unit.
const Unit* take_unit(std::string_view& text, std::string_view& name) {
  name = text.substr(0, text.find_first_of("0123456789"));
  text.remove_prefix(name.size());
  const auto found = std::ranges::find(kUnits, name, &Unit::name);
  return found == kUnits.end() ? nullptr : &*found;
}

// The unit that a person means by "sec", "Minutes" or " s"; "" where none is near.
std::string_view meant_by(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"seconds", "s"}, {"secs", "s"}, {"minutes", "m"},       {"mins", "m"},  {"hours", "h"},
      {"hrs", "h"},     {"days", "d"}, {"milliseconds", "ms"}, {"msecs", "ms"}};
  std::string word;
  for (const char c : name)
    if (c != ' ') word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (word.empty()) return "";
  for (const auto& [known, unit] : kWords)
    if (known.starts_with(word) || unit == word) return unit;
  return "";
}

std::string unknown_unit(std::int64_t number, std::string_view name) {
  const auto unit = meant_by(name);
  return fmt::format("has the unknown unit {}{}", in_quotes(name),
                     unit.empty() ? "" : fmt::format(" (write {}{})", number, unit));
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
    std::string_view name;
    const Unit* const unit = take_unit(rest, name);
    if (unit == nullptr) return wrong(unknown_unit(number, name));
    if (number > (kMax - total) / unit->milliseconds) return wrong("is too long");
    total += number * unit->milliseconds;
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
