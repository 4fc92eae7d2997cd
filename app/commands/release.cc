// `tandem release`: gives the node back to the vendor's mechanism, and says what proves it.
#include "reconciler/release.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/locks.h"
#include "app/node.h"
#include "app/release_keys.h"
#include "app/terminal.h"
#include "pbx/peer_ssh.h"
#include "pbx/vendor_wrecks.h"

namespace tandem {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::chrono::seconds kHour{3600};

int failed(const Options& options, const std::string& message) {
  std::fflush(stdout);  // before what follows on the other stream
  print_error(options, message);
  return kExitFailed;
}

// The declaration in force; after a release that was stopped at its end, the file's.
Result<HAPair> declaration(Node& node) {
  const Status loaded = node.specs.load();
  if (node.specs.view().accepted) return *node.specs.view().accepted;
  node.specs.preview();
  if (const HAPair* pair = node.specs.view().wanted()) return *pair;
  return Error{Fault::invalid,
               fmt::format("no declaration can be read, so nothing tells what this node is: {}",
                           node.specs.view().refused ? node.specs.view().refused->message
                           : loaded.ok()             ? "there is none"
                                                     : loaded.error().message)};
}

Result<Goal> goal_of(Node& node, const HAPair& pair) {
  const auto standing = node.surroundings.standing_by(pair.product);
  auto goal = released_goal(pair, node.config.node, !standing.ok() || standing.value());
  if (!goal.ok()) return goal;
  const Reading here =
      node.surroundings.own_address(goal.value().own_address, goal.value().peer_address);
  if (here.verdict != Verdict::good)
    return Error{Fault::invalid,
                 "this host can not be told to be the declared node, so nothing is changed: " +
                     here.message};
  const Reading upgrade =
      UpgradeWatch().look(node.surroundings.upgrade_signs(pair.product), goal.value().role,
                          goal.value().standing_by, node.clock.now());
  if (upgrade.verdict == Verdict::bad)
    return Error{
        Fault::unavailable,
        "the node is being upgraded, and nobody else works on it meanwhile: " + upgrade.message};
  return goal;
}

void print_plan(const Managed& resource, const Report& report) {
  fmt::print("{}", wrapped(fmt::format("{}: {}", report.resource, on_release(resource.name())),
                           kWidth, 0));
  for (const Change& change : report.left)
    fmt::print("{}", wrapped(fmt::format("{}: {} -> {} (disturbs: {})", change.field, change.from,
                                         change.to, change.disturbs),
                             kWidth, 4));
  if (report.error)
    fmt::print("{}", wrapped("could not look: " + report.error->message, kWidth, 4));
}

void print_done(const Terminal& out, const Managed& resource, const Report& report) {
  const bool good = settled(report.outcome);
  const std::string_view word = report.done.empty() ? "as it should be" : "given back";
  fmt::print("{} {}: {}\n", out.tinted(good ? Tint::good : Tint::bad, good ? "ok" : "failed"),
             resource.name(),
             good           ? word
             : report.error ? printable(report.error->message)
                            : printable(report.note));
  for (const std::string& doubt : doubts(report))
    fmt::print("{}", wrapped(printable(doubt), kWidth, 4));
}

// Whether a person says yes. Nobody to ask: no.
bool confirmed(const Options& options) {
  if (isatty(STDIN_FILENO) == 0) {
    print_error(options, "nobody is there to confirm it; give --yes");
    return false;
  }
  fmt::print(stderr, "Give this node back to the vendor's mechanism? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

// What the vendor's own mechanism lacks now: it is looked at with other eyes than the resources'.
void print_wrecks(Node& node, const HAPair& pair, const Goal& goal, const Terminal& out) {
  if (!pair.enabled) return;
  const VendorTraces traces =
      read_traces(node.files, pair.product, node.config.postgres_config_dir.value_or(""));
  for (const Finding& finding : tell(traces, goal.role, goal.peer_address).findings)
    fmt::print("{}", wrapped(fmt::format("{} {}: {}", out.tinted(Tint::warn, "note"), finding.name,
                                         finding.meaning),
                             kWidth, 0));
}

// Cron's minutes are the host's, in local time.
std::string next_hour(WallTime now) {
  const auto second = std::chrono::system_clock::to_time_t(now);
  std::tm local = fmt::localtime(second);
  const auto past = std::chrono::seconds{local.tm_min * 60 + local.tm_sec};
  const auto next = std::chrono::system_clock::to_time_t(now + kHour - past);
  return fmt::format("{:%H:%M}", fmt::localtime(next));
}

std::string proof(const Goal& goal, WallTime now) {
  const Profile& profile = profile_of(goal.product);
  switch (goal.role) {
    case Role::off: return "High availability is off: the vendor's mechanism has nothing to do.";
    case Role::primary:
      return fmt::format(
          "The vendor's next hourly run proves it, at {}: {} to {}. It went well if root got no "
          "mail of cron; `journalctl -t CRON` shows that it ran.",
          next_hour(now), profile.replication_command, goal.peer_address);
    case Role::secondary:
      return fmt::format(
          "The vendor's detector proves it within a minute: {} looks at {}; `journalctl -t CRON` "
          "shows that it runs. The primary's next hourly copy comes at {}.",
          profile.check_command, goal.peer_address, next_hour(now));
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

void print_rest(const OperatorConfig& config) {
  fmt::print(
      "What is left does nothing: your files in /etc/tandem, and {}. The program, its unit and "
      "these "
      "go with the package: apt-get purge tandem; what was installed by hand goes by rm.\n",
      config.state_dir);
}

// The node with its locks held, step by step.
int give_back(const Options& options, const ReleaseFlags& flags, const OperatorConfig& config) {
  // All that is told of the steps goes to one stream, in their order: a pipe keeps it.
  const Terminal out(STDOUT_FILENO, options.no_color);
  boost::asio::io_context io(1);
  Node node(io, config, false);
  const auto pair = declaration(node);
  if (!pair.ok()) return failed(options, pair.error().message);
  const auto goal = goal_of(node, pair.value());
  if (!goal.ok()) return failed(options, goal.error().message);
  const auto resources = node.make_resources();

  // What it means comes before what it does.
  if (!flags.yes) {
    run_to_end(io, release(resources, goal.value(), false, print_plan));
    fmt::print("sync-key: {}\n", on_release("sync-key"));
    std::fflush(stdout);
    if (!confirmed(options)) return kExitFailed;
  }
  const auto told = [&](const Managed& resource, const Report& report) {
    print_done(out, resource, report);
  };
  const auto reports = run_to_end(io, release(resources, goal.value(), true, told));
  if (!is_released(reports))
    return failed(
        options,
        "the node is not given back yet: mend what failed above, then run `tandem release` "
        "again; it goes on where it stopped");
  const KeyPlaces places{config.ssh_dir, config.postgres_password_file, goal.value().peer_address};
  const auto keys = release_keys(node.files, node.disk, places);
  if (!keys.ok())
    return failed(options, keys.error().message +
                               "; mend that, then run `tandem release` again: it goes on there");
  for (const std::string& line : keys.value())
    fmt::print("{} sync-key: {}\n", out.tinted(Tint::good, "ok"), line);
  // Only now: until all is given back, a second run needs what is in force.
  const Status forgotten = node.specs.forget();
  if (!forgotten.ok())
    return failed(options,
                  "given back, but what was in force could not be removed, and an operator "
                  "that starts would take the node again: " +
                      forgotten.error().message);
  print_wrecks(node, pair.value(), goal.value(), out);
  fmt::print("{}", wrapped(proof(goal.value(), node.clock.wall()), kWidth, 0));
  print_rest(config);
  return kExitGood;
}

}  // namespace

int release_command(const Options& options, const ReleaseFlags& flags) {
  const auto config = load_config(options);
  if (!config.ok()) return failed(options, config.error().message);
  const auto locks = NodeLocks::acquire(config.value());
  if (!locks.ok())
    return failed(options, locks.error().fault == Fault::unavailable
                               ? locks.error().message +
                                     "; end it first, for it would take everything back: systemctl "
                                     "disable --now tandem"
                               : locks.error().message);
  return give_back(options, flags, config.value());
}

}  // namespace tandem
