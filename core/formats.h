// The named formats of texts: what each accepts, and how the documentation tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/fields.h"
#include "core/pair.h"

namespace tandem {

struct FormatRule {
  Format format;
  std::string_view noun;     // "an IPv4 address": what it must be
  std::string_view pattern;  // ECMA 262, for editors; never narrower than `check`
  std::string_view example;
  // What is wrong with a text, empty if nothing is. Never shows the text.
  std::string (*check)(std::string_view text);
};

const FormatRule& rule_of(Format format);

std::string check_label(std::string_view text);
std::string check_ipv4(std::string_view text);
std::string check_node_address(std::string_view text);
std::string check_host(std::string_view text);
std::string check_endpoint(std::string_view text);
std::string check_path(std::string_view text);
std::string check_directory(std::string_view text);
std::string check_url(std::string_view text);
std::string check_dsn(std::string_view text);
std::string check_time(std::string_view text);
std::string check_day_window(std::string_view text);

// 127.0.0.0/8.
bool is_loopback(std::string_view ipv4);

// RFC 3339 with "Z" or an offset, in UTC of the years 1970 to 2199; nullopt for anything else.
std::optional<WallTime> parse_time(std::string_view text);
// In UTC and whole seconds: "2026-12-01T06:00:00Z".
std::string to_string(WallTime time);

// The last moment of those years, in milliseconds since the epoch.
inline constexpr std::int64_t kTimeMillisecondsMax = 7'258'118'399'999;
// Of a number in a file, since the epoch; nullopt: not of those years. The clock counts
// nanoseconds, and what is damaged would overflow it.
std::optional<WallTime> time_of_milliseconds(std::int64_t count);
std::optional<WallTime> time_of_seconds(std::int64_t count);

// "22:00-06:00"; nullopt for anything else, an empty window included.
std::optional<TimeWindow> parse_day_window(std::string_view text);
std::string to_string(const TimeWindow& window);

}  // namespace tandem
