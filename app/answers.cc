#include "app/answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tandem {

ServedResponse json_answer(int status, const OrderedJson& json, const char* type) {
  ServedResponse response;
  response.status = status;
  response.headers["Content-Type"] = type;
  response.headers["Cache-Control"] = "no-store";
  response.headers["X-Content-Type-Options"] = "nosniff";
  response.body = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

ServedResponse problem(int status, const std::string& title, const std::string& detail) {
  return json_answer(status, problem_document(status, title, detail), "application/problem+json");
}

ServedResponse document(const OrderedJson& json, int status) {
  return json_answer(status, json, "application/json");
}

ServedResponse text(int status, std::string body, const char* type) {
  ServedResponse response;
  response.status = status;
  response.headers["Content-Type"] = type;
  response.headers["Cache-Control"] = "no-store";
  response.body = std::move(body);
  return response;
}

ServedResponse not_allowed(const char* allowed) {
  auto response = problem(405, "Method not allowed", fmt::format("this path takes {}", allowed));
  response.headers["Allow"] = allowed;
  return response;
}

}  // namespace tandem
