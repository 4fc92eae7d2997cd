#include "app/replication_document.h"

#include "app/documents.h"

namespace tandem {
namespace {

OrderedJson time_or_null(const std::optional<WallTime>& time) {
  return time ? OrderedJson(rfc3339(*time)) : OrderedJson(nullptr);
}

OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

OrderedJson meter_document(const std::optional<CopyMeter>& meter) {
  if (!meter) return nullptr;
  return {{"phase", meter->phase},
          {"object", text_or_null(meter->object)},
          {"partsDone", meter->parts_done},
          {"parts", meter->parts},
          {"done", meter->done},
          {"total", meter->total},
          {"unit", meter->unit},
          {"bytes", meter->bytes}};
}

OrderedJson told_document(const std::optional<CopyTold>& told) {
  if (!told) return nullptr;
  OrderedJson json = {{"result", copy_result_name(told->result)},
                      {"reason", text_or_null(told->reason)},
                      {"message", told->message},
                      {"canBeForced", told->can_be_forced},
                      {"ended", rfc3339(told->ended)},
                      {"tookMilliseconds", told->took.count()},
                      {"bytes", told->bytes},
                      {"changed", told->changed}};
  json["parts"] = OrderedJson::object();
  for (const auto& [result, number] : told->parts) json["parts"][result] = number;
  json["notes"] = told->notes;
  return json;
}

OrderedJson kind_document(const ReplicationKeeper& keeper, CopyKind kind, const Clock& clock) {
  const CopyState& state = keeper.state(kind);
  OrderedJson json = {{"running", state.running}, {"run", state.number}};
  json["progress"] = state.running ? meter_document(keeper.meter(kind)) : nullptr;
  json["held"] = nullptr;
  if (!state.held_reason.empty())
    json["held"] = {{"reason", state.held_reason}, {"message", state.held}};
  json["lastSuccess"] = time_or_null(state.past.succeeded);
  json["lastProof"] = time_or_null(state.past.proven);
  json["lastChange"] = time_or_null(state.past.changed);
  json["proof"] = text_or_null(state.past.proof);
  json["next"] = nullptr;
  if (state.next) {
    const auto wait = std::max(*state.next - clock.now(), Instant::duration{0});
    json["next"] = rfc3339(clock.wall() + std::chrono::duration_cast<WallTime::duration>(wait));
  }
  json["last"] = told_document(state.last);
  return json;
}

OrderedJson held_document(const DirectionKeeper& direction) {
  const auto& held = direction.held();
  if (!held) return nullptr;
  return {{"primary", held->primary},
          {"lastProof", time_or_null(direction.proven())},
          {"tables", held->tables},
          {"hash", held->hash}};
}

}  // namespace

OrderedJson replication_document(const CopyKeepers& copies, const Clock& clock) {
  const bool makes = copies.keeper.is_in_charge();
  const bool takes = copies.is_target();
  if (!makes && !takes) return nullptr;
  OrderedJson json = OrderedJson::object();
  if (makes)
    for (const CopyKind kind : kCopyKinds)
      json[std::string(copy_kind_name(kind))] = kind_document(copies.keeper, kind, clock);
  if (takes) json["holds"] = held_document(copies.direction);
  return json;
}

}  // namespace tandem
