// `tandem health` and `tandem version`: the two that other programs call.
#include <fmt/format.h>
#include <unistd.h>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/documents.h"
#include "app/operator_client.h"
#include "app/terminal.h"
#include "app/version.h"
#include "ports/cpprest_http.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kHealthLimit{5};

}  // namespace

void print_error(const Options& options, const std::string& message) {
  const Terminal err(STDERR_FILENO, options.no_color);
  fmt::print(stderr, "{} {}\n", err.tinted(Tint::bad, "error:"), message);
}

int health_command(const Options& options) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const Status vetted = vet_listener(address_to_ask(config.value()));
  if (!vetted.ok()) {
    print_error(options, vetted.error().message + "; is the operator running? (tandem run)");
    return kExitFailed;
  }
  boost::asio::io_context io(1);
  CpprestHttp http(io, std::nullopt);
  HttpRequest request;
  request.url = OperatorClient(http, config.value()).url() + "/readyz";
  request.deadline = kHealthLimit;
  const auto answer = run_to_end(io, http.send(std::move(request)));
  if (!answer.ok()) {
    print_error(options, answer.error().message + "; is the operator running? (tandem run)");
    return kExitFailed;
  }
  if (answer.value().status != 200) {
    print_error(options, fmt::format("not ready:\n{}", answer.value().body));
    return kExitFailed;
  }
  fmt::print("ok\n");
  return kExitGood;
}

int version_command(const std::string& output) {
  if (output == "json") {
    const OrderedJson json = {{"version", kVersion}, {"revision", kRevision}};
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("tandem {} ({})\n", kVersion, kRevision);
  }
  return kExitGood;
}

}  // namespace tandem
