// `tandem doctor`: whether all that high availability needs is there, and what mends what is not.
//
// It asks everything anew, by itself and read-only, as `plan` does; what only a running operator
// knows is asked of it.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <map>

#include "app/blocking.h"
#include "app/checkup.h"
#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/node.h"
#include "app/terminal.h"
#include "pbx/products.h"
#include "reconciler/gate.h"

namespace tandem {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kMarkWidth = 9;
constexpr std::size_t kTypeWidth = 24;

constexpr const char* kDuty = "NobodyFailsOver";

// `state_read`: what is in force is known; who may not read it knows nothing of the duties.
Task<Result<Checkup>> look(Node& node, bool state_read) {
  const HAPair& pair = *node.specs.view().wanted();
  const auto standing = node.surroundings.standing_by(pair.product);
  auto goal = goal_for(pair, node.config.node, !standing.ok() || standing.value());
  if (!goal.ok()) co_return goal.error();
  GateFacts facts;
  facts.wizard = co_await node.surroundings.wizard();
  facts.own_address =
      node.surroundings.own_address(goal.value().own_address, goal.value().peer_address);
  facts.upgrade =
      UpgradeWatch().look(node.surroundings.upgrade_signs(pair.product), goal.value().role,
                          goal.value().standing_by, node.clock.now());
  facts.suspend = pair.suspend;
  facts.now = node.clock.wall();
  const Reading rights = co_await node.surroundings.permissions();
  auto resources = node.make_resources();
  const Plan plan = co_await make_plan(resources, node.config.node, goal.value());

  std::vector<Condition> seen = gate_conditions(facts);
  seen.push_back(condition_from("PermissionsComplete", rights));
  for (Condition& condition : conditions_of(plan)) seen.push_back(std::move(condition));
  const auto& accepted = node.specs.view().accepted;
  if (state_read)
    for (Condition& duty :
         accepted ? duty_conditions(*accepted) : duty_conditions_before_order(pair))
      seen.push_back(std::move(duty));
  Checkup checkup;
  checkup.node = node.config.node;
  checkup.role = goal.value().role;
  checkup.product = pair.product;
  checkup.checks = merged(seen, nullptr);
  co_return checkup;
}

Result<Checkup> look_now(const OperatorConfig& config) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  const Status loaded = node.specs.load();
  if (!loaded.ok() && loaded.error().fault != Fault::denied) return loaded.error();
  node.specs.preview();
  if (node.specs.view().refused) return *node.specs.view().refused;
  if (node.specs.view().wanted() == nullptr)
    return Error{Fault::not_found, "there is no declaration: write " + config.pair};
  return run_to_end(io, look(node, loaded.ok()));
}

void add_what_the_operator_tells(Checkup& checkup, const OperatorConfig& config) {
  const auto pair = ask_operator(config, "/api/v1/pair");
  if (!pair.ok()) return;
  checkup.operator_runs = true;
  std::vector<Condition> seen;
  // Whether the secondary is out of service only the operator knows.
  for (Check& check : checkup.checks)
    if (check.condition.type != kDuty) seen.push_back(std::move(check.condition));
  checkup.checks = merged(seen, pair.value()["status"]["conditions"]);
}

Tint tint_of(const Condition& condition) {
  if (is_well(condition)) return Tint::good;
  return condition.status == Truth::unknown ? Tint::warn : Tint::bad;
}

// "ok       DiskFree                at least 40.0 GiB are free (/)", the message hanging.
void print_check(const Terminal& out, const Check& check, bool wide) {
  const Condition& condition = check.condition;
  std::string message = printable(condition.message.empty() ? condition.reason : condition.message);
  if (wide) message = fmt::format("{} ({}): {}", condition.reason, check.source, message);
  const std::size_t indent = 2 + kMarkWidth + kTypeWidth;
  const std::string text = wrapped(message, kWidth, indent);
  fmt::print("  {}{}{:<{}}{}", out.tinted(tint_of(condition), mark_of(condition)),
             std::string(kMarkWidth - mark_of(condition).size(), ' '), condition.type, kTypeWidth,
             text.substr(std::min(indent, text.size())));
}

void print_unverified(const Terminal& out, Product product, bool wide) {
  const auto facts = unverified_facts(product);
  if (facts.empty()) return;
  fmt::print("\n{}\n", out.tinted(Tint::strong, "Unverified on this product"));
  if (!wide) {
    fmt::print("  {} values were never seen on a node; `-o wide` lists them\n", facts.size());
    return;
  }
  for (const ProductFact& fact : facts)
    fmt::print("{}", wrapped(fmt::format("{}: {} ({}: {})", fact.what, fact.value,
                                         proof_name(fact.proof), fact.source),
                             kWidth, 2));
}

void print_text(const Options& options, const Checkup& checkup, bool wide) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  fmt::print("{} of node {}, role {}\n", out.tinted(Tint::strong, "Checkup"),
             out.tinted(Tint::strong, checkup.node), role_name(checkup.role));
  std::string group;
  std::map<std::string, std::string> said;  // message to the check that it was said at
  for (Check check : checkup.checks) {
    if (check.group != group) {
      group = check.group;
      std::string title = group;
      title[0] = static_cast<char>(title[0] - 'a' + 'A');
      fmt::print("\n{}\n", out.tinted(Tint::strong, title));
    }
    // Eight checks may want for one key: its remedy is told once.
    const auto first = said.emplace(check.condition.message, check.condition.type).first;
    if (!wide && first->second != check.condition.type)
      check.condition.message = "the same as of " + first->second;
    print_check(out, check, wide);
  }
  if (!checkup.others.empty())
    fmt::print("\n{}\n{}",
               out.tinted(Tint::strong, "Asked by the primary, with `tandem doctor` there"),
               wrapped(fmt::format("{}", fmt::join(checkup.others, ", ")), kWidth, 2));
  print_unverified(out, checkup.product, wide);
  fmt::print("\n{} checks: {} not met, {} unknown\n", checkup.checks.size(), checkup.not_met(),
             checkup.unknown());
  if (!checkup.operator_runs)
    fmt::print("No operator answers on this node: what only it knows is missing.\n");
}

}  // namespace

int doctor_command(const Options& options, const std::string& output) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  auto checkup = look_now(config.value());
  if (!checkup.ok()) {
    print_error(options, checkup.error().message);
    return kExitFailed;
  }
  add_what_the_operator_tells(checkup.value(), config.value());
  arrange(checkup.value());
  if (output == "json")
    fmt::print("{}\n", shown_json(checkup_document(checkup.value())));
  else
    print_text(options, checkup.value(), output == "wide");
  const bool met = checkup.value().not_met() + checkup.value().unknown() == 0;
  return met ? kExitGood : kExitChanges;
}

}  // namespace tandem
