#include "app/scrub.h"

#include <algorithm>
#include <set>

#include "app/scrub_text.h"
#include "core/url.h"

namespace tandem {
namespace {

// A shorter argument of a program is rather an option, or a word that stands everywhere.
constexpr std::size_t kArgumentMin = 6;
constexpr std::string_view kKeyBegin = "-----BEGIN ";
constexpr std::string_view kKeyEnd = "-----END ";

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

// As a document of JSON holds it, without its quotes.
std::string in_json(const std::string& text) {
  const std::string quoted =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// `secret` as it may stand in a text: in JSON, in JSON that another one quotes, in an URL.
std::set<std::string> forms_of(const std::string& secret) {
  return {secret, in_json(secret), in_json(in_json(secret)), percent_encode(secret)};
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
    if (text.size() >= kArgumentMin) scrubber.add(text);
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
    for (const std::string& form : forms_of(secret)) {
      if (secret.size() < kAnywhereMin)
        text = without_value(text, form, kMask);
      else
        replace_all(text, form, kMask);
    }
  }
  take_keys(text);
  return without_telltales(text, kMask);
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
