#include "app/commands/status_text.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "app/commands/copy_rows.h"
#include "app/commands/rows.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

template <class... Args>
void say(std::string& text, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
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
void add_failover(std::string& text, const Terminal& out, const OrderedJson& status) {
  if (!status.contains("failover") || !status["failover"].is_object()) return;
  const auto& failover = status["failover"];
  say(text, "State     {}\n",
      printable(fmt::format("{} since {}, epoch {}", failover.value("state", ""),
                            failover.value("since", ""),
                            failover.value("epoch", std::uint64_t{0}))));
  if (failover.contains("maintenance")) {
    const auto& its = failover["maintenance"];
    say(text, "          {}\n",
        out.tinted(Tint::warn, until_line(its, its.value("switchover", false))));
    say(text, "          ends earlier by: {}\n", printable(its.value("end", "")));
  }
  if (!failover.contains("primary")) return;
  const auto verdict = failover["primary"].value("verdict", "");
  say(text, "Primary   {}: {}\n",
      out.tinted(verdict == "Serving" ? Tint::good : Tint::warn, printable(verdict)),
      printable(failover["primary"].value("reason", "")));
}

// What is known of the other node, in one line; a second one tells what is not well there.
void add_peer(std::string& text, const Terminal& out, const OrderedJson& status) {
  if (!status.contains("peer")) return;
  const auto& peer = status["peer"];
  const auto link = peer.value("link", "");
  const auto& word = peer["word"];
  if (link == "NotSetUp") {
    say(text, "Peer      no peer link\n");
    return;
  }
  const auto name = peer.value("node", "");
  std::string known;
  if (word.is_object())
    known = fmt::format("{}, {}, SIP {}, epoch {}", word.value("role", ""), word.value("state", ""),
                        word.value("sip", ""), word.value("epoch", std::uint64_t{0}));
  if (link == "Answers" && !known.empty()) {
    say(text, "Peer      {}  {}\n", out.tinted(Tint::strong, name), known);
    if (word.contains("maintenance") && word["maintenance"].is_object()) {
      const auto& its = word["maintenance"];
      say(text,
          "          {}\n          ends earlier by: tandem maintenance --end --node {} --reason "
          "REASON\n",
          out.tinted(Tint::warn, until_line(its, its.value("stopped", false))), printable(name));
    }
    const auto& bad = word["notWell"];
    if (!bad.empty())
      say(text, "          {}\n",
          out.tinted(Tint::warn,
                     fmt::format("not well there: {}",
                                 fmt::join(bad.get<std::vector<std::string>>(), ", "))));
    return;
  }
  say(text, "Peer      {}  {}\n", out.tinted(Tint::strong, name),
      out.tinted(Tint::bad, "not heard: " + peer.value("reason", "")));
  if (!known.empty())
    say(text, "          last heard at {}: {}\n", peer.value("lastHeardTime", ""), known);
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
void add_messages(std::string& text, const Terminal& out, const OrderedJson& status) {
  std::map<std::string, std::string> said;  // message to the condition that it was said at
  for (const auto& condition : status["conditions"]) {
    const auto type = condition["type"].get<std::string>();
    if (condition["well"] == true || type == "Ready") continue;
    auto message = condition["message"].get<std::string>();
    const auto first = said.emplace(message, type).first;
    if (first->second != type) message = "the same as of " + first->second;
    say(text, "\n{}:\n{}", out.tinted(Tint::bad, type), wrapped(message, 100, 2));
  }
}

}  // namespace

bool is_healthy(const OrderedJson& status) {
  for (const auto& condition : status["conditions"])
    if (condition["type"] == "Ready") return condition["status"] == "True";
  return false;
}

std::string status_text(const Terminal& out, const OrderedJson& pair, bool wide) {
  std::string text;
  const auto& status = pair["status"];
  const bool healthy = is_healthy(status);
  say(text, "Pair      {}\n", pair["metadata"]["name"].get<std::string>());
  say(text, "Node      {}\n", out.tinted(Tint::strong, status["node"].get<std::string>()));
  say(text, "Role      {}\n", role_line(status));
  say(text, "Health    {}{}\n",
      healthy ? out.tinted(Tint::good, "healthy") : out.tinted(Tint::bad, "degraded"),
      beside_health(status));
  say(text, "Spec      generation {}\n", pair["metadata"]["generation"].get<std::int64_t>());
  add_failover(text, out, status);
  add_peer(text, out, status);
  say(text, "Operator  tandem {}\n\n", status["version"].get<std::string>());
  if (status.contains("replication"))
    if (const auto copies = replication_block(out, status["replication"], status["time"], wide);
        !copies.empty())
      say(text, "{}\n", copies);
  say(text, "{}\n", table(out, resource_headers(wide), resource_rows(pair, wide)));

  // The wide tables have a column for what is told below the narrow ones.
  if (!wide)
    for (const auto& resource : status["resources"])
      if (const std::string cause = cause_of(resource); !cause.empty())
        say(text, "{}:\n{}\n", out.tinted(Tint::warn, resource["name"].get<std::string>()),
            wrapped(cause, 100, 2));
  say(text, "{}", table(out, condition_headers(wide), condition_rows(pair, wide)));
  if (!wide) add_messages(text, out, status);
  if (const auto next = status.value("next", ""); !next.empty())
    say(text, "\n{}", wrapped("Next: " + next, 100, 0));
  return text;
}

}  // namespace tandem
