#include "app/documents.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/scrub.h"
#include "app/version.h"
#include "core/failover_words.h"
#include "core/next_step.h"
#include "core/night.h"
#include "core/peer_word_text.h"
#include "core/remedies.h"
#include "core/spec.h"

namespace tandem {
namespace {

OrderedJson change_json(const Change& change) {
  return {{"field", change.field},
          {"from", change.from},
          {"to", change.to},
          {"disturbs", change.disturbs},
          {"reach", reach_name(change.reach)},
          {"why", change.why}};
}

OrderedJson changes_json(const std::vector<Change>& changes) {
  OrderedJson list = OrderedJson::array();
  for (const Change& change : changes) list.push_back(change_json(change));
  return list;
}

OrderedJson error_json(const Error& error) {
  return {{"fault", fault_name(error.fault)}, {"message", error.message}};
}

OrderedJson report_json(const Report& report) {
  OrderedJson json = {{"name", report.resource}, {"result", outcome_name(report.outcome)}};
  json["lookSeconds"] = std::chrono::duration<double>(report.took).count();
  json["repaired"] = changes_json(report.done);
  json["drift"] = changes_json(report.left);
  json["note"] = report.note;
  json["error"] = report.error ? error_json(*report.error) : OrderedJson(nullptr);
  return json;
}

OrderedJson entry_json(const Board::Entry& entry) {
  if (!entry.report) return {{"name", entry.name}, {"result", "NotLookedYet"}};
  OrderedJson json = report_json(*entry.report);
  json["lastLookTime"] = rfc3339(entry.when);
  return json;
}

OrderedJson resources_json(const Board& board) {
  OrderedJson list = OrderedJson::array();
  for (const auto& entry : board.resources()) list.push_back(entry_json(entry));
  return list;
}

OrderedJson conditions_json(const Board& board, std::int64_t generation) {
  OrderedJson list = OrderedJson::array();
  for (const ConditionRecord& record : board.conditions()) {
    const Condition& c = record.condition;
    list.push_back({{"type", c.type},
                    {"status", truth_name(c.status)},
                    {"reason", c.reason},
                    {"message", c.message},
                    {"lastTransitionTime", rfc3339(record.since)},
                    {"observedGeneration", generation},
                    {"well", is_well(c)},
                    {"advisory", c.advisory},
                    {"standing", standing_name(standing_of(c))},
                    {"commands", commands_in(c.message)}});
  }
  return list;
}

// One line of the plan, with what keeps it from being carried out.
OrderedJson planned_json(const Plan& plan, const Report& report, const Change& change) {
  OrderedJson json = {{"resource", report.resource}};
  json.update(change_json(change));
  json["deferred"] = report.outcome == Outcome::deferred;
  json["beyondAllowed"] = change.reach > plan.allow;
  json["note"] = report.outcome == Outcome::deferred ? report.note : "";
  return json;
}

// What of a declaration may hold a secret is not served: paths of webhooks, arguments of programs.
OrderedJson shown_spec(const HAPair& pair) {
  Scrubber nothing_else;
  return without_secrets(to_json(pair), pair_fields(), nothing_else)["spec"];
}

}  // namespace

std::string rfc3339(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string next_of(const Loop& loop) {
  const SpecView& spec = loop.spec();
  NextFacts facts;
  facts.refused = spec.refused.has_value();
  facts.waits = spec.pending.has_value();
  for (const auto& entry : loop.board().resources())
    if (entry.report && !settled(entry.report->outcome)) facts.drift = true;
  return spec.wanted() == nullptr ? "" : next_step(*spec.wanted(), facts);
}

OrderedJson pair_document(const Loop& loop, const std::string& node, WallTime now) {
  const SpecView& spec = loop.spec();
  OrderedJson json = {{"apiVersion", kApiVersion}, {"kind", "HAPair"}};
  const HAPair* shown = spec.accepted ? &*spec.accepted : spec.wanted();
  json["metadata"] = {{"name", shown != nullptr ? shown->name : ""},
                      {"generation", spec.generation}};
  json["spec"] = shown != nullptr ? shown_spec(*shown) : OrderedJson(nullptr);
  OrderedJson status = {{"node", node}};
  status["role"] = loop.goal() ? role_name(loop.goal()->role) : "unknown";
  status["standingBy"] = loop.goal() ? OrderedJson(loop.goal()->standing_by) : OrderedJson(nullptr);
  status["inForce"] = spec.accepted.has_value();
  status["observedGeneration"] = spec.generation;
  status["version"] = kVersion;
  status["time"] = rfc3339(now);
  status["structuralChangePending"] = spec.structural;
  status["objectives"] = nullptr;
  if (shown != nullptr)
    status["objectives"] = {{"maxDowntimeMilliseconds", shown->objectives.max_downtime.count()},
                            {"maxDataAgeMilliseconds", shown->objectives.max_data_age.count()}};
  status["conditions"] = conditions_json(loop.board(), spec.generation);
  status["resources"] = resources_json(loop.board());
  status["next"] = next_of(loop);
  json["status"] = std::move(status);
  return json;
}

OrderedJson peer_document(const PeerKeeper& link) {
  OrderedJson json = {{"node", link.peer_name()}};
  const Heard heard = link.sample().heard;
  json["link"] = !link.set_up()            ? "NotSetUp"
                 : heard == Heard::answers ? "Answers"
                 : heard == Heard::silent  ? "Silent"
                                           : "Unknown";
  json["reason"] = link.sample().reason;
  json["word"] = nullptr;
  if (link.last_said()) {
    // What was said last, however long ago: the reader sees how long by the time beside it.
    json["word"] = OrderedJson::parse(to_text(link.last_said()->word));
    json["lastHeardTime"] = rfc3339(link.last_said()->at);
    json["stateMeans"] = meaning_of(link.last_said()->word.state);
  }
  return json;
}

OrderedJson plan_document(const Plan& plan) {
  OrderedJson changes = OrderedJson::array(), errors = OrderedJson::array();
  std::size_t deferred = 0;
  for (const Report& report : plan.reports) {
    for (const Change& change : report.left) {
      changes.push_back(planned_json(plan, report, change));
      deferred += report.outcome == Outcome::deferred ? 1 : 0;
    }
    if (report.error) {
      OrderedJson error = {{"resource", report.resource}};
      error.update(error_json(*report.error));
      errors.push_back(std::move(error));
    }
  }
  return {{"apiVersion", kApiVersion},
          {"kind", "Plan"},
          {"node", plan.node},
          {"role", role_name(plan.role)},
          {"allow", reach_name(plan.allow)},
          {"summary",
           {{"changes", plan.changes()}, {"deferred", deferred}, {"errors", plan.failures()}}},
          {"structural", plan.structural},
          {"edits", plan.edits},
          {"notes", plan.notes},
          {"failover", plan.outlook},
          {"files", plan.copies},
          {"changes", std::move(changes)},
          {"errors", std::move(errors)}};
}

OrderedJson apply_document(const ApplyResult& result) {
  OrderedJson reports = OrderedJson::array();
  for (const Report& report : result.reports) reports.push_back(report_json(report));
  return {{"apiVersion", kApiVersion},
          {"kind", "ApplyResult"},
          {"converged", result.converged},
          {"notes", result.notes},
          {"resources", std::move(reports)}};
}

OrderedJson problem_document(int status, const std::string& title, const std::string& detail) {
  return {{"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
}

}  // namespace tandem
