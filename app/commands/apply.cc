// `tandem apply`: one converging pass, by the operator that runs, else by ourselves.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/documents.h"
#include "app/kept_suspension.h"
#include "app/locks.h"
#include "app/node.h"
#include "app/operator_client.h"
#include "app/order_body.h"
#include "app/secrets.h"
#include "app/terminal.h"
#include "core/history.h"
#include "ports/spawn.h"

namespace tandem {
namespace {

std::string order_body(const ApplyFlags& flags) {
  OrderedJson body = OrderedJson::object();
  if (flags.now) body["now"] = true;
  if (flags.structural) body["structural"] = true;
  if (!flags.reason.empty()) body["reason"] = flags.reason;
  return body.dump();
}

// The operator of this node does it; we only carry the order.
Result<OrderedJson> order_operator(const OperatorConfig& config, const ApplyFlags& flags) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  const auto token = read_token(node.disk, config.token_file);
  if (!token.ok()) return in_context("the token of orders (tokenFile)", token.error());
  OperatorClient client(node.http, config);
  return run_to_end(io, client.post("/api/v1/actions/apply", order_body(flags), token.value()));
}

Task<Result<ApplyResult>> apply_and_stop(Loop& loop, ApplyOrder order) {
  auto result = co_await loop.apply(std::move(order));
  loop.stop();
  co_return result;
}

// No operator runs: the locks are ours while we do its work once.
Result<OrderedJson> apply_ourselves(const OperatorConfig& config, const ApplyFlags& flags) {
  boost::asio::io_context io(1);
  Node node(io, config, true);
  const Status loaded = node.specs.load();
  if (!loaded.ok()) return loaded.error();
  LoopParts parts{node.clock, node.files,  node.disk,   node.specs, node.surroundings,
                  {},         config.node, &node.units, false};
  const auto suspension = kept_suspension(config, node.clock.wall());
  if (!suspension.ok()) return suspension.error();
  begin_memory(config.state_dir);
  parts.suspension_by_order = [kept = suspension.value()] { return kept; };
  Loop loop(std::move(parts), node.make_resources());
  spawn(io.get_executor(), loop.run(),
        [](const std::string& why) { throw std::runtime_error(why); });
  ApplyOrder order{flags.now, flags.structural, one_line(flags.reason, kApplyReasonMax)};
  auto result = run_to_end(io, apply_and_stop(loop, std::move(order)));
  io.run();  // the loop ends what it began
  if (!result.ok()) return result.error();
  return apply_document(result.value());
}

void print_changes(const Terminal& terminal, const OrderedJson& resource, const char* list,
                   Tint tint, const char* verb) {
  for (const auto& change : resource[list])
    fmt::print("{} {}: {}: {} -> {}\n", terminal.tinted(tint, verb),
               resource["name"].get<std::string>(), change["field"].get<std::string>(),
               change["from"].get<std::string>(), change["to"].get<std::string>());
}

std::string summary_of(const OrderedJson& result, const ApplyFlags& flags) {
  std::size_t deferred = 0;
  for (const auto& resource : result["resources"])
    if (resource["result"] == "Deferred") deferred += resource["drift"].size();
  if (!result["converged"].get<bool>() && flags.structural)
    return "the declaration is in force, but the node is not as declared yet; a running operator "
           "goes on by itself once the cause told above is over";
  if (!result["converged"].get<bool>()) return "not converged; `tandem plan` tells what is left";
  if (deferred > 0)
    return fmt::format("converged; {} deferred until the node serves",
                       deferred == 1 ? "1 change is" : fmt::format("{} changes are", deferred));
  return "converged: the node is as declared";
}

void print_text(const Options& options, const OrderedJson& result, const ApplyFlags& flags) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  for (const auto& resource : result["resources"]) {
    print_changes(out, resource, "repaired", Tint::good, "changed");
    print_changes(out, resource, "drift", Tint::warn, "left   ");
    const auto name = resource["name"].get<std::string>();
    const auto note = resource["note"].get<std::string>();
    if (!note.empty()) fmt::print("{} {}: {}\n", out.tinted(Tint::dim, "note   "), name, note);
    if (!resource["error"].is_null())
      fmt::print("{} {}: {}\n", out.tinted(Tint::bad, "failed "), name,
                 resource["error"]["message"].get<std::string>());
    if (resource["repaired"].empty() && resource["drift"].empty() && resource["error"].is_null())
      fmt::print("{} {}\n", out.tinted(Tint::dim, "in sync"), name);
  }
  std::fflush(stdout);  // before what follows on the other stream
  for (const auto& note : result["notes"])
    fmt::print(stderr, "note: {}\n", printable(note.get<std::string>()));
  fmt::print(stderr, "{}\n", summary_of(result, flags));
}

}  // namespace

int apply_command(const Options& options, const ApplyFlags& flags) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto locks = NodeLocks::acquire(config.value());
  const bool operator_runs = !locks.ok() && locks.error().fault == Fault::unavailable;
  if (!locks.ok() && !operator_runs) {
    print_error(options, locks.error().message);
    return kExitFailed;
  }
  const auto result = operator_runs ? order_operator(config.value(), flags)
                                    : apply_ourselves(config.value(), flags);
  if (!result.ok()) {
    print_error(options, result.error().message);
    if (operator_runs && result.error().fault == Fault::connection_refused)
      print_error(options, locks.error().message + ", but does not answer at its listener");
    return kExitFailed;
  }
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(result.value()));
  else
    print_text(options, result.value(), flags);
  return result.value()["converged"].get<bool>() ? kExitGood : kExitFailed;
}

}  // namespace tandem
