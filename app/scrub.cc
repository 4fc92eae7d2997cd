#include "app/scrub.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tandem {
namespace {

// In small letters; a name that ends with one of these counts as well: "db_password".
constexpr std::array<std::string_view, 9> kKeys = {
    "password", "passwd", "pwd", "secret", "token", "authorization", "api_key", "apikey", "bearer"};
constexpr std::string_view kKeyBegin = "-----BEGIN ";
constexpr std::string_view kKeyEnd = "-----END ";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

// What stands between two lines of PEM that speak of a private key.
void take_keys(std::string& text) {
  for (auto at = text.find(kKeyBegin); at != std::string::npos;
       at = text.find(kKeyBegin, at + kKeyBegin.size())) {
    const auto line = std::min(text.find('\n', at), text.size());
    if (text.substr(at, line - at).find("PRIVATE KEY") == std::string::npos) continue;
    const auto end = text.find(kKeyEnd, at);
    text.replace(at, end == std::string::npos ? std::string::npos : end - at, Scrubber::kMask);
  }
}

// Where the value behind a key begins and ends: behind ":", "=" or a blank, quoted or not; behind
// "Authorization" with its scheme.
struct Value {
  std::size_t begin = 0, end = 0;
};
Value value_behind(const std::string& text, std::size_t at, bool scheme) {
  while (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
  const std::size_t name_end = at;
  while (at < text.size() && (text[at] == ' ' || text[at] == ':' || text[at] == '=')) ++at;
  if (at == name_end) return {};
  const bool told = text.substr(name_end, at - name_end).find_first_of(":=") != std::string::npos;
  if (!told && !scheme) return {};
  const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
  if (quote != '\0') ++at;
  std::size_t end = at;
  const std::string_view stops = scheme ? "\n\"'," : " \t\n\"',;&}";
  while (end < text.size() && (quote != '\0' ? text[end] != quote && text[end] != '\n'
                                             : stops.find(text[end]) == std::string_view::npos))
    ++end;
  return {at, end};
}

void take_named(std::string& text) {
  std::string small = lower(text);
  for (const std::string_view key : kKeys) {
    const bool scheme = key == "authorization" || key == "bearer";
    for (auto at = small.find(key); at != std::string::npos;
         at = small.find(key, at + key.size())) {
      if (at + key.size() < small.size() && is_word(small[at + key.size()])) continue;
      const Value value = value_behind(text, at + key.size(), scheme);
      if (value.end <= value.begin) continue;
      text.replace(value.begin, value.end - value.begin, Scrubber::kMask);
      small.replace(value.begin, value.end - value.begin, Scrubber::kMask);
    }
  }
}

using Json = nlohmann::ordered_json;

void hide_text(Json& value, const Field& field, bool first, Scrubber& scrubber) {
  if (!value.is_string()) return;
  const std::string text = value.get<std::string>();
  // The vendor's services stand at addresses that everybody knows, unless somebody put more in
  // them.
  const bool open = field.format == Format::local_url && text.find_first_of("@?#") == text.npos;
  if (open) return;
  if (field.format == Format::https_url || field.format == Format::local_url) {
    scrubber.add(text);
    value = host_of_url(text);
  } else if (!first) {
    scrubber.add(text);
    value = Scrubber::kMask;
  }
}

// `in_argv`: an item of a list, whose first one is the program and no secret.
void hide(Json& value, const FieldTree& fields, Scrubber& scrubber) {
  if (value.is_object()) {
    for (auto& [name, member] : value.items())
      if (const FieldTree* child = fields.child(name)) hide(member, *child, scrubber);
    return;
  }
  if (value.is_array()) {
    const FieldTree* const item = fields.child("[]");
    if (item == nullptr) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i].is_string() && item->field->secret)
        hide_text(value[i], *item->field, i == 0, scrubber);
      else
        hide(value[i], *item, scrubber);
    }
    return;
  }
  if (fields.field->secret && fields.field->format != Format::dsn)
    hide_text(value, *fields.field, false, scrubber);
}

}  // namespace

void Scrubber::add(std::string secret) {
  if (secret.size() < kSecretMin || std::ranges::find(secrets_, secret) != secrets_.end()) return;
  secrets_.push_back(std::move(secret));
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Scrubber::clean(std::string text) const {
  for (const std::string& secret : secrets_) {
    replace_all(text, secret, kMask);
    // As a document of JSON holds it.
    std::string quoted =
        nlohmann::json(secret).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    quoted = quoted.substr(1, quoted.size() - 2);
    if (quoted != secret) replace_all(text, quoted, kMask);
  }
  take_keys(text);
  take_named(text);
  return text;
}

std::string host_of_url(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return std::string(Scrubber::kMask);
  std::size_t begin = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  if (const auto at = url.rfind('@', end); at != std::string::npos && at > begin) begin = at + 1;
  std::string made = url.substr(0, scheme + 3) + url.substr(begin, end - begin);
  if (end < url.size()) made += "/" + std::string(Scrubber::kMask);
  return made;
}

Json without_secrets(Json document, const FieldTree& fields, Scrubber& scrubber) {
  hide(document, fields, scrubber);
  return document;
}

}  // namespace tandem
