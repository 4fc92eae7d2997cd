#include "core/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tandem {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_unreserved(char c) {
  return is_letter_or_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// RFC 3986: what may stand in a path or a query, with every `%` followed by two hexadecimal digits.
bool is_encoded(std::string_view text, std::string_view also) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2]))
        return false;
      i += 2;
    } else if (!is_unreserved(text[i]) && also.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
      return is_hex_digit(c) || c == ':' || c == '.';
    });
  }
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Error bad_url(std::string_view why) { return {Fault::invalid, "the URL " + std::string(why)}; }

}  // namespace

std::string Url::origin() const { return scheme + "://" + host + ":" + std::to_string(port); }

Result<Url> parse_url(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return bad_url("must begin with http:// or https://");
  Url url;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https")
    return bad_url("must begin with http:// or https://");
  const auto rest = text.substr(colon + 3);
  const auto resource = std::min(rest.find_first_of("/?#"), rest.size());

  // An IPv6 address has colons of its own, within brackets.
  const auto authority = rest.substr(0, resource);
  const auto bracket = authority.find(']');
  const auto from = bracket == std::string_view::npos ? 0 : bracket;
  const auto host_end = std::min(authority.find(':', from), authority.size());
  if (authority.find('@') != std::string_view::npos)
    return bad_url("must not have user information");
  url.host = lower(authority.substr(0, host_end));
  if (!is_host(url.host)) return bad_url("must have a host");
  url.port = url.scheme == "https" ? 443 : 80;
  if (host_end < authority.size()) {
    const auto port = parse_port(authority.substr(host_end + 1));
    if (!port) return bad_url("must have a port between 1 and 65535");
    url.port = *port;
  }

  const auto question = std::min(rest.find('?', resource), rest.size());
  url.path = rest.substr(resource, question - resource);
  if (url.path.empty()) url.path = "/";
  if (question < rest.size()) url.query = rest.substr(question + 1);
  if (!is_encoded(url.path, "!$&'()*+,;=:@/") || !is_encoded(url.query, "!$&'()*+,;=:@/?"))
    return bad_url("must be percent-encoded and have no fragment");
  return url;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
    }
  }
  return result;
}

}  // namespace tandem
