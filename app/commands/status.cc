// `tandem status`: how this node is, as its operator sees it; `--watch`: as it changes.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/live_view.h"
#include "app/commands/status_text.h"
#include "app/terminal.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::chrono::seconds kWatchPeriod{1};
// An operator that is silent for longer is told to be; the next question follows all the same.
constexpr std::chrono::seconds kWatchLimit{3};

std::string shown_as(const Options& options, const OrderedJson& pair, const std::string& output) {
  if (output == "json") return shown_json(pair) + "\n";
  if (output == "yaml") return as_yaml(pair);
  return status_text(Terminal(STDOUT_FILENO, options.no_color), pair, output == "wide");
}

std::string clock_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", &local);
  return text;
}

// The signals by which a person ends the view; they are taken by wait() alone, so that the terminal
// is always left as it was.
class EndingSignals {
 public:
  EndingSignals() {
    sigemptyset(&set_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  // Whether one came before the time was over.
  bool wait(std::chrono::seconds time) {
    const timespec limit{time.count(), 0};
    return sigtimedwait(&set_, nullptr, &limit) > 0;
  }

 private:
  sigset_t set_{};
};

// Without what tells only that time passes: a file or a pipe gets what is new.
OrderedJson lasting(OrderedJson pair) {
  pair["status"].erase("time");
  for (auto& resource : pair["status"]["resources"]) resource.erase("lookSeconds");
  return pair;
}

// On a terminal the ages go on; elsewhere it is written where something has changed.
class StatusWatch {
 public:
  StatusWatch(const Options& options, std::string output)
      : options_(options), output_(std::move(output)) {}

  std::string look() {
    auto pair = ask_for_pair(options_, kWatchLimit);
    const ScreenSize size = screen_size();
    if (!pair.ok()) {
      if (lost_.empty()) lost_ = clock_time();
      const bool told = std::exchange(told_lost_, true);
      const std::string why = fmt::format("no contact with the operator since {}: {}\n", lost_,
                                          printable(pair.error().message));
      if (size.rows == 0) return told ? "" : view_.show(why, size);
      return view_.show(why + (last_.empty() ? "" : "\nas it was then:\n\n") + last_, size);
    }
    lost_.clear();
    OrderedJson now = lasting(pair.value());
    const bool same = size.rows == 0 && !told_lost_ && now == seen_;
    told_lost_ = false;
    if (same) return "";
    seen_ = std::move(now);
    last_ = shown_as(options_, pair.value(), output_);
    return view_.show(last_, size);
  }
  std::string end() { return view_.end(); }

 private:
  const Options& options_;
  std::string output_;
  LiveView view_;
  OrderedJson seen_;
  std::string last_, lost_;  // the last text; since when nothing answers
  bool told_lost_ = false;
};

int watch(const Options& options, const std::string& output) {
  EndingSignals signals;  // before any thread is started, which would take them
  StatusWatch status(options, output);
  int result = kExitGood;
  do {
    fmt::print("{}", status.look());
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) result = kExitFailed;
  } while (result == kExitGood && !signals.wait(kWatchPeriod));
  fmt::print("{}", status.end());
  return result;
}

}  // namespace

int status_command(const Options& options, const std::string& output, bool watched) {
  if (watched) return watch(options, output);
  const auto pair = ask_for_pair(options);
  if (!pair.ok()) {
    print_error(options, pair.error().message);
    return kExitFailed;
  }
  fmt::print("{}", shown_as(options, pair.value(), output));
  return is_healthy(pair.value()["status"]) ? kExitGood : kExitChanges;
}

}  // namespace tandem
