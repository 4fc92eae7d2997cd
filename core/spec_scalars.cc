#include "core/spec_scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "core/formats.h"
#include "core/spec.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Read = tl::expected<JsonValue, std::string>;

// The value as a message may show it. What has a slash where a mail address belongs is the URL of a
// webhook, with or without its scheme.
std::string shown(const Field& field, const YamlValue& value) {
  const bool hidden =
      field.secret || (field.format == Format::mail && value.text.find('/') != std::string::npos);
  return hidden ? "the value" : in_quotes(value.text);
}

tl::unexpected<std::string> wrong(const Field& field, const YamlValue& value, std::string_view what,
                                  std::string_view detail = "") {
  return tl::unexpected(
      fmt::format("{} {}; must be {}{}", shown(field, value), what, wanted(field), detail));
}

bool is_number_text(std::string_view text) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  return digits && (text.size() == 1 || text[0] != '0');
}

// A decimal integer; nullopt where it does not fit either.
std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t number = 0;
  if (!is_number_text(text)) return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  return number;
}

Read read_boolean(const Field& field, const YamlValue& value) {
  if (!value.quoted && value.text == "true") return JsonValue(true);
  if (!value.quoted && value.text == "false") return JsonValue(false);
  return wrong(field, value, value.quoted ? "is in quotes" : "is not a boolean", ", unquoted");
}

Read read_integer(const Field& field, const YamlValue& value) {
  const bool decimal = !value.quoted && is_number_text(value.text);
  if (!decimal)
    return wrong(field, value, value.quoted ? "is in quotes" : "is not a decimal integer",
                 ", unquoted, without leading zero");
  const auto number = integer_of(value.text);
  if (!number || *number < integer_of(field.at_least) || *number > integer_of(field.at_most))
    return wrong(field, value, "is out of range");
  return JsonValue(*number);
}

Read read_percent(const Field& field, const YamlValue& value) {
  const std::string_view text = value.text;
  if (!text.ends_with('%')) return wrong(field, value, "is not a percentage");
  const auto number = integer_of(text.substr(0, text.size() - 1));
  if (!number || *number < 1 || *number > 100) return wrong(field, value, "is out of range");
  return JsonValue(value.text);
}

Read read_duration(const Field& field, const YamlValue& value) {
  const auto duration = parse_duration(value.text);
  if (!duration) return tl::unexpected(duration.error());
  const auto least = parse_duration(field.at_least);
  const auto most = parse_duration(field.at_most);
  if (least && *duration < *least) return wrong(field, value, "is too short");
  if (most && *duration > *most) return wrong(field, value, "is too long");
  if (field.whole_seconds && duration->count() % 1000 != 0)
    return wrong(field, value, "has a fraction of a second");
  return JsonValue(to_string(*duration));
}

Read read_text(const Field& field, const YamlValue& value) {
  if (!value.quoted && field.format != Format::time && means_something_else(value.text))
    return tl::unexpected(fmt::format(
        "{} is no text to every YAML program; must be in quotes to be text", shown(field, value)));
  if (value.text.size() > field.length_max)
    return tl::unexpected(
        fmt::format("has {} bytes; must have at most {}", value.text.size(), field.length_max));
  auto problem = rule_of(field.format).check(value.text);
  if (!problem.empty()) return tl::unexpected(fmt::format("{} {}", shown(field, value), problem));
  return JsonValue(value.text);
}

// A choice is text as well: `yes` or `1` could never be one, so the list of choices says it all.
Read read_choice(const Field& field, const YamlValue& value) {
  const auto choices = split(field.choices);
  if (std::find(choices.begin(), choices.end(), value.text) != choices.end())
    return JsonValue(value.text);
  const auto meant = nearest(value.text, choices);
  const auto hint = meant.empty() || choices.size() == 1 || field.secret
                        ? ""
                        : fmt::format(", probably {}", meant);
  return wrong(field, value, "is not known here", hint);
}

bool is_float(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const bool begins =
      !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) != 0 || text[0] == '.');
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return begins && read.ptr == text.data() + text.size();
}

}  // namespace

bool means_something_else(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::array<std::string_view, 15> kWords = {"",    "~",  "null", "true", "false",
                                                       "yes", "no", "on",   "off",  "y",
                                                       "n",   "=",  ".nan", ".inf", "-.inf"};
  if (std::find(kWords.begin(), kWords.end(), lower) != kWords.end()) return true;
  if (lower.starts_with("0x") || lower.starts_with("0o") || lower.starts_with("0b"))
    return lower.find_first_not_of("0123456789abcdef_", 2) == std::string::npos && lower.size() > 2;
  const bool digit = std::isdigit(static_cast<unsigned char>(lower[0])) != 0;
  return is_float(lower) || (digit && lower.find_first_not_of("0123456789_:") == std::string::npos);
}

std::string check_name(const Field& map, std::string_view name) {
  if (name.size() > map.length_max)
    return fmt::format("has a name of {} bytes; must have at most {}", name.size(), map.length_max);
  const auto problem = rule_of(map.format).check(name);
  return problem.empty() ? "" : fmt::format("the name {}", problem);
}

Read read_scalar(const Field& field, const YamlValue& value) {
  switch (field.type) {
    case Type::boolean: return read_boolean(field, value);
    case Type::integer: return read_integer(field, value);
    case Type::percent: return read_percent(field, value);
    case Type::duration: return read_duration(field, value);
    case Type::text: return read_text(field, value);
    case Type::choice: return read_choice(field, value);
    case Type::object:
    case Type::list:
    case Type::map: break;
  }
  const auto words = split(field.choices);
  if (std::find(words.begin(), words.end(), value.text) != words.end())
    return JsonValue(value.text);
  // A text where lines were expected may be anything, a misplaced secret as well.
  return tl::unexpected(fmt::format("a text is not allowed here; must be {}", wanted(field)));
}

}  // namespace tandem
