#include "pbx/auth.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base64.h"
#include "pbx/answer.h"
#include "pbx/json.h"

namespace tandem {
namespace {

using std::chrono::seconds;

constexpr const char* kMediaType = "application/json";
constexpr seconds kDeadline{10};
// Longer than the request of another caller can take.
constexpr seconds kWaitMax{15};

HttpRequest post(std::string url, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers["Content-Type"] = kMediaType;
  request.headers["Accept"] = kMediaType;
  request.body = std::move(body);
  request.deadline = kDeadline;
  return request;
}

// It goes into a header and a path, so nothing else than a word will do.
bool is_word(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

Result<std::string> token_in(const HttpResponse& response) {
  constexpr std::string_view kWhere = "auth: POST /token";
  const auto body = parse_json(response.body, kWhere);
  if (!body.ok()) return body.error();
  const Json& answer = body.value();
  const bool has_data = answer.is_object() && answer.contains("data");
  auto token = required_text(has_data ? answer["data"] : Json(), "token", kWhere);
  if (token.ok() && !is_word(token.value()))
    return unexpected(kWhere, "token", "it must be one word");
  return token;
}

Result<std::map<std::string, bool>> scopes_in(const HttpResponse& response) {
  constexpr std::string_view kWhere = "auth: POST /token/<token>/scopes/check";
  const auto body = parse_json(response.body, kWhere);
  if (!body.ok()) return body.error();
  const Json& answer = body.value();
  const Json scopes = answer.is_object() && answer.contains("scopes") ? answer["scopes"] : Json();
  if (!scopes.is_object()) return unexpected(kWhere, "scopes", "it must be an object");
  std::map<std::string, bool> held;
  for (const auto& [scope, holds] : scopes.items()) {
    if (!holds.is_boolean()) return unexpected(kWhere, "scopes", "each must be true or false");
    held[scope] = holds.get<bool>();
  }
  return held;
}

constexpr const char* kTenants = "auth: GET /tenants";

Result<std::vector<Tenant>> tenants_in(const HttpResponse& response) {
  const auto body = parse_json(response.body, kTenants);
  if (!body.ok()) return body.error();
  const auto items = complete_items(body.value(), kTenants);
  if (!items.ok()) return items.error();
  std::vector<Tenant> tenants;
  for (const Json& item : items.value()) {
    auto uuid = required_text(item, "uuid", kTenants);
    if (!uuid.ok()) return uuid.error();
    auto name = optional_text(item, "name", kTenants);
    if (!name.ok()) return name.error();
    tenants.push_back({std::move(uuid).value(), std::move(name).value()});
  }
  return tenants;
}

Error wrong_credentials() {
  return Error{Fault::denied,
               "auth: the user name or the password is wrong (401); correct the credentials file"};
}

}  // namespace

Auth::Auth(Http& http, Clock& clock, std::string base_url, CredentialsSource read_credentials)
    : http_(http),
      clock_(clock),
      base_url_(std::move(base_url)),
      read_credentials_(std::move(read_credentials)) {
  while (base_url_.ends_with('/')) base_url_.pop_back();
}

bool Auth::is_fresh() const { return !token_.empty() && clock_.now() < renew_at_; }

void Auth::forget(const std::string& token) {
  if (token == token_) token_.clear();
}

Task<Result<std::string>> Auth::token() {
  if (in_flight_) co_return co_await wait_for_the_one_in_flight();
  if (is_fresh()) co_return token_;

  in_flight_ = true;
  auto outcome = co_await renew();
  in_flight_ = false;
  const auto waiters = std::exchange(waiters_, {});
  for (const auto& waiter : waiters) {
    waiter->outcome = outcome;
    waiter->signal->notify();
  }
  co_return outcome;
}

Task<Result<std::string>> Auth::wait_for_the_one_in_flight() {
  const auto waiter = std::make_shared<Waiter>();
  waiter->signal = clock_.make_signal();
  waiters_.push_back(waiter);
  const Instant until = clock_.now() + kWaitMax;
  while (!waiter->outcome && clock_.now() < until) co_await clock_.wait(*waiter->signal, until);
  if (!waiter->outcome)
    co_return Error{Fault::timed_out, "auth: the request for a token takes too long"};
  co_return *waiter->outcome;
}

Task<Result<std::string>> Auth::renew() {
  auto credentials = read_credentials_();
  if (!credentials.ok()) co_return in_context("auth: no credentials", credentials.error());
  if (refused_ == credentials.value() && clock_.now() < refused_until_)
    co_return wrong_credentials();

  const Instant asked_at = clock_.now();
  auto token = co_await request_token(credentials.value());
  if (token.ok()) {
    token_ = token.value();
    renew_at_ = asked_at + kLifetime - kMargin;
    refused_.reset();
  } else if (token.error().fault == Fault::denied) {
    refused_ = credentials.value();
    refused_until_ = clock_.now() + kRefusedPause;
  }
  co_return token;
}

Task<Result<std::string>> Auth::request_token(Credentials credentials) {
  if (credentials.username.find(':') != std::string::npos)
    co_return Error{Fault::invalid, "auth: the user name must not have a colon"};
  const std::string basic = to_base64(credentials.username + ":" + credentials.password);
  const std::vector<std::string> secrets{basic, credentials.password};

  HttpRequest request =
      post(base_url_ + "/token", fmt::format(R"({{"expiration": {}}})", kLifetime.count()));
  request.headers["Authorization"] = "Basic " + basic;
  const auto answer = co_await http_.send(std::move(request));
  if (!answer.ok()) co_return in_context("auth: POST /token", answer.error());
  if (answer.value().status == 401) co_return wrong_credentials();
  if (answer.value().status != 200) {
    Error error = refusal_error("auth: POST /token", answer.value(), secrets);
    // Only a 401 is about the credentials; a 403 comes from something in between.
    if (error.fault == Fault::denied) error.fault = Fault::unavailable;
    co_return error;
  }
  co_return token_in(answer.value());
}

Task<Result<HttpResponse>> Auth::post_scopes(std::string token, std::string body) {
  HttpRequest request = post(base_url_ + "/token/" + token + "/scopes/check", std::move(body));
  auto answer = co_await http_.send(std::move(request));
  if (answer.ok()) co_return answer;
  const std::vector<std::string> secrets{token};
  const Error error = answer.error();
  co_return Error{error.fault,
                  "auth: POST /token/<token>/scopes/check: " + safe_text(error.message, secrets)};
}

Task<Result<std::map<std::string, bool>>> Auth::check_scopes(std::vector<std::string> scopes) {
  Json question;
  question["scopes"] = scopes;
  const std::string body = to_text(question);

  auto held = co_await token();
  if (!held.ok()) co_return held.error();
  auto answer = co_await post_scopes(held.value(), body);
  if (answer.ok() && answer.value().status == 404) {  // it vanished
    forget(held.value());
    held = co_await token();
    if (!held.ok()) co_return held.error();
    answer = co_await post_scopes(held.value(), body);
  }
  if (!answer.ok()) co_return answer.error();
  if (answer.value().status != 200) {
    const std::vector<std::string> secrets{held.value()};
    co_return refusal_error("auth: POST /token/<token>/scopes/check", answer.value(), secrets);
  }
  co_return scopes_in(answer.value());
}

Task<Result<HttpResponse>> Auth::get_tenants(std::string token) {
  HttpRequest request;
  request.url = base_url_ + "/tenants";
  request.headers["Accept"] = kMediaType;
  request.headers["X-Auth-Token"] = std::move(token);
  request.deadline = kDeadline;
  auto answer = co_await http_.send(std::move(request));
  if (!answer.ok()) co_return in_context(kTenants, answer.error());
  co_return answer;
}

Task<Result<std::vector<Tenant>>> Auth::tenants() {
  auto held = co_await token();
  if (!held.ok()) co_return held.error();
  auto answer = co_await get_tenants(held.value());
  if (answer.ok() && answer.value().status == 401) {  // it vanished, or the right is missing
    forget(held.value());
    held = co_await token();
    if (!held.ok()) co_return held.error();
    answer = co_await get_tenants(held.value());
  }
  if (!answer.ok()) co_return answer.error();
  if (answer.value().status != 200) {
    const std::vector<std::string> secrets{held.value()};
    co_return refusal_error(kTenants, answer.value(), secrets);
  }
  co_return tenants_in(answer.value());
}

}  // namespace tandem
