// `tandem takeover`, `failback`, `switchover`, `suspend`, `resume`, `maintenance` and `ack`: carry
// an order to the operator of this node, and wait until it has its effect.
#include "reconciler/failover/orders.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "app/blocking.h"
#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/documents.h"
#include "app/operator_client.h"
#include "app/order_body.h"
#include "app/secrets.h"
#include "app/terminal.h"
#include "core/formats.h"
#include "core/history.h"
#include "core/spec.h"
#include "ports/cpprest_http.h"
#include "ports/real_filesystem.h"
#include "reconciler/failover/order_words.h"

namespace tandem {
namespace {

using std::chrono::steady_clock;

constexpr Duration kWaitDefault = std::chrono::minutes{5};
constexpr std::chrono::milliseconds kFirstLook{200};
constexpr std::chrono::seconds kLookPeriod{1};
constexpr int kIdWords = 4;  // of 32 bits
// An operator that could not take the order by then drops it.
constexpr std::chrono::seconds kTakenWithin{20};
// Over FailoverService's deadline for an order to the other node.
constexpr std::chrono::seconds kAnswerLimit{75};

int wrong_usage(const std::string& message, std::string_view command) {
  fmt::print(stderr, "error: {}\nRun `tandem {} --help` for what it takes.\n", message, command);
  return kExitUsage;
}

std::string random_id() {
  std::random_device dice;
  std::string id;
  for (int i = 0; i < kIdWords; ++i) id += fmt::format("{:08x}", dice());
  return id;
}

OrderedJson body_of(const Options& options, const OrderFlags& flags) {
  OrderedJson body = {{"id", random_id()}, {"reason", flags.reason}, {"by", who_types()}};
  if (flags.lasts) body["for"] = *flags.lasts;
  if (flags.until) body["until"] = *flags.until;
  if (flags.take_over) body["takeOver"] = true;
  if (flags.end) body["end"] = true;
  if (options.node) body["node"] = *options.node;
  return body;
}

std::string question(const Order& order) {
  switch (order.kind) {
    case Order::Kind::failback:
      return "Stop telephony on the secondary once the primary has answered for the whole hold?";
    case Order::Kind::switchover:
      return fmt::format("Stop telephony on the primary until {}, once the secondary serves?",
                         to_string(order.until));
    default: return "Have the other node take over now?";
  }
}

// Whether a person says yes. Nobody to ask: no.
bool confirmed(const Options& options, const Order& order) {
  if (isatty(STDIN_FILENO) == 0) {
    print_error(options,
                "this stops telephony for a moment, and nobody is there to confirm it; "
                "give --yes");
    return false;
  }
  fmt::print(stderr, "{} [y/N] ", question(order));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

// What a person runs where no operator takes the order; the declaration tells the product.
std::string without_operator(Filesystem& disk, const OperatorConfig& config,
                             const std::string& action) {
  const auto kind = order_of_name(action);
  const auto text = disk.read(config.pair);
  if (!kind || !text.ok()) return "";
  const auto pair = parse_pair(text.value(), config.pair);
  if (!pair) return "";
  const std::string hand = by_hand(*kind, pair->product, pair->primary.name, pair->secondary.name);
  if (hand.empty()) return "";
  return fmt::format(
      "; or by the vendor's script, {}: Tandem adopts what it finds when it is started", hand);
}

// Of an operator that runs since before an upgrade of the package: it has taken nothing.
bool knows_no_limit(const Error& refused) {
  return refused.fault == Fault::invalid &&
         refused.message.find("notAfter: is not known") != std::string::npos;
}

Result<OrderedJson> send(const OperatorConfig& config, const std::string& action,
                         OrderedJson body) {
  boost::asio::io_context io(1);
  RealFilesystem disk(io.get_executor(), "/");
  const auto token = read_token(disk, config.token_file);
  if (!token.ok()) return in_context("the token of orders (tokenFile)", token.error());
  CpprestHttp http(io, std::nullopt);
  OperatorClient client(http, config);
  const std::string path = "/api/v1/actions/" + action;
  auto answer = run_to_end(io, client.post(path, body.dump(), token.value(), kAnswerLimit));
  if (!answer.ok() && knows_no_limit(answer.error())) {
    body.erase("notAfter");
    answer = run_to_end(io, client.post(path, body.dump(), token.value(), kAnswerLimit));
  }
  if (!answer.ok() && answer.error().fault == Fault::connection_refused)
    return Error{Fault::connection_refused,
                 nobody_listens(config).message + without_operator(disk, config, action)};
  return answer;
}

Result<OrderedJson> look(const OperatorConfig& config, const std::string& id) {
  boost::asio::io_context io(1);
  RealFilesystem disk(io.get_executor(), "/");
  const auto token = read_token(disk, config.token_file);
  CpprestHttp http(io, std::nullopt);
  OperatorClient client(http, config);
  // Who may give orders is not kept waiting by those who only ask.
  const std::string path = "/api/v1/orders?id=" + id;
  return run_to_end(io, token.ok() ? client.get_with(path, token.value()) : client.get(path));
}

// Until the order is done, has failed, or `limit` is over. What it came to is in `answer`.
bool wait_for_effect(const OperatorConfig& config, Duration limit, OrderedJson& answer) {
  const auto deadline = steady_clock::now() + limit;
  const auto id = answer["id"].get<std::string>();
  std::string told;
  std::this_thread::sleep_for(kFirstLook);
  for (;;) {
    const auto seen = look(config, id);
    const std::string progress = seen.ok() ? seen.value().value("progress", "") : "";
    const std::string sentence =
        seen.ok() ? seen.value().value("sentence", "") : seen.error().message;
    if (sentence != told) fmt::print(stderr, "{}\n", printable(sentence));
    told = sentence;
    answer["progress"] = progress.empty() ? "Unknown" : progress;
    answer["sentence"] = sentence;
    if (progress == "Done") return true;
    if (progress == "Failed") return false;
    if (!seen.ok() && seen.error().fault == Fault::not_found) {
      fmt::print(stderr,
                 "the operator was started anew meanwhile: `tandem status` tells how it is\n");
      return false;
    }
    if (steady_clock::now() + kLookPeriod > deadline) {
      fmt::print(stderr,
                 "not yet after {}; it goes on by itself: `tandem why` tells what it waits for\n",
                 to_string(limit));
      return false;
    }
    std::this_thread::sleep_for(kLookPeriod);
  }
}

int no_answer(const Options& options, const Error& error, const std::string& last) {
  print_error(options, fmt::format("{}. The operator hangs, or its machine does: the order is "
                                   "dropped if it was not taken by {}. `tandem status` tells "
                                   "whether it was; `systemctl restart tandem` ends an operator "
                                   "that hangs",
                                   printable(error.message), last));
  return kExitFailed;
}

}  // namespace

int order_command(const Options& options, const OrderFlags& flags) {
  OrderedJson body = body_of(options, flags);
  const auto typed = read_order_body(flags.action, body.dump(), std::chrono::system_clock::now());
  if (!typed.ok()) return wrong_usage(typed.error().message, flags.action);
  Duration limit = kWaitDefault;
  if (flags.timeout) {
    const auto given = parse_duration(*flags.timeout);
    if (!given) return wrong_usage("--timeout: " + given.error(), flags.action);
    limit = *given;
  }
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const Order& order = typed.value().order;
  if (disturbs(order) && !flags.yes && !confirmed(options, order)) return kExitFailed;
  const std::string last = to_string(std::chrono::system_clock::now() + kTakenWithin);
  body["notAfter"] = last;
  auto sent = send(config.value(), flags.action, body);
  if (!sent.ok() && sent.error().fault == Fault::timed_out)
    return no_answer(options, sent.error(), last);
  if (!sent.ok()) {
    print_error(options, printable(sent.error().message));
    return kExitFailed;
  }
  OrderedJson& answer = sent.value();
  fmt::print(stderr, "{}\n", printable(answer.value("result", "")));
  bool good = true;
  if (answer.value("needed", true) && !flags.no_wait)
    good = wait_for_effect(config.value(), limit, answer);
  if (flags.output == "json") fmt::print("{}\n", shown_json(answer));
  return good ? kExitGood : kExitFailed;
}

}  // namespace tandem
