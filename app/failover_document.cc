#include "app/failover_document.h"

#include "app/documents.h"

namespace tandem {

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
  if (const auto bound = keeper.bound_time()) json["boundMilliseconds"] = bound->count();
  return json;
}

}  // namespace tandem
