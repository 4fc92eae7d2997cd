// `tandem replicate [database|files]`: has the operator of this node copy to the secondary now, or
// take the last copy back, and shows how far it is until it has ended.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "app/blocking.h"
#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/copy_errand.h"
#include "app/commands/copy_screen.h"
#include "app/secrets.h"
#include "app/terminal.h"
#include "app/undo_api.h"
#include "core/history.h"
#include "ports/cpprest_http.h"
#include "ports/real_clock.h"
#include "ports/real_filesystem.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kReasonMax = 500;  // bytes, as the operator takes it
constexpr std::size_t kColumns = 80;     // of a terminal that does not tell

// What one order came to.
struct Replicated {
  CopyRuns runs;
  CopyEndings endings;
  bool interrupted = false;
};

std::string body_of(const ReplicateFlags& flags) {
  OrderedJson body = {{"by", who_types()}};
  if (!flags.reason.empty()) body["reason"] = flags.reason;
  if (!flags.kind.empty()) body["kinds"] = OrderedJson::array({flags.kind});
  if (flags.force) body["force"] = *flags.force;
  if (flags.confirm_direction) body["confirmDirection"] = true;
  return body.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

bool is_reason(const std::string& text) {
  return !text.empty() && one_line(text, kReasonMax) == text;
}

// 0: standard error is no terminal.
std::size_t columns() {
  if (isatty(STDERR_FILENO) == 0) return 0;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return kColumns;
  return size.ws_col;
}

void tell(const std::string& text) {
  if (text.empty()) return;
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
}

// Each signal counts: the first cancels, the second waits no longer.
void listen_for_signals(boost::asio::signal_set& signals, CopyErrand& errand, CopyScreen& screen) {
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    if (!errand.interrupted()) tell(screen.wipe() + "cancelling; once more: wait no longer\n");
    errand.interrupt();
    listen_for_signals(signals, errand, screen);
  });
}

Result<Replicated> replicate(const OperatorConfig& config, const ReplicateFlags& flags) {
  boost::asio::io_context io(1);
  RealFilesystem disk(io.get_executor(), "/");
  const auto token = read_token(disk, config.token_file);
  if (!token.ok()) return in_context("the token of orders (tokenFile)", token.error());
  CpprestHttp http(io, std::nullopt);
  OperatorClient client(http, config);
  RealClock clock;
  CopyScreen screen(columns());
  CopyErrand::Parts parts{client, clock, token.value(), nullptr};
  if (flags.undo) {
    parts.order_path = UndoApi::kActions[0];
    parts.cancel_path = UndoApi::kActions[1];
  }
  parts.show = [&](const OrderedJson& replication, const CopyRuns& runs) {
    tell(screen.show(replication, runs, clock.now()));
  };
  CopyErrand errand(std::move(parts));
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  listen_for_signals(signals, errand, screen);
  const auto runs = run_to_end(io, errand.give(body_of(flags)));
  if (!runs.ok()) {
    if (runs.error().fault != Fault::connection_refused) return runs.error();
    return nobody_listens(config);
  }
  Replicated done{runs.value(), run_to_end(io, errand.wait(runs.value())), false};
  done.interrupted = errand.interrupted();
  tell(screen.wipe());
  return done;
}

void print_results(const Options& options, const ReplicateFlags& flags, const Replicated& done) {
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(endings_document(done.runs, done.endings, done.interrupted)));
  for (const auto& [kind, ending] : done.endings) {
    const std::string error = ending_error(kind, ending, done.interrupted);
    if (!error.empty())
      print_error(options, error);
    else if (flags.output != "json")
      fmt::print("{}", ending_text(kind, ending, done.interrupted));
  }
}

}  // namespace

int replicate_command(const Options& options, const ReplicateFlags& flags) {
  if (flags.undo && (!flags.kind.empty() || flags.force || flags.confirm_direction)) {
    fmt::print(stderr, "error: --undo takes no KIND, --force and --confirm-direction\n");
    return kExitUsage;
  }
  if (!flags.reason.empty() && !is_reason(flags.reason)) {
    fmt::print(stderr, "error: --reason must be one line of text, at most {} bytes\n", kReasonMax);
    return kExitUsage;
  }
  if (flags.force && !is_reason(*flags.force)) {
    fmt::print(stderr, "error: --force must be one line of text, at most {} bytes\n", kReasonMax);
    return kExitUsage;
  }
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto done = replicate(config.value(), flags);
  if (!done.ok()) {
    print_error(options, printable(done.error().message));
    return kExitFailed;
  }
  print_results(options, flags, done.value());
  if (done.value().interrupted) return kExitInterrupted;
  const auto good = [](const auto& one) { return one.second.good(); };
  const auto& endings = done.value().endings;
  return std::all_of(endings.begin(), endings.end(), good) ? kExitGood : kExitFailed;
}

}  // namespace tandem
