// Asks the operator that runs on this node, over its plain listener.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/trusted_listener.h"
#include "core/pair.h"
#include "core/result.h"
#include "ports/http.h"

namespace tandem {

// "127.0.0.1:9877"; a listener on every address is asked over loopback.
std::string address_to_ask(const OperatorConfig& config);

// connection_refused: nobody listens where `config` says, and what to do about it; an operator that
// runs all the same, without its port, is told of to whoever may read the state directory.
Error nobody_listens(const OperatorConfig& config);

class OperatorClient {
 public:
  // A plan asks every service, each with its deadline.
  static constexpr std::chrono::seconds kReadLimit{60};
  // Over Loop::kApplyLimit.
  static constexpr std::chrono::seconds kOrderLimit{260};

  // Asked before each request whether it may be sent to this address.
  using Vetting = std::function<Status(const std::string& address)>;

  OperatorClient(Http& http, const OperatorConfig& config, Vetting vet = vet_listener);

  // The document at `path`. denied: see vet_listener(). connection_refused: no operator runs here;
  // other faults carry the problem's detail.
  Task<Result<nlohmann::ordered_json>> get(std::string path,
                                           std::chrono::milliseconds limit = kReadLimit);
  // What is told in full only to who may give orders.
  Task<Result<nlohmann::ordered_json>> get_with(std::string path, std::string token,
                                                std::chrono::milliseconds limit = kReadLimit);
  // An order; `token` is sent as the bearer. The answer of one that was not needed (202) is an
  // answer like any other.
  Task<Result<nlohmann::ordered_json>> post(std::string path, std::string body, std::string token,
                                            std::chrono::milliseconds limit = kOrderLimit);

  // "http://" and the address.
  const std::string& url() const { return url_; }

 private:
  Task<Result<nlohmann::ordered_json>> send(HttpRequest request);

  Http& http_;
  std::string address_, url_;
  Vetting vet_;
};

}  // namespace tandem
