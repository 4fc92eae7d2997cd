// `tandem import`: the declaration of a node as it is. Changes nothing on the node; with --write it
// leaves two files of ours, and in the state directory what it wrote.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/import_files.h"
#include "app/import_node.h"
#include "app/terminal.h"
#include "reconciler/plan.h"

namespace tandem {
namespace {

constexpr std::size_t kWidth = 100;

ImportHints hints_of(const ImportFlags& flags) {
  ImportHints hints;
  if (flags.product == "wazo") hints.product = Product::wazo;
  if (flags.product == "xivo") hints.product = Product::xivo;
  if (flags.role == "primary") hints.role = Role::primary;
  if (flags.role == "secondary") hints.role = Role::secondary;
  hints.address = flags.address;
  hints.peer_address = flags.peer_address;
  hints.peer_name = flags.peer_name;
  return hints;
}

void say(Tint tint, const Terminal& err, std::string_view mark, std::string_view text) {
  fmt::print(stderr, "{}",
             wrapped(fmt::format("{} {}", err.tinted(tint, mark), printable(std::string(text))),
                     kWidth, 2));
}

void say_found(const Terminal& err, const Found& found) {
  for (const Finding& finding : found.findings)
    say(Tint::warn, err, "found", fmt::format("{}: {}", finding.name, finding.meaning));
  for (const std::string& unread : found.unread) say(Tint::bad, err, "not read", unread);
}

// What `tandem plan` will want to mend once the file is there.
Task<Result<Plan>> plan_for(Node& node, HAPair pair, std::string name) {
  const auto standing = node.surroundings.standing_by(pair.product);
  auto goal = goal_for(pair, name, !standing.ok() || standing.value());
  if (!goal.ok()) co_return goal.error();
  auto resources = node.make_resources();
  Plan plan = co_await make_plan(resources, std::move(name), std::move(goal).value());
  co_return plan;
}

void say_plan(const Terminal& err, const Result<Plan>& plan) {
  if (!plan.ok()) {
    say(Tint::bad, err, "plan", plan.error().message);
    return;
  }
  for (const Report& report : plan.value().reports) {
    for (const Change& change : report.left)
      say(Tint::warn, err, report.outcome == Outcome::deferred ? "deferred" : "plan",
          fmt::format("{}: {}: {} -> {}", report.resource, change.field, change.from, change.to));
    if (report.error)
      say(Tint::bad, err, "could not look at",
          fmt::format("{}: {}", report.resource, report.error->message));
  }
  if (plan.value().changes() == 0 && plan.value().failures() == 0)
    say(Tint::good, err, "plan", "nothing to mend: the node is as this declares it");
}

int failed(const Options& options, const Error& error) {
  print_error(options, error.message);
  return kExitFailed;
}

}  // namespace

int import_command(const Options& options, const ImportFlags& flags) {
  const auto config = load_config(options);
  if (!config.ok()) return failed(options, config.error());
  const Terminal err(STDERR_FILENO, options.no_color);
  boost::asio::io_context io(1);
  Node node(io, config.value(), false);

  const Found found = run_to_end(io, look_at(node, hints_of(flags)));
  // Of a node whose product nobody knows, what is missing of which one?
  if (found.product) say_found(err, found);
  const auto pair = declaration_of(found, flags.pair_name);
  if (!pair.ok()) return failed(options, pair.error());
  say_plan(err, run_to_end(io, plan_for(node, pair.value(), found.own_name.value)));

  if (flags.write.empty()) {
    if (found.peer_name.value.empty())
      say(Tint::warn, err, "made up",
          "the other node's name, which --write refuses: give "
          "--peer-name NAME");
    fmt::print("{}", pair_text(pair.value(), found));
    std::fflush(stdout);  // before what follows on the other stream
    fmt::print(stderr, "nothing was written; `--write /etc/tandem` leaves both files there\n");
    return kExitGood;
  }
  OperatorConfig beside = node.config;
  if (!options.pair) beside.pair = flags.write + "/pair.yaml";
  const auto written =
      write_imported(node.disk, {flags.write, flags.force}, pair.value(), found, std::move(beside));
  if (!written.ok()) return failed(options, written.error());
  for (const std::string& line : written.value()) fmt::print("{}\n", line);
  std::fflush(stdout);
  fmt::print(stderr,
             "next: read {}/pair.yaml, put the same file on the other node, look at `tandem plan`, "
             "then start the operator: systemctl enable --now tandem\n",
             flags.write);
  return kExitGood;
}

}  // namespace tandem
