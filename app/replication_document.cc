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

// null where no stream is declared.
OrderedJson stream_document(const CopyKeepers& copies) {
  if (copies.database == nullptr || !copies.database->stream()) return nullptr;
  const StreamTold& told = *copies.database->stream();
  OrderedJson json = {{"runs", told.runs}, {"reason", told.reason}, {"message", told.message}};
  json["lagSeconds"] = nullptr;
  json["keptWalBytes"] = nullptr;
  if (copies.stream == nullptr || !copies.stream->shown()) return json;
  const StreamShown& shown = *copies.stream->shown();
  if (shown.lag) json["lagSeconds"] = std::chrono::duration<double>(*shown.lag).count();
  json["keptWalBytes"] = shown.kept_bytes;
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

OrderedJson hold_document(const std::optional<UndoHold>& hold) {
  if (!hold) return nullptr;
  return {{"generation", hold->number},
          {"takenAt", hold->taken_at},
          {"undoneAt", hold->undone_at},
          {"by", hold->by},
          {"reason", text_or_null(hold->reason)}};
}

// Shaped as a kind's, so that an order of either is waited for in one way.
OrderedJson undo_document(const UndoKeeper& undo) {
  const UndoState& state = undo.state();
  OrderedJson json = {{"running", state.running}, {"run", state.number}};
  json["progress"] = state.running ? meter_document(undo.meter()) : nullptr;
  json["last"] = told_document(state.last);
  if (state.last && state.last->succeeded()) json["last"]["result"] = "undone";
  json["kept"] = nullptr;
  if (state.kept) {
    std::uint64_t bytes = 0;
    for (const auto& one : state.kept->generations) bytes += one.bytes;
    json["kept"] = {{"generations", state.kept->generations.size()},
                    {"bytes", bytes},
                    {"hold", hold_document(state.kept->hold)}};
  }
  return json;
}

// What was changed on the secondary while it served: how much of it waits for somebody.
OrderedJson diverged_document(const DivergenceKeeper* keeper) {
  if (keeper == nullptr || keeper->divergence() == nullptr) return nullptr;
  OrderedJson json = {{"waits", keeper->divergence()->waits()},
                      {"notKept", text_or_null(keeper->owed())}};
  for (const auto& [what, number] : keeper->divergence()->waiting()) json["waiting"][what] = number;
  return json;
}

OrderedJson harvest_document(const HarvestState& state) {
  OrderedJson json = {{"known", state.answer.has_value()},
                      {"owed", state.owed()},
                      {"since", nullptr},
                      {"running", state.running},
                      {"lastSuccess", time_or_null(state.home)},
                      {"last", nullptr}};
  json["held"] = nullptr;
  if (state.owed()) {
    const Condition pending = harvest_pending(state, std::nullopt);
    json["since"] = rfc3339(state.answer->owed.since);
    json["held"] = {{"reason", pending.type}, {"message", pending.message}};
  }
  if (!state.last) return json;
  json["last"] = {{"result", harvest_result_name(state.last->result)},
                  {"reason", text_or_null(state.last->reason)},
                  {"message", state.last->message},
                  {"ended", rfc3339(state.last->ended)},
                  {"tookMilliseconds", state.last->took.count()},
                  {"bytes", state.last->bytes}};
  for (const auto& [kind, number] : by_kind(state.last->counts)) json["last"][kind] = number;
  json["last"]["changed"] = state.last->counts.items();
  json["last"]["keptBeside"] = state.last->counts.kept_beside;
  return json;
}

}  // namespace

OrderedJson generations_document(const KeptGenerations& kept) {
  OrderedJson json = {{"items", OrderedJson::array()}};
  for (const KeptGeneration& one : kept.generations)
    json["items"].push_back({{"number", one.number},
                             {"takenAt", one.taken_at},
                             {"cause", one.cause},
                             {"tables", one.names},
                             {"rows", one.rows},
                             {"bytes", one.bytes}});
  json["hold"] = hold_document(kept.hold);
  return json;
}

OrderedJson replication_document(const CopyKeepers& copies, const Clock& clock) {
  const bool makes = copies.keeper.is_in_charge();
  const bool takes = copies.is_target();
  if (!makes && !takes) return nullptr;
  OrderedJson json = OrderedJson::object();
  if (makes)
    for (const CopyKind kind : kCopyKinds)
      json[std::string(copy_kind_name(kind))] = kind_document(copies.keeper, kind, clock);
  if (makes) json["database"]["stream"] = stream_document(copies);
  if (makes && copies.harvest != nullptr)
    json["harvest"] = harvest_document(copies.harvest->state());
  if (takes) json["holds"] = held_document(copies.direction);
  if (copies.undo != nullptr) json["undo"] = undo_document(*copies.undo);
  if (auto diverged = diverged_document(copies.divergence); !diverged.is_null())
    json["diverged"] = std::move(diverged);
  return json;
}

}  // namespace tandem
