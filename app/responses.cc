#include "app/responses.h"

namespace tandem {
namespace {

ServedResponse json_response(int status, const OrderedJson& json, const char* type) {
  ServedResponse response;
  response.status = status;
  response.headers["Content-Type"] = type;
  response.headers["Cache-Control"] = "no-store";
  response.headers["X-Content-Type-Options"] = "nosniff";
  response.body = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

}  // namespace

ServedResponse document(const OrderedJson& json, int status) {
  return json_response(status, json, "application/json");
}

ServedResponse problem(int status, const std::string& title, const std::string& detail) {
  return json_response(status, problem_document(status, title, detail), "application/problem+json");
}

ServedResponse text(int status, std::string body, const char* type) {
  ServedResponse response;
  response.status = status;
  response.headers["Content-Type"] = type;
  response.headers["Cache-Control"] = "no-store";
  response.body = std::move(body);
  return response;
}

}  // namespace tandem
