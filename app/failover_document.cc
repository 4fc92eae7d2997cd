#include "app/failover_document.h"

#include <fmt/format.h>

#include "app/documents.h"

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

}  // namespace

nlohmann::ordered_json failover_document(const FailoverKeeper& keeper) {
  const FailoverEngine& engine = keeper.engine();
  const Situation& now = engine.situation();
  if (now.pair == nullptr || now.role == Role::off) return nullptr;
  const FailoverMemory& memory = engine.memory();
  nlohmann::ordered_json json = {{"state", state_name(memory.state)},
                                 {"since", rfc3339(memory.state_since)},
                                 {"epoch", memory.epoch},
                                 {"cause", cause_name(memory.cause)}};
  if (const auto verdict = keeper.verdict())
    json["primary"] = {{"verdict", verdict_name(*verdict)}, {"reason", now.weighed().why}};
  if (memory.maintenance) json["maintenance"] = maintenance_document(*memory.maintenance, now);
  if (const auto bound = keeper.bound_time()) json["boundMilliseconds"] = bound->count();
  return json;
}

}  // namespace tandem
