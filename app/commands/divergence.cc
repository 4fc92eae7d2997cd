// `tandem divergence`: what was changed while the secondary served; carries it back, or gives it
// up, by the operator of this node.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/blocking.h"
#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/divergence_rows.h"
#include "app/divergence_api.h"
#include "app/operator_client.h"
#include "app/secrets.h"
#include "app/terminal.h"
#include "core/wording.h"
#include "ports/cpprest_http.h"
#include "ports/real_filesystem.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kReasonMax = 500;  // bytes, as the operator takes it
// Of the files, whose operator takes the same order.
constexpr const char* kHarvestAction = "/api/v1/actions/harvest";

// The operator of this node, asked with the token of orders.
class Asking {
 public:
  explicit Asking(const OperatorConfig& config)
      : config_(config), io_(1), http_(io_, std::nullopt), client_(http_, config) {
    RealFilesystem disk(io_.get_executor(), "/");
    token_ = read_token(disk, config.token_file);
  }

  Result<OrderedJson> get(const std::string& path) {
    if (!token_.ok()) return in_context("the token of orders (tokenFile)", token_.error());
    return told(run_to_end(io_, client_.get_with(path, token_.value())));
  }
  Result<OrderedJson> post(const std::string& path, const OrderedJson& body) {
    if (!token_.ok()) return in_context("the token of orders (tokenFile)", token_.error());
    const std::string text = body.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    return told(run_to_end(io_, client_.post(path, text, token_.value())));
  }

 private:
  Result<OrderedJson> told(Result<OrderedJson> answer) const {
    if (answer.ok() || answer.error().fault != Fault::connection_refused) return answer;
    return nobody_listens(config_);
  }

  const OperatorConfig& config_;
  boost::asio::io_context io_;
  CpprestHttp http_;
  OperatorClient client_;
  Result<std::string> token_{std::string()};
};

// What is wrong about the command line; empty: nothing.
std::string misuse(const DivergenceFlags& flags) {
  if (flags.apply.empty() && (flags.user || flags.force)) return "--user and --force need --apply";
  if (!flags.apply.empty() && flags.discard) return "--apply and --discard exclude each other";
  if (flags.discard && flags.reason.empty()) return "--discard needs --reason TEXT";
  if (!flags.discard && !flags.reason.empty()) return "--reason is for --discard";
  if (flags.reason.size() > kReasonMax)
    return fmt::format("--reason must be at most {} bytes", kReasonMax);
  for (const std::string& word : split(flags.apply, ','))
    if (word != "dnd" && word != "forwards")
      return fmt::format("--apply takes dnd, forwards or both, not {}", in_quotes(word));
  return "";
}

int show(const Options& options, const DivergenceFlags& flags, Asking& asking) {
  const bool wide = flags.output == "wide";
  const auto answer = asking.get(std::string(DivergenceApi::kPath) + (wide ? "?rows" : ""));
  if (!answer.ok()) {
    print_error(options, printable(answer.error().message));
    return kExitFailed;
  }
  const OrderedJson& divergence = answer.value()["divergence"];
  const Terminal out(STDOUT_FILENO, options.no_color);
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(divergence));
  else if (flags.output == "yaml")
    fmt::print("{}", as_yaml(divergence));
  else
    fmt::print("{}", divergence_text(out, divergence, wide));
  return kExitGood;
}

int apply(const Options& options, const DivergenceFlags& flags, Asking& asking) {
  OrderedJson body = {{"apply", split(flags.apply, ',')}, {"by", who_types()}};
  if (flags.user) body["user"] = *flags.user;
  if (flags.force) body["force"] = true;
  const auto answer = asking.post(DivergenceApi::kAction, body);
  if (!answer.ok()) {
    print_error(options, printable(answer.error().message));
    return kExitFailed;
  }
  const OrderedJson& told = answer.value();
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(told));
  else
    fmt::print("{}\n", printable(told.value("message", "")));
  const int open = told.value("conflicts", 0) + told.value("gone", 0) + told.value("left", 0);
  return open == 0 ? kExitGood : kExitFailed;
}

// The database's and the files': one order gives up both.
int discard(const Options& options, const DivergenceFlags& flags, Asking& asking) {
  const OrderedJson body = {{"discard", true}, {"reason", flags.reason}, {"by", who_types()}};
  const auto answer = asking.post(DivergenceApi::kAction, body);
  const auto files = asking.post(kHarvestAction, body);
  if (!answer.ok()) print_error(options, printable(answer.error().message));
  // An operator that owes no files, or knows of none.
  const bool good = files.ok() || files.error().fault == Fault::not_found;
  if (!good) print_error(options, "of the files: " + printable(files.error().message));
  if (answer.ok() && flags.output == "json")
    fmt::print("{}\n", shown_json(answer.value()));
  else if (answer.ok())
    fmt::print("given up: what was changed in {} times that the secondary served\n",
               answer.value().value("discarded", 0));
  return answer.ok() && good ? kExitGood : kExitFailed;
}

}  // namespace

int divergence_command(const Options& options, const DivergenceFlags& flags) {
  if (const std::string wrong = misuse(flags); !wrong.empty()) {
    fmt::print(stderr, "error: {}\n", wrong);
    return kExitUsage;
  }
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  Asking asking(config.value());
  if (!flags.apply.empty()) return apply(options, flags, asking);
  return flags.discard ? discard(options, flags, asking) : show(options, flags, asking);
}

}  // namespace tandem
