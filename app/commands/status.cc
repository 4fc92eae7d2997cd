// `tandem status`: how this node is, as its operator sees it.
#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/copy_rows.h"
#include "app/commands/rows.h"
#include "app/terminal.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

bool is_healthy(const OrderedJson& status) {
  for (const auto& condition : status["conditions"])
    if (condition["type"] == "Ready") return condition["status"] == "True";
  return false;
}

std::string role_line(const OrderedJson& status) {
  std::string line = status["role"].get<std::string>();
  if (status["standingBy"] == true) line += ", standing by";
  if (status["inForce"] != true) line += " (declared, not in force yet)";
  return line;
}

// "stopped for a switchover until 2026-12-01T06:00:00Z: new memory"
std::string until_line(const OrderedJson& maintenance, bool stopped) {
  return printable(fmt::format("{} until {}: {}",
                               stopped ? "stopped for a switchover" : "in maintenance",
                               maintenance.value("until", ""), maintenance.value("reason", "")));
}

// What the node does about takeover and failback; the secondary tells what it holds of the primary.
void print_failover(const Terminal& out, const OrderedJson& status) {
  if (!status.contains("failover") || !status["failover"].is_object()) return;
  const auto& failover = status["failover"];
  fmt::print("State     {}\n",
             printable(fmt::format("{} since {}, epoch {}", failover.value("state", ""),
                                   failover.value("since", ""),
                                   failover.value("epoch", std::uint64_t{0}))));
  if (failover.contains("maintenance")) {
    const auto& its = failover["maintenance"];
    fmt::print("          {}\n",
               out.tinted(Tint::warn, until_line(its, its.value("switchover", false))));
    fmt::print("          ends earlier by: {}\n", printable(its.value("end", "")));
  }
  if (!failover.contains("primary")) return;
  const auto verdict = failover["primary"].value("verdict", "");
  fmt::print("Primary   {}: {}\n",
             out.tinted(verdict == "Serving" ? Tint::good : Tint::warn, printable(verdict)),
             printable(failover["primary"].value("reason", "")));
}

// What is known of the other node, in one line; a second one tells what is not well there.
void print_peer(const Terminal& out, const OrderedJson& status) {
  if (!status.contains("peer")) return;
  const auto& peer = status["peer"];
  const auto link = peer.value("link", "");
  const auto& word = peer["word"];
  if (link == "NotSetUp") {
    fmt::print("Peer      no peer link\n");
    return;
  }
  const auto name = peer.value("node", "");
  std::string known;
  if (word.is_object())
    known = fmt::format("{}, {}, SIP {}, epoch {}", word.value("role", ""), word.value("state", ""),
                        word.value("sip", ""), word.value("epoch", std::uint64_t{0}));
  if (link == "Answers" && !known.empty()) {
    fmt::print("Peer      {}  {}\n", out.tinted(Tint::strong, name), known);
    if (word.contains("maintenance") && word["maintenance"].is_object()) {
      const auto& its = word["maintenance"];
      fmt::print(
          "          {}\n          ends earlier by: tandem maintenance --end --node {} --reason "
          "REASON\n",
          out.tinted(Tint::warn, until_line(its, its.value("stopped", false))), printable(name));
    }
    const auto& bad = word["notWell"];
    if (!bad.empty())
      fmt::print("          {}\n",
                 out.tinted(Tint::warn,
                            fmt::format("not well there: {}",
                                        fmt::join(bad.get<std::vector<std::string>>(), ", "))));
    return;
  }
  fmt::print("Peer      {}  {}\n", out.tinted(Tint::strong, name),
             out.tinted(Tint::bad, "not heard: " + peer.value("reason", "")));
  if (!known.empty())
    fmt::print("          last heard at {}: {}\n", peer.value("lastHeardTime", ""), known);
}

// Why a resource is not as declared; empty where it is.
std::string cause_of(const OrderedJson& resource) {
  if (resource.contains("error") && !resource["error"].is_null())
    return resource["error"]["message"].get<std::string>();
  return resource.value("note", "");
}

// Of what is no part of Ready: "2 prerequisites are not met or not known".
std::string beside_health(const OrderedJson& status) {
  std::size_t open = 0;
  for (const auto& condition : status["conditions"])
    if (condition["well"] != true && condition.value("advisory", false)) ++open;
  if (open == 0) return "";
  return fmt::format("; {} not met or not known: tandem doctor",
                     open == 1 ? "a prerequisite is" : fmt::format("{} prerequisites are", open));
}

// What is not well comes with its message: that is what a person looks for. Eight conditions may
// want for one key: its remedy is told once.
void print_messages(const Terminal& out, const OrderedJson& status) {
  std::map<std::string, std::string> said;  // message to the condition that it was said at
  for (const auto& condition : status["conditions"]) {
    const auto type = condition["type"].get<std::string>();
    if (condition["well"] == true || type == "Ready") continue;
    auto message = condition["message"].get<std::string>();
    const auto first = said.emplace(message, type).first;
    if (first->second != type) message = "the same as of " + first->second;
    fmt::print("\n{}:\n{}", out.tinted(Tint::bad, type), wrapped(message, 100, 2));
  }
}

void print_text(const Options& options, const OrderedJson& pair, bool wide) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  const auto& status = pair["status"];
  const bool healthy = is_healthy(status);
  fmt::print("Pair      {}\n", pair["metadata"]["name"].get<std::string>());
  fmt::print("Node      {}\n", out.tinted(Tint::strong, status["node"].get<std::string>()));
  fmt::print("Role      {}\n", role_line(status));
  fmt::print("Health    {}{}\n",
             healthy ? out.tinted(Tint::good, "healthy") : out.tinted(Tint::bad, "degraded"),
             beside_health(status));
  fmt::print("Spec      generation {}\n", pair["metadata"]["generation"].get<std::int64_t>());
  print_failover(out, status);
  print_peer(out, status);
  fmt::print("Operator  tandem {}\n\n", status["version"].get<std::string>());
  if (status.contains("replication"))
    if (const auto copies = replication_block(out, status["replication"], status["time"], wide);
        !copies.empty())
      fmt::print("{}\n", copies);
  fmt::print("{}\n", table(out, resource_headers(wide), resource_rows(pair, wide)));

  // The wide tables have a column for what is told below the narrow ones.
  if (!wide)
    for (const auto& resource : status["resources"])
      if (const std::string cause = cause_of(resource); !cause.empty())
        fmt::print("{}:\n{}\n", out.tinted(Tint::warn, resource["name"].get<std::string>()),
                   wrapped(cause, 100, 2));
  fmt::print("{}", table(out, condition_headers(wide), condition_rows(pair, wide)));
  if (!wide) print_messages(out, status);
  if (const auto next = status.value("next", ""); !next.empty())
    fmt::print("\n{}", wrapped("Next: " + next, 100, 0));
}

}  // namespace

int status_command(const Options& options, const std::string& output) {
  const auto pair = ask_for_pair(options);
  if (!pair.ok()) {
    print_error(options, pair.error().message);
    return kExitFailed;
  }
  if (output == "json")
    fmt::print("{}\n", pair.value().dump(2));
  else if (output == "yaml")
    fmt::print("{}", as_yaml(pair.value()));
  else
    print_text(options, pair.value(), output == "wide");
  return is_healthy(pair.value()["status"]) ? kExitGood : kExitChanges;
}

}  // namespace tandem
