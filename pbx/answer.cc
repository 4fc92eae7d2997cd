#include "pbx/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::size_t kShownMax = 200;
constexpr std::string_view kTokenPath = "/token/";
constexpr std::string_view kPlaceholder = "<token>";

void replace_all(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kPlaceholder.size()))
    text.replace(at, secret.size(), kPlaceholder);
}

// confd quotes the URL it asked wazo-auth for, which has the token as a part of its path.
void replace_tokens_in_paths(std::string& text) {
  for (auto at = text.find(kTokenPath); at != std::string::npos; at = text.find(kTokenPath, at)) {
    at += kTokenPath.size();
    const auto end = std::min(text.find_first_of("?/ '\"\\)(,", at), text.size());
    text.replace(at, end - at, kPlaceholder);
  }
}

bool is_html(const HttpResponse& response) {
  const auto type = response.headers.find("Content-Type");
  const bool said = type != response.headers.end() && type->second.starts_with("text/html");
  const auto first = response.body.find_first_not_of(" \t\r\n");
  // provd types the one word "Unauthorized" as HTML, and a page may come without a type.
  return first != std::string::npos && response.body[first] == '<' &&
         (said || response.body.find("<html") != std::string::npos);
}

std::string first_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array() && !value.empty() && value.front().is_string())
    return value.front().get<std::string>();
  return "";
}

std::string sentence_in(const nlohmann::json& body) {
  if (!body.is_object()) return first_text(body);
  for (const char* member : {"reason", "message"})
    if (const auto found = body.find(member); found != body.end()) return first_text(*found);
  return "";
}

Fault fault_of(int status) {
  switch (status) {
    case 401:
    case 403: return Fault::denied;
    case 404: return Fault::not_found;
    case 408:
    case 429: return Fault::unavailable;
    default: return status >= 500 ? Fault::unavailable : Fault::invalid;
  }
}

std::string_view meaning_of(int status) {
  if (status == 401)
    return " (the user lacks a right or is not of the master tenant, or the token is no longer "
           "valid)";
  if (status == 503) return " (as in a burst while PostgreSQL restarts, or when wazo-auth is down)";
  if (status >= 300 && status < 400)
    return " (a redirect, which is never followed: its URL in operator.yaml is not the service's "
           "own)";
  return "";
}

}  // namespace

std::string safe_text(std::string_view text, const std::vector<std::string>& secrets) {
  std::string safe(text);
  for (const std::string& secret : secrets) replace_all(safe, secret);
  replace_tokens_in_paths(safe);
  return foreign_words(safe, kShownMax);
}

std::string refusal(const HttpResponse& response, const std::vector<std::string>& secrets) {
  if (response.body.empty() || is_html(response)) return "";
  const auto body = read_json(response.body);
  return safe_text(body.is_discarded() ? response.body : sentence_in(body), secrets);
}

Error refusal_error(std::string_view service, const HttpResponse& response,
                    const std::vector<std::string>& secrets) {
  const std::string said = refusal(response, secrets);
  return Error{fault_of(response.status),
               fmt::format("{} answered {}{}{}{}", service, response.status,
                           meaning_of(response.status), said.empty() ? "" : ": ", said)};
}

}  // namespace tandem
