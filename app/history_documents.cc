#include "app/history_documents.h"

namespace tandem {
namespace {

constexpr const char* kApiVersion = "tandem.ha/v1alpha1";

// A list as the API's others: its items, and the time by which ages are told.
OrderedJson list_document(const char* kind, OrderedJson items, WallTime now) {
  return {{"apiVersion", kApiVersion},
          {"kind", kind},
          {"time", rfc3339(now)},
          {"items", std::move(items)}};
}

}  // namespace

OrderedJson event_json(const Event& event) {
  return {{"id", event.id},
          {"type", event_type_name(event.type)},
          {"reason", event.reason},
          {"object", event.object},
          {"message", event.message},
          {"node", event.node},
          {"epoch", event.epoch},
          {"count", event.count},
          {"firstTime", rfc3339(event.at)},
          {"lastTime", rfc3339(event.last)}};
}

namespace {

OrderedJson takeover_json(const TakeoverRecord& record) {
  OrderedJson steps = OrderedJson::array();
  for (const auto& [name, took] : record.steps)
    steps.push_back({{"name", name}, {"milliseconds", took.count()}});
  OrderedJson json = {{"epoch", record.epoch}, {"cause", cause_name(record.cause)}};
  json["beginTime"] = rfc3339(record.began);
  json["endTime"] =
      record.result.empty() ? OrderedJson(nullptr) : OrderedJson(rfc3339(record.ended));
  json["milliseconds"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(record.ended - record.began).count();
  json["downtimeMilliseconds"] =
      record.downtime ? OrderedJson(record.downtime->count()) : OrderedJson(nullptr);
  json["result"] = record.result;
  json["evidence"] = record.evidence;
  json["steps"] = std::move(steps);
  return json;
}

}  // namespace

OrderedJson events_document(const EventPage& page, WallTime now) {
  OrderedJson items = OrderedJson::array();
  for (const Event& event : page.events) items.push_back(event_json(event));
  OrderedJson json = list_document("EventList", std::move(items), now);
  json["lastId"] = page.last_id;
  return json;
}

OrderedJson takeovers_document(const std::vector<TakeoverRecord>& records, WallTime now) {
  OrderedJson items = OrderedJson::array();
  for (const TakeoverRecord& record : records) items.push_back(takeover_json(record));
  return list_document("TakeoverList", std::move(items), now);
}

OrderedJson why_document(const Why& why, WallTime now) {
  OrderedJson guards = OrderedJson::array();
  for (const Why::Guard& guard : why.guards)
    guards.push_back(
        {{"name", guard.name},
         {"holds", guard.holds},
         {"value", guard.value},
         {"threshold", guard.threshold},
         {"since", guard.since ? OrderedJson(rfc3339(*guard.since)) : OrderedJson(nullptr)}});
  return {{"apiVersion", kApiVersion}, {"kind", "Why"},    {"time", rfc3339(now)},
          {"sentence", why.sentence},  {"next", why.next}, {"guards", std::move(guards)}};
}

namespace {

OrderedJson minutes_json(const ProbeRow& row, WallTime now, int minutes) {
  OrderedJson list = OrderedJson::array();
  for (const ProbeSpell& spell : row.last_hour)
    if (spell.ago < std::chrono::minutes{minutes})
      list.push_back({{"begin", rfc3339(now - spell.ago)},
                      {"attempts", spell.attempts},
                      {"failures", spell.failures},
                      {"notAsked", spell.not_asked},
                      {"slowestMicroseconds", spell.slowest.count()}});
  return list;
}

}  // namespace

OrderedJson probes_document(const std::vector<ProbeRow>& rows, WallTime now, int minutes) {
  OrderedJson items = OrderedJson::array();
  for (const ProbeRow& row : rows) {
    OrderedJson item = {
        {"probe", row.probe},
        {"target", row.target},
        {"last", row.last},
        {"good", row.good},
        {"ageMilliseconds", row.age ? OrderedJson(row.age->count()) : OrderedJson(nullptr)},
        {"tookMicroseconds", row.took ? OrderedJson(row.took->count()) : OrderedJson(nullptr)},
        {"attempts", row.attempts},
        {"failures", row.failures}};
    if (minutes > 0) item["minutes"] = minutes_json(row, now, minutes);
    items.push_back(std::move(item));
  }
  return list_document("ProbeList", std::move(items), now);
}

}  // namespace tandem
