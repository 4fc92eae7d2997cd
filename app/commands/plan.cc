// `tandem plan`: what a pass would change on this node, and what that disturbs. Needs no operator
// and no lock, and changes nothing.
#include <fmt/format.h>
#include <unistd.h>

#include "app/api.h"
#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/copy_outlook.h"
#include "app/documents.h"
#include "app/kept_suspension.h"
#include "app/node.h"
#include "app/stream_outlook.h"
#include "app/terminal.h"
#include "reconciler/failover/bound.h"
#include "reconciler/failover/orders.h"

namespace tandem {
namespace {

GateFacts facts_of(Node& node, const Goal& goal, Reading wizard) {
  GateFacts facts;
  facts.own_address = node.surroundings.own_address(goal.own_address, goal.peer_address);
  facts.wizard = std::move(wizard);
  facts.upgrade = UpgradeWatch().look(node.surroundings.upgrade_signs(goal.product), goal.role,
                                      goal.standing_by, node.clock.now());
  facts.suspend = node.specs.view().wanted()->suspend;
  facts.now = node.clock.wall();
  const auto suspension = kept_suspension(node.config, facts.now);
  if (suspension.ok())
    facts.suspend_ordered = suspension.value();
  else if (suspension.error().fault != Fault::denied)  // who may not read it may not apply either
    facts.suspend_ordered = Suspension{suspension.error().message, facts.now + kOrderLastsMax};
  return facts;
}

Task<Result<Plan>> observe(boost::asio::io_context& io, Node& node) {
  const HAPair& pair = *node.specs.view().wanted();
  const auto standing = node.surroundings.standing_by(pair.product);
  auto goal = goal_for(pair, node.config.node, !standing.ok() || standing.value());
  if (!goal.ok()) co_return goal.error();
  auto resources = node.make_resources();
  Reading wizard = co_await node.surroundings.wizard();
  Plan plan = co_await make_plan(resources, node.config.node, goal.value());
  const GateFacts facts = facts_of(node, goal.value(), std::move(wizard));
  const SpecView& view = node.specs.view();
  plan.outlook = failover_outlook(view.accepted ? &*view.accepted : nullptr, pair,
                                  node.config.listen_tls.has_value());
  for (std::string& note : stream_outlook(node, view.accepted ? &*view.accepted : nullptr, pair))
    plan.notes.push_back(std::move(note));
  HAPair copied = pair;
  plan.copies = co_await copy_outlook(io, node, std::move(copied));
  if (view.accepted && view.accepted->replication.owner == Owner::vendor &&
      pair.replication.owner == Owner::tandem)
    plan.notes.push_back(fmt::format(
        "the first copy makes the database and the folders of {1} equal to those of {0}: what is "
        "otherwise on {1} is overwritten, as by the vendor's copy each hour",
        pair.primary.name, pair.secondary.name));
  co_return annotated(std::move(plan), view, facts);
}

Result<Plan> plan_now(const OperatorConfig& config) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  const Status loaded = node.specs.load();
  if (!loaded.ok() && loaded.error().fault != Fault::denied) return loaded.error();
  node.specs.preview();
  if (node.specs.view().refused) return *node.specs.view().refused;
  return run_to_end(io, observe(io, node));
}

Tint tint_of(const Report& report, const Change& change, Reach allow) {
  if (report.outcome == Outcome::deferred) return Tint::dim;
  return change.reach > allow ? Tint::warn : Tint::good;
}

std::string mark_of(const Report& report, const Change& change, Reach allow) {
  if (report.outcome == Outcome::deferred) return "deferred";
  return change.reach > allow ? "waits" : "change";
}

void print_changes(const Terminal& out, const Plan& plan) {
  std::vector<std::vector<Cell>> rows;
  for (const Report& report : plan.reports)
    for (const Change& change : report.left) {
      const Tint tint = tint_of(report, change, plan.allow);
      rows.push_back({{mark_of(report, change, plan.allow), tint},
                      {report.resource, Tint::strong},
                      {change.field},
                      {change.from, Tint::bad},
                      {change.to, Tint::good},
                      {change.disturbs}});
    }
  if (!rows.empty())
    fmt::print("{}\n", table(out, {"ACTION", "RESOURCE", "FIELD", "FROM", "TO", "DISTURBS"}, rows));
}

void print_reasons(const Terminal& out, const Plan& plan) {
  std::string last;
  for (const Report& report : plan.reports) {
    for (const Change& change : report.left) {
      const std::string line = fmt::format("{}: {}", report.resource, change.why);
      if (line != last) fmt::print("{}", wrapped("why  " + line, 100, 2));
      last = line;
    }
    if (report.outcome == Outcome::deferred)
      fmt::print("{}",
                 wrapped(fmt::format("{} is deferred: {}", report.resource, report.note), 100, 2));
    if (report.error)
      fmt::print("{}", wrapped(out.tinted(Tint::bad, "could not look at ") + report.resource +
                                   ": " + report.error->message,
                               100, 2));
  }
}

// How much there is to do, and who will do it when.
void print_summary(const Terminal& out, const Plan& plan) {
  const std::size_t changes = plan.changes(), failures = plan.failures();
  if (changes == 0 && failures == 0 && plan.structural.empty()) {
    if (!plan.edits.empty()) {
      fmt::print("\nOnly the declaration changes: a running operator takes it up by itself.\n");
      return;
    }
    fmt::print("{}\n", out.tinted(Tint::good, "Nothing to do: the node is as declared."));
    return;
  }
  fmt::print("\n{} to change{}.\n", changes,
             failures > 0 ? fmt::format(", {} could not be looked at", failures) : "");
  if (!plan.structural.empty())
    fmt::print("Structural: it waits for `tandem apply --structural --reason REASON`.\n");
  else if (plan.acts_not)
    fmt::print("Nothing of it is changed as long as the note above holds.\n");
  else if (plan.waiting() == changes && changes > 0)
    fmt::print("It reaches beyond spec.changes.allow: it waits for `tandem apply --now`.\n");
  else if (changes > 0)
    fmt::print("`tandem apply` makes it so now; a running operator does it by itself.\n");
}

void print_text(const Options& options, const Plan& plan) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  fmt::print("{} for node {}, role {}\n\n", out.tinted(Tint::strong, "Plan"),
             out.tinted(Tint::strong, plan.node), role_name(plan.role));
  print_changes(out, plan);
  print_reasons(out, plan);
  for (const std::string& line : plan.structural)
    fmt::print("{}", wrapped(out.tinted(Tint::warn, "structural  ") + line, 100, 2));
  for (const std::string& line : plan.edits)
    fmt::print("{}", wrapped(out.tinted(Tint::good, "edit  ") + line, 100, 2));
  for (const std::string& note : plan.notes)
    fmt::print("{}", wrapped(out.tinted(Tint::warn, "note  ") + note, 100, 2));
  for (const std::string& line : plan.outlook)
    fmt::print("{}", wrapped("failover  " + line, 100, 2));
  for (const std::string& line : plan.copies) fmt::print("{}", wrapped("files  " + line, 100, 2));

  print_summary(out, plan);
}

}  // namespace

int plan_command(const Options& options, const std::string& output) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto plan = plan_now(config.value());
  if (!plan.ok()) {
    print_error(options, plan.error().message);
    return kExitFailed;
  }
  if (output == "json")
    fmt::print("{}\n", shown_json(plan_document(plan.value())));
  else
    print_text(options, plan.value());
  if (plan.value().failures() > 0) return kExitFailed;
  return plan.value().any() ? kExitChanges : kExitGood;
}

}  // namespace tandem
