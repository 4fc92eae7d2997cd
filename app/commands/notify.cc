// `tandem notify`: who is told, and how that goes; with --test a message to each of them.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/blocking.h"
#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/node.h"
#include "app/notify_service.h"
#include "app/operator_client.h"
#include "app/secrets.h"
#include "app/terminal.h"

namespace tandem {
namespace {

constexpr std::size_t kWidth = 100;

std::string word(const OrderedJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "-";
}

Result<OrderedJson> order_test(const OperatorConfig& config) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  const auto token = read_token(node.disk, config.token_file);
  if (!token.ok()) return in_context("the token of orders (tokenFile)", token.error());
  OperatorClient client(node.http, config);
  auto answer =
      run_to_end(io, client.post(NotifyService::kAction, R"({"test": true})", token.value()));
  if (!answer.ok() && answer.error().fault == Fault::connection_refused)
    return nobody_listens(config);
  return answer;
}

void print_tested(const Options& options, const OrderedJson& result) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  std::vector<std::vector<Cell>> rows;
  for (const auto& one : result["receivers"]) {
    const bool good = one["result"] == "Delivered";
    rows.push_back({{word(one, "receiver"), Tint::strong},
                    {word(one, "result"), good ? Tint::good : Tint::bad},
                    {fmt::format("{:.1f}s", one["seconds"].get<double>())},
                    {good ? "-" : word(one, "why")}});
  }
  fmt::print("{}", table(out, {"RECEIVER", "RESULT", "TOOK", "WHY"}, rows));
  std::fflush(stdout);  // before what follows on the other stream
  const Terminal err(STDERR_FILENO, options.no_color);
  for (const auto& one : result["receivers"])
    if (one["result"] != "Delivered")
      fmt::print(
          stderr, "{}",
          wrapped(fmt::format("{} {}: {}", err.tinted(Tint::warn, "do"),
                              printable(word(one, "receiver")), printable(word(one, "remedy"))),
                  kWidth, 2));
  fmt::print(stderr, "{}\n",
             result["delivered"].get<bool>()
                 ? "handed over to all; whether a mail arrives is seen in the mailbox"
                 : "not all were told; what waits for them is tried again by itself");
}

int print_standing(const Options& options, const std::string& output) {
  const auto pair = ask_for_pair(options);
  if (!pair.ok()) {
    print_error(options, pair.error().message);
    return kExitFailed;
  }
  const OrderedJson list = pair.value()["status"].value("notifications", OrderedJson::array());
  if (output == "json") {
    fmt::print("{}\n", shown_json(list));
    return kExitGood;
  }
  const Terminal out(STDOUT_FILENO, options.no_color);
  std::vector<std::vector<Cell>> rows;
  for (const auto& one : list) {
    const std::string failure = word(one, "failure");
    rows.push_back({{word(one, "receiver"), Tint::strong},
                    {fmt::format("{}", one["waiting"].get<std::uint64_t>())},
                    {fmt::format("{}", one["dropped"].get<std::uint64_t>())},
                    {word(one, "lastSuccessTime")},
                    {failure.empty() ? "-" : failure, failure.empty() ? Tint::none : Tint::bad}});
  }
  if (rows.empty())
    fmt::print(stderr, "nobody is told: spec.notify is empty, or no declaration is in force\n");
  else
    fmt::print("{}", table(out, {"RECEIVER", "WAITING", "GIVEN UP", "LAST TOLD", "FAILURE"}, rows));
  return kExitGood;
}

}  // namespace

int notify_command(const Options& options, bool test, const std::string& output) {
  if (!test) return print_standing(options, output);
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto result = order_test(config.value());
  if (!result.ok()) {
    print_error(options, result.error().message);
    return kExitFailed;
  }
  if (output == "json")
    fmt::print("{}\n", shown_json(result.value()));
  else
    print_tested(options, result.value());
  return result.value()["delivered"].get<bool>() ? kExitGood : kExitFailed;
}

}  // namespace tandem
