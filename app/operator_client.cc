#include "app/operator_client.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>

#include "app/locks.h"
#include "core/json_text.h"

namespace tandem {
namespace {

std::string detail_of(const HttpResponse& response) {
  const auto json = read_json(response.body);
  if (json.is_object() && json.contains("detail") && json["detail"].is_string())
    return json["detail"].get<std::string>();
  return fmt::format("the operator answered with status {}", response.status);
}

Fault fault_of(int status) {
  if (status == 401 || status == 403) return Fault::denied;
  if (status == 404) return Fault::not_found;
  return status >= 500 || status == 429 ? Fault::unavailable : Fault::invalid;
}

}  // namespace

std::string address_to_ask(const OperatorConfig& config) {
  std::string address = config.listen;
  if (address.starts_with("0.0.0.0:")) address.replace(0, 7, "127.0.0.1");
  return address;
}

Error nobody_listens(const OperatorConfig& config) {
  const std::string url = "http://" + address_to_ask(config);
  const auto running = NodeLocks::holder(config);
  if (!running)
    return {Fault::connection_refused,
            fmt::format("no operator answers at {}. Start it with `tandem run` (under systemd: "
                        "systemctl start tandem)",
                        url)};
  return {Fault::connection_refused,
          fmt::format("no operator answers at {}, though process {} works on this node: an "
                      "operator that listens elsewhere, has just begun or found its port taken "
                      "(its log tells: journalctl -u tandem), or a `tandem apply`",
                      url, *running)};
}

OperatorClient::OperatorClient(Http& http, const OperatorConfig& config, Vetting vet)
    : http_(http),
      address_(address_to_ask(config)),
      url_("http://" + address_),
      vet_(std::move(vet)) {}

Task<Result<nlohmann::ordered_json>> OperatorClient::get(std::string path,
                                                         std::chrono::milliseconds limit) {
  HttpRequest request;
  request.url = url_ + path;
  request.deadline = limit;
  co_return co_await send(std::move(request));
}

Task<Result<nlohmann::ordered_json>> OperatorClient::get_with(std::string path, std::string token,
                                                              std::chrono::milliseconds limit) {
  HttpRequest request;
  request.url = url_ + path;
  request.deadline = limit;
  request.headers["Authorization"] = "Bearer " + token;
  co_return co_await send(std::move(request));
}

Task<Result<nlohmann::ordered_json>> OperatorClient::post(std::string path, std::string body,
                                                          std::string token,
                                                          std::chrono::milliseconds limit) {
  HttpRequest request;
  request.method = "POST";
  request.url = url_ + path;
  request.deadline = limit;
  request.headers["Authorization"] = "Bearer " + token;
  request.headers["Content-Type"] = "application/json";
  request.body = std::move(body);
  co_return co_await send(std::move(request));
}

Task<Result<nlohmann::ordered_json>> OperatorClient::send(HttpRequest request) {
  const Status vetted = vet_(address_);
  if (!vetted.ok()) co_return vetted.error();
  const auto response = co_await http_.send(std::move(request));
  if (!response.ok()) co_return response.error();
  if (response.value().status != 200 && response.value().status != 202)
    co_return Error{fault_of(response.value().status), detail_of(response.value())};
  auto json = read_ordered_json(response.value().body);
  if (json.is_discarded())
    co_return Error{Fault::unavailable, "what answers at " + url_ + " is not a tandem operator"};
  co_return json;
}

}  // namespace tandem
