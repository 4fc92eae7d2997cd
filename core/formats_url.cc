// The formats with a grammar of their own: URLs, connection strings, times.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/formats.h"

namespace tandem {
namespace {

using std::chrono::minutes;

// Two digits from `at` as a number up to `most`; -1 for anything else.
int two_digits(std::string_view text, std::size_t at, int most) {
  if (at + 2 > text.size()) return -1;
  int value = -1;
  const auto* end = text.data() + at + 2;
  if (std::isdigit(static_cast<unsigned char>(text[at])) == 0) return -1;
  const auto read = std::from_chars(text.data() + at, end, value);
  return read.ptr == end && value <= most ? value : -1;
}

std::optional<minutes> clock_time(std::string_view text) {
  const int hour = two_digits(text, 0, 23);
  const int minute = two_digits(text, 3, 59);
  if (text.size() != 5 || text[2] != ':' || hour < 0 || minute < 0) return std::nullopt;
  return minutes{hour * 60 + minute};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

// A key=value string of libpq, read as libpq reads it: values may be quoted, a backslash escapes.
class DsnReader {
 public:
  explicit DsnReader(std::string_view text) : rest_(text) {}

  // The next key in lower case; empty at the end or at an error.
  std::string next_key() {
    skip_spaces();
    std::string key;
    while (!rest_.empty() && is_word(rest_[0])) {
      key += static_cast<char>(std::tolower(static_cast<unsigned char>(rest_[0])));
      rest_.remove_prefix(1);
    }
    skip_spaces();
    if (rest_.empty() && key.empty()) return "";
    broken_ = key.empty() || !rest_.starts_with('=');
    if (!broken_) {
      rest_.remove_prefix(1);
      skip_spaces();
      skip_value();
    }
    return broken_ ? "" : key;
  }

  bool broken() const { return broken_; }

 private:
  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_[0])) rest_.remove_prefix(1);
  }

  void skip_value() {
    const bool in_quotes = rest_.starts_with('\'');
    if (in_quotes) rest_.remove_prefix(1);
    while (!rest_.empty() && (in_quotes ? rest_[0] != '\'' : !is_space(rest_[0])))
      rest_.remove_prefix(std::min<std::size_t>(rest_[0] == '\\' ? 2 : 1, rest_.size()));
    if (!in_quotes) return;
    broken_ = rest_.empty();
    if (!broken_) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace

std::string check_url(std::string_view text) {
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://"))
    return "is not an http or https URL; must be as in http://127.0.0.1:9486/1.1";
  const auto printable = [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; };
  if (!std::all_of(text.begin(), text.end(), printable))
    return "has a character that no URL has; must be percent-encoded";
  const auto rest = text.substr(secure ? 8 : 7);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return "has credentials inside; must be without USER:PASSWORD@";
  if (authority.starts_with('[')) return "has an IPv6 address; must have IPv4 or a host name";
  const auto colon = authority.find(':');
  const auto host = authority.substr(0, colon);
  if (!check_host(host).empty()) return "has no valid host; must be SCHEME://HOST[:PORT]/PATH";
  if (colon != std::string_view::npos &&
      !check_endpoint(fmt::format("127.0.0.1{}", authority.substr(colon))).empty())
    return "has no valid port; must be 1 to 65535";
  if (!secure && host != "localhost" && !is_loopback(host))
    return "would send credentials in clear to another host; must be https, or http to 127.0.0.1";
  return "";
}

std::string check_dsn(std::string_view text) {
  const auto printable = [](char c) { return (c >= 0x20 && c != 0x7F) || c == '\t' || c < 0; };
  if (text.find("://") != std::string_view::npos && text.find('=') > text.find("://"))
    return "is a URI; must be libpq's KEY=VALUE form, as in host=127.0.0.1 dbname=asterisk";
  if (!std::all_of(text.begin(), text.end(), printable))
    return "has a control character; must be one line of KEY=VALUE";
  DsnReader reader(text);
  bool any = false;
  for (auto key = reader.next_key(); !key.empty(); key = reader.next_key()) {
    if (key == "password" || key == "sslpassword")
      return "has a password inside; must be without it, the password belongs into passwordFile";
    any = true;
  }
  if (reader.broken() || !any)
    return "is not a connection string; must be KEY=VALUE words, as in host=127.0.0.1 "
           "dbname=asterisk";
  return "";
}

std::optional<WallTime> parse_time(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < kShape.size() + 1) return std::nullopt;
  for (const std::size_t at : {4UL, 7UL, 10UL, 13UL, 16UL})
    if (text[at] != kShape[at]) return std::nullopt;
  const int century = two_digits(text, 0, 21);
  const int in_century = two_digits(text, 2, 99);
  const int month_number = two_digits(text, 5, 12), day_number = two_digits(text, 8, 31);
  const int hour = two_digits(text, 11, 23), minute = two_digits(text, 14, 59);
  const int second = two_digits(text, 17, 59);
  if (std::min({century, in_century, month_number, day_number, hour, minute, second}) < 0)
    return std::nullopt;
  const year_month_day date{year{century * 100 + in_century},
                            month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok() || date.year() < year{1970}) return std::nullopt;

  auto zone = text.substr(kShape.size());
  if (zone.starts_with('.')) {  // a fraction is read and dropped: nothing here is that exact
    const auto end = zone.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return std::nullopt;
    zone.remove_prefix(end);
  }
  minutes offset{};
  if (zone != "Z") {
    if (!zone.starts_with('+') && !zone.starts_with('-')) return std::nullopt;
    const auto shift = clock_time(zone.substr(1));
    if (!shift) return std::nullopt;
    offset = zone[0] == '-' ? -shift.value() : shift.value();
  }
  const sys_seconds time =
      sys_days{date} + hours{hour} + minutes{minute} + seconds{second} - offset;
  return time_of_seconds(time.time_since_epoch().count());
}

std::optional<WallTime> time_of_milliseconds(std::int64_t count) {
  if (count < 0 || count > kTimeMillisecondsMax) return std::nullopt;
  return WallTime(std::chrono::milliseconds{count});
}

std::optional<WallTime> time_of_seconds(std::int64_t count) {
  if (count < 0 || count > kTimeMillisecondsMax / 1000) return std::nullopt;
  return WallTime(std::chrono::seconds{count});
}

std::string to_string(WallTime time) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time);
  const auto date = floor<days>(whole);
  const year_month_day calendar{date};
  const hh_mm_ss clock{whole - date};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(calendar.year()),
                     static_cast<unsigned>(calendar.month()), static_cast<unsigned>(calendar.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string check_time(std::string_view text) {
  if (parse_time(text)) return "";
  return "is not an RFC 3339 time; must be as in 2026-12-01T06:00:00Z";
}

std::optional<TimeWindow> parse_day_window(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto from = clock_time(text.substr(0, 5));
  const auto to = clock_time(text.substr(6));
  if (!from || !to || from == to) return std::nullopt;
  return TimeWindow{from.value(), to.value()};
}

std::string to_string(const TimeWindow& window) {
  return fmt::format("{:02}:{:02}-{:02}:{:02}", window.from.count() / 60, window.from.count() % 60,
                     window.to.count() / 60, window.to.count() % 60);
}

std::string check_day_window(std::string_view text) {
  if (parse_day_window(text)) return "";
  return "is not a window of the day; must be HH:MM-HH:MM with two different times, as in "
         "22:00-06:00";
}

}  // namespace tandem
