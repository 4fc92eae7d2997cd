#include "app/failover_document.h"

#include <fmt/format.h>

#include "app/documents.h"
#include "core/failover_words.h"
#include "core/goal.h"

namespace tandem {

namespace {

// What takes this node out of service, until when, and what ends it.
nlohmann::ordered_json maintenance_document(const Maintenance& maintenance, const Situation& now) {
  const auto& pair = *now.pair;
  const std::string& node = now.role == Role::primary ? pair.primary.name : pair.secondary.name;
  return {{"until", rfc3339(maintenance.until)},
          {"reason", maintenance.reason},
          {"switchover", maintenance.stopped},
          {"takeOver", maintenance.take_over},
          {"end", fmt::format("tandem maintenance --end --node {} --reason REASON", node)}};
}

// How long a phone may be without telephony, what that is made of, and what is promised.
nlohmann::ordered_json bound_document(const BoundFigures& figures) {
  nlohmann::ordered_json json = {{"objectiveMilliseconds", figures.objective.count()}};
  const auto bound = figures.bound();
  json["milliseconds"] =
      bound ? nlohmann::ordered_json(bound->count()) : nlohmann::ordered_json(nullptr);
  const auto registration = figures.expiry.value_or(expiry_without_ha().maximum);
  json["registrationMilliseconds"] = registration.count();
  json["registrationFrom"] = figures.expiry ? figures.expiry_from : "Asterisk's own";
  json["confirmMilliseconds"] = figures.confirm.count();
  json["confirmFrom"] = figures.confirm_from;
  json["activationMilliseconds"] = figures.activation.count();
  json["activationMeasured"] = figures.activation_measured;
  json["phoneSwitchMilliseconds"] = figures.phone_switch.count();
  return json;
}

nlohmann::ordered_json suspension_document(const FailoverKeeper& keeper, const HAPair& pair) {
  const auto ordered = keeper.suspension();
  const auto& suspension = ordered ? ordered : pair.suspend;
  if (!suspension || !keeper.suspension_lasts().value_or(ordered.has_value())) return nullptr;
  return {{"until", rfc3339(suspension->until)},
          {"reason", suspension->reason},
          {"declared", !ordered}};
}

constexpr const char* kSipNames[] = {"Unknown", "Answers", "Silent"};

}  // namespace

nlohmann::ordered_json failover_document(const FailoverKeeper& keeper) {
  const FailoverEngine& engine = keeper.engine();
  const Situation& now = engine.situation();
  if (now.pair == nullptr || now.role == Role::off) return nullptr;
  const FailoverMemory& memory = engine.memory();
  nlohmann::ordered_json json = {{"state", state_name(memory.state)},
                                 {"stateMeans", meaning_of(memory.state)},
                                 {"since", rfc3339(memory.state_since)},
                                 {"epoch", memory.epoch},
                                 {"cause", cause_name(memory.cause)}};
  if (const auto verdict = keeper.verdict())
    json["primary"] = {{"verdict", verdict_name(*verdict)}, {"reason", now.weighed().why}};
  if (memory.maintenance) json["maintenance"] = maintenance_document(*memory.maintenance, now);
  const PeerWord own = keeper.word();
  json["sip"] = kSipNames[static_cast<int>(own.sip)];
  json["impaired"] = own.impaired;
  json["hearsPeer"] = own.hears_us;
  json["suspension"] = suspension_document(keeper, *now.pair);
  if (const auto figures = keeper.bound()) json["bound"] = bound_document(*figures);
  if (const auto bound = keeper.bound_time()) json["boundMilliseconds"] = bound->count();
  return json;
}

}  // namespace tandem
