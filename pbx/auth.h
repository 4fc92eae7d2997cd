// The token of wazo-auth that the other services want, renewed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/credentials.h"
#include "core/result.h"
#include "ports/clock.h"
#include "ports/http.h"
#include "ports/task.h"

namespace tandem {

struct Tenant {
  std::string uuid;
  std::string name;

  bool operator==(const Tenant&) const = default;
};

// No message of this class holds a password or a token.
class Auth {
 public:
  static constexpr std::chrono::seconds kLifetime{7200};
  static constexpr std::chrono::seconds kMargin{600};  // renewed so long before its end
  static constexpr std::chrono::seconds kRefusedPause{
      30};  // between tries with refused credentials

  // Asked before each new token, so that an edit of the credentials file is noticed.
  using CredentialsSource = std::function<Result<Credentials>()>;

  // `base_url` as in operator.yaml: "http://127.0.0.1:9497/0.1".
  Auth(Http& http, Clock& clock, std::string base_url, CredentialsSource read_credentials);

  // The token at hand, or a new one. Callers that come while one is being made all get that one.
  // Fault::denied: wrong credentials; the same ones are then not tried again for kRefusedPause, as
  // the vendor logs and bans repeated failures.
  Task<Result<std::string>> token();

  // `token` was refused somewhere (they vanish at each of the vendor's replications): the next
  // token() makes a new one. Nothing happens if that has been done meanwhile.
  void forget(const std::string& token);

  // Which of the scopes ("confd.registrars.read") the token has.
  Task<Result<std::map<std::string, bool>>> check_scopes(std::vector<std::string> scopes);

  // All tenants. denied: our user lacks auth.tenants.read.
  Task<Result<std::vector<Tenant>>> tenants();

 private:
  struct Waiter {
    std::unique_ptr<Signal> signal;
    std::optional<Result<std::string>> outcome;
  };

  bool is_fresh() const;
  Task<Result<std::string>> wait_for_the_one_in_flight();
  Task<Result<std::string>> renew();
  Task<Result<std::string>> request_token(Credentials credentials);
  Task<Result<HttpResponse>> get_tenants(std::string token);
  Task<Result<HttpResponse>> post_scopes(std::string token, std::string body);

  Http& http_;
  Clock& clock_;
  std::string base_url_;
  CredentialsSource read_credentials_;

  std::string token_;
  Instant renew_at_{};
  std::optional<Credentials> refused_;
  Instant refused_until_{};
  bool in_flight_ = false;
  std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace tandem
