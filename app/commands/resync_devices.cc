// `tandem resync-devices`: tells the phones to fetch their configuration, with a progress bar, and
// lists those that could not be told. Needs no operator; runs where provd does, on the node that
// serves.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/documents.h"
#include "app/node.h"
#include "app/terminal.h"
#include "core/wording.h"
#include "reconciler/resync.h"

namespace tandem {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::size_t kLineEvery = 10;  // percent, where no terminal is

std::string left_to_go(const ResyncProgress& progress, int rate) {
  const auto seconds = (progress.total - progress.done) / static_cast<std::size_t>(rate);
  return age(static_cast<long long>(seconds));
}

// Says how far a run is: one line that is written over on a terminal, a line every tenth elsewhere.
class ProgressBar {
 public:
  ProgressBar(bool terminal, int rate) : terminal_(terminal), rate_(rate) {}

  void show(const ResyncProgress& progress) {
    if (progress.total == 0) return;
    const std::size_t percent = progress.done * 100 / progress.total;
    if (!terminal_ && percent < next_percent_) return;
    next_percent_ = percent - percent % kLineEvery + kLineEvery;
    const std::size_t filled = progress.done * kBarWidth / progress.total;
    const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
    const std::string line =
        fmt::format("{} of {} phones, {} not reached, {} to go", progress.done, progress.total,
                    progress.failed, left_to_go(progress, rate_));
    if (terminal_)
      fmt::print(stderr, "\r[{}] {}\033[K{}", bar, line,
                 progress.done == progress.total ? "\n" : "");
    else
      fmt::print(stderr, "{}\n", line);
    std::fflush(stderr);
  }

 private:
  bool terminal_;
  int rate_;
  std::size_t next_percent_ = 0;
};

OrderedJson document_of(const ResyncResult& result) {
  OrderedJson failures = OrderedJson::array();
  for (const ResyncFailure& failure : result.failures)
    failures.push_back({{"id", failure.device.id},
                        {"mac", failure.device.mac},
                        {"ip", failure.device.ip},
                        {"tenant", failure.device.tenant},
                        {"why", failure.why}});
  OrderedJson json = {{"total", result.total},
                      {"told", result.told},
                      {"gone", result.gone},
                      {"skipped", result.skipped},
                      {"notAsked", result.not_asked}};
  json["failures"] = std::move(failures);
  json["stopped"] = result.stopped ? OrderedJson(result.stopped->message) : OrderedJson(nullptr);
  return json;
}

void print_failures(const Options& options, const ResyncResult& result) {
  if (result.failures.empty()) return;
  const Terminal out(STDOUT_FILENO, options.no_color);
  std::vector<std::vector<Cell>> rows;
  for (const ResyncFailure& failure : result.failures)
    rows.push_back({{failure.device.id, Tint::strong},
                    {failure.device.mac.empty() ? "-" : failure.device.mac},
                    {failure.device.ip.empty() ? "-" : failure.device.ip},
                    {failure.why, Tint::bad}});
  fmt::print("{}", table(out, {"DEVICE", "MAC", "IP", "WHY"}, rows));
  std::fflush(stdout);
}

void print_summary(const ResyncResult& result) {
  fmt::print(stderr, "{} of {} phones told{}{}\n", result.told, result.total,
             result.gone > 0 ? fmt::format(", {} deleted meanwhile", result.gone) : "",
             result.skipped > 0
                 ? fmt::format(", {} left out: without a plug-in provd can not reach a phone",
                               result.skipped)
                 : "");
  if (!result.failures.empty())
    fmt::print(stderr,
               "{} not reached: they learn it when they restart; run the command again, or with "
               "--accept-failures\n",
               result.failures.size());
}

// The declaration in force, or null.
const HAPair* declared(Node& node) {
  if (!node.specs.load().ok()) return nullptr;
  node.specs.preview();
  return node.specs.view().wanted();
}

// A node that stands by has no provd to ask: its errors would say less than this.
Status serves(Node& node, const HAPair& pair) {
  const auto standing = node.surroundings.standing_by(pair.product);
  if (!standing.ok() || !standing.value()) return success();
  const NodeSpec& other = pair.primary.name == node.config.node ? pair.secondary : pair.primary;
  return Error{Fault::invalid,
               fmt::format("this node stands by, and phones are told by the node that serves: run "
                           "tandem resync-devices on {} ({})",
                           other.name, other.address)};
}

Result<ResyncResult> resync(const OperatorConfig& config, const ResyncFlags& flags) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  ResyncOrder order;
  order.tenant = flags.tenant;
  if (const HAPair* pair = declared(node)) {
    const Status here = serves(node, *pair);
    if (!here.ok()) return here.error();
    order.rate = pair->provisioning.resync_rate;
  }
  ProgressBar bar(isatty(STDERR_FILENO) != 0, order.rate);
  bool interrupted = false;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) { interrupted = !error; });
  Resync resync(node.clock, node.confd, node.devices, node.phones);
  const auto stopping = [&] { return interrupted; };
  const auto show = [&](const ResyncProgress& progress) { bar.show(progress); };
  return run_to_end(io, resync.run(std::move(order), stopping, show));
}

// The phones that the last run did not reach are no trouble any more.
int accept_failures(const Options& options, const OperatorConfig& config) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  auto known = node.phones.read();
  if (!known.ok()) {
    print_error(options, known.error().message);
    return kExitFailed;
  }
  if (!known.value() || known.value()->failures == 0) {
    fmt::print(stderr, "no phone is noted as not reached\n");
    return kExitGood;
  }
  PhonesKnow accepted = *known.value();
  const std::size_t count = std::exchange(accepted.failures, 0);
  accepted.failed.clear();
  const Status written = node.phones.write(std::move(accepted));
  if (!written.ok()) {
    print_error(options, written.error().message);
    return kExitFailed;
  }
  fmt::print(stderr, "{} phones accepted as not reached\n", count);
  return kExitGood;
}

// A tenant without phones and one that does not exist look the same to provd.
Status tenant_exists(const OperatorConfig& config, const std::string& uuid) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  const auto tenants = run_to_end(io, node.auth.tenants());
  if (!tenants.ok()) return success();  // nobody to ask: what was told stands
  std::string names;
  for (const Tenant& tenant : tenants.value()) {
    if (tenant.uuid == uuid) return success();
    names += fmt::format("\n  {}  {}", tenant.uuid, printable(tenant.name));
  }
  return Error{Fault::not_found,
               fmt::format("there is no tenant {}; known are:{}", in_quotes(uuid), names)};
}

}  // namespace

int resync_devices_command(const Options& options, const ResyncFlags& flags) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  if (flags.accept_failures) return accept_failures(options, config.value());
  const auto result = resync(config.value(), flags);
  if (!result.ok()) {
    print_error(options, result.error().message);
    if (result.error().fault == Fault::connection_refused ||
        result.error().fault == Fault::unavailable)
      print_error(options, "provd and confd run on the node that serves: run this there");
    return kExitFailed;
  }
  if (flags.tenant && result.value().total + result.value().skipped == 0) {
    const Status exists = tenant_exists(config.value(), *flags.tenant);
    if (!exists.ok()) {
      print_error(options, exists.error().message);
      return kExitFailed;
    }
  }
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(document_of(result.value())));
  else
    print_failures(options, result.value());
  print_summary(result.value());
  if (result.value().stopped)
    print_error(options, fmt::format("stopped with {} phones not asked: {}",
                                     result.value().not_asked, result.value().stopped->message));
  return result.value().complete() ? kExitGood : kExitFailed;
}

}  // namespace tandem
