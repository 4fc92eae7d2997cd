// How wazo-auth, confd and provd word their answers, for fake_vendor.h.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "ports/http.h"

namespace tandem::fakes {

using Json = nlohmann::json;

inline HttpResponse answer(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.headers["Content-Type"] = "application/json";
  if (status != 204) response.body = body.dump();
  return response;
}
inline HttpResponse text(int status, std::string body, std::string type = "text/plain") {
  HttpResponse response;
  response.status = status;
  response.headers["content-type"] = std::move(type);
  response.body = std::move(body);
  return response;
}
inline HttpResponse no_route() {
  return text(404, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n",
              "text/html; charset=utf-8");
}

inline std::string header(const HttpRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

inline std::string decoded(std::string_view encoded) {
  std::string plain;
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (encoded[at] != '%') {
      plain += encoded[at];
      continue;
    }
    plain += static_cast<char>(std::stoi(std::string(encoded.substr(at + 1, 2)), nullptr, 16));
    at += 2;
  }
  return plain;
}

// `*` is one word, `#` is any number of them.
inline bool fits(std::string_view pattern, std::string_view scope) {
  if (pattern.empty() || scope.empty()) return pattern.empty() && scope.empty();
  if (pattern[0] == '#') return true;
  if (pattern[0] == '*')
    return fits(pattern.substr(1), scope.substr(std::min(scope.find('.'), scope.size())));
  return pattern[0] == scope[0] && fits(pattern.substr(1), scope.substr(1));
}
inline HttpResponse refused(const HttpRequest& request, const std::string& scope) {
  return answer(401, Json::array({"('" + header(request, "X-Auth-Token") + "', '" + scope + "')"}));
}

inline Json registrar_item(const Json& config) {
  const auto value = [&](const char* key) { return config.contains(key) ? config[key] : Json(); };
  return {{"id", config["id"]},
          {"main_host", value("registrar_main")},
          {"proxy_main_host", value("proxy_main")},
          {"backup_host", value("registrar_backup")},
          {"proxy_backup_host", value("proxy_backup")}};
}

}  // namespace tandem::fakes
