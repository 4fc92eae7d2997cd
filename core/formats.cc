#include "core/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kIPv6 =
    "is an IPv6 address; must be IPv4, because the vendor's own HA breaks on IPv6: its PostgreSQL "
    "rule would trust a /32 of it";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool all(std::string_view text, bool (*allowed)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string check_any(std::string_view text) {
  if (text.empty()) return "is empty; must have at least one character";
  for (std::size_t at = 0; at < text.size();) {
    const auto length = std::max<std::size_t>(utf8_length(text, at), 1);
    if (!is_shown(text.substr(at, length)))
      return "has a control character or line break; must be one line of plain text";
    at += length;
  }
  return "";
}

std::string check_program(std::string_view text) {
  const auto wrong = check_path(text);
  if (!wrong.empty()) return wrong;
  return text.ends_with('/') ? "is a folder; must be the absolute path of a program" : "";
}

std::string check_mail(std::string_view text) {
  const auto at = text.find('@');
  const bool right = at != std::string_view::npos && at > 0 && text[0] != '-' &&
                     all(text.substr(0, at),
                         [](char c) {
                           return is_letter(c) || is_digit(c) ||
                                  std::string_view("._%+-=").find(c) != std::string_view::npos;
                         }) &&
                     check_host(text.substr(at + 1)).empty();
  return right ? "" : "is not a mail address; must be NAME@HOST, as in root@localhost";
}

bool is_table_letter(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '$'; }

std::string check_table(std::string_view text) {
  const auto dot = text.find('.');
  const auto table = dot == std::string_view::npos ? text : text.substr(dot + 1);
  const auto schema = dot == std::string_view::npos ? "public" : text.substr(0, dot);
  const bool right = all(table, is_table_letter) && all(schema, is_table_letter);
  return right ? "" : "is not a table; must be TABLE or SCHEMA.TABLE without quotes";
}

bool is_unit_letter(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view(":-_.\\@").find(c) != std::string_view::npos;
}

std::string check_unit(std::string_view text) {
  const bool right = all(text, is_unit_letter) && text[0] != '-' && text[0] != '.';
  return right ? "" : "is not a unit; must be a systemd unit such as asterisk.service";
}

bool is_id_letter(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

std::string check_id(std::string_view text) {
  return all(text, is_id_letter) ? ""
                                 : "is not an identifier; must be letters, digits, '-', '_', '.'";
}

#define TANDEM_IPV4 \
  "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}"

constexpr FormatRule kRules[] = {
    {Format::any, "text", "^[^\\x00-\\x1f\\x7f]+$", "planned upgrade", check_any},
    {Format::label, "an RFC 1123 label", "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", "pbx-a",
     check_label},
    {Format::ipv4, "an IPv4 address", "^" TANDEM_IPV4 "$", "192.0.2.1", check_ipv4},
    {Format::node_address, "the IPv4 address of a host", "^" TANDEM_IPV4 "$", "192.0.2.10",
     check_node_address},
    {Format::host, "an IPv4 address or host name", "^[A-Za-z0-9.-]+$", "reports.example.org",
     check_host},
    {Format::endpoint, "IPV4:PORT", "^" TANDEM_IPV4 ":[1-9][0-9]{0,4}$", "127.0.0.1:9877",
     check_endpoint},
    {Format::path, "an absolute path", "^/", "/etc/tandem/token", check_path},
    {Format::directory, "an absolute directory other than /", "^/.", "/srv/tandem",
     check_directory},
    {Format::program, "the absolute path of a program", "^/.", "/usr/local/bin/told",
     check_program},
    {Format::local_url, "an https URL, or http to this host", "^https?://",
     "http://127.0.0.1:9486/1.1", check_url},
    {Format::https_url, "an https URL, or http to this host", "^https?://",
     "https://alerts.example.org/hook", check_url},
    {Format::dsn, "a libpq connection string without password", "=",
     "host=127.0.0.1 dbname=asterisk", check_dsn},
    {Format::mail, "a mail address", "^[^@]+@[^@]+$", "root@localhost", check_mail},
    {Format::table, "a table name", "^[A-Za-z0-9_$]+(\\.[A-Za-z0-9_$]+)?$",
     "stat_switchboard_queue", check_table},
    {Format::unit, "a systemd unit", "^[A-Za-z0-9:_\\\\@][A-Za-z0-9:_.\\\\@-]*$",
     "asterisk.service", check_unit},
    {Format::id, "an identifier", "^[A-Za-z0-9_.-]+$", "default", check_id},
    {Format::time, "an RFC 3339 time",
     "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$",
     "2026-12-01T06:00:00Z", check_time},
    {Format::day_window, "a window HH:MM-HH:MM",
     "^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d$", "22:00-06:00", check_day_window},
};

consteval bool rules_are_in_order() {
  for (std::size_t i = 0; i < std::size(kRules); ++i)
    if (kRules[i].format != static_cast<Format>(i)) return false;
  return std::size(kRules) == static_cast<std::size_t>(Format::day_window) + 1;
}
static_assert(rules_are_in_order());

using Quad = std::array<int, 4>;

std::optional<Quad> quad_of(std::string_view text) {
  const auto numbers = split(text, '.');
  if (numbers.size() != 4 || text.ends_with('.')) return std::nullopt;
  Quad quad{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& number = numbers[i];
    if (!all(number, is_digit) || number.size() > 3) return std::nullopt;
    if (number.size() > 1 && number[0] == '0') return std::nullopt;
    quad[i] = std::atoi(number.c_str());
    if (quad[i] > 255) return std::nullopt;
  }
  return quad;
}

bool is_ipv6(std::string_view text) {
  if (text.starts_with('[')) return true;
  return std::count(text.begin(), text.end(), ':') >= 2 && all(text, [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
                  c == '.';
         });
}

std::string check_port(std::string_view text) {
  int port = 0;
  const bool digits = all(text, is_digit) && text.size() <= 5 && text[0] != '0';
  if (digits) std::from_chars(text.data(), text.data() + text.size(), port);
  return digits && port <= 65535 ? "" : "has no valid port; must be IPV4:PORT, port 1 to 65535";
}

}  // namespace

const FormatRule& rule_of(Format format) { return kRules[static_cast<std::size_t>(format)]; }

std::string check_label(std::string_view text) {
  const bool letters = all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
  if (letters && text.size() <= 63 && text.front() != '-' && text.back() != '-') return "";
  return "is not an RFC 1123 label; must be 1 to 63 of a-z, 0-9 and '-', with '-' only inside";
}

std::string check_ipv4(std::string_view text) {
  if (quad_of(text)) return "";
  if (is_ipv6(text)) return std::string(kIPv6);
  return "is not an IPv4 address; must be four numbers from 0 to 255, as in 192.0.2.10";
}

std::string check_node_address(std::string_view text) {
  const auto wrong = check_ipv4(text);
  if (!wrong.empty()) return wrong;
  const int first = quad_of(text).value()[0];
  if (text == "255.255.255.255") return "is the broadcast address; must be the address of one host";
  if (first == 0) return "means no host or every host; must be the address of one host";
  if (first >= 224 && first < 240) return "is a multicast address; must be the address of one host";
  if (first >= 240) return "is a reserved address; must be the address of one host";
  return "";
}

bool is_loopback(std::string_view ipv4) {
  const auto quad = quad_of(ipv4);
  return quad && quad.value()[0] == 127;
}

std::string check_host(std::string_view text) {
  if (quad_of(text)) return "";
  if (is_ipv6(text)) return "is an IPv6 address; must be an IPv4 address or a host name";
  const auto labels = split(text, '.');
  bool right = !labels.empty() && text.size() <= 253 && !text.ends_with('.');
  for (const auto& label : labels) {
    right = right && label.size() <= 63 && !label.starts_with('-') && !label.ends_with('-') &&
            all(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  }
  // 192.0.2.300 is no host name.
  if (right && !all(labels.back(), is_digit)) return "";
  return "is not an IPv4 address or host name; must be as in 192.0.2.10 or db.example.org";
}

std::string check_endpoint(std::string_view text) {
  if (is_ipv6(text)) return "is an IPv6 address; must be IPV4:PORT, as in 127.0.0.1:9877";
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !quad_of(text.substr(0, colon)))
    return "is not an address with a port; must be IPV4:PORT, as in 127.0.0.1:9877";
  return check_port(text.substr(colon + 1));
}

std::string check_path(std::string_view text) {
  if (!text.starts_with('/')) return "is not absolute; must begin with '/'";
  const auto wrong = check_any(text);
  if (!wrong.empty()) return wrong;
  if (text.find("//") != std::string_view::npos) return "has '//' inside; must have single slashes";
  for (const auto& part : split(text.substr(1), '/'))
    if (part == "." || part == "..") return "has '.' or '..' as a part; must be the plain path";
  return "";
}

std::string check_directory(std::string_view text) {
  if (text == "/") return "is the whole disk; must be a directory below '/'";
  return check_path(text);
}

}  // namespace tandem
