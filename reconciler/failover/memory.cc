#include "reconciler/failover/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/formats.h"
#include "core/history.h"
#include "core/json_text.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kFormat = 1;

// 0: it tells none.
std::uint64_t version_of(std::string_view text) {
  const Json json = read_ordered_json(text);
  if (!json.is_object()) return 0;
  const auto version = json.find("version");
  return version != json.end() && version->is_number_unsigned() ? version->get<std::uint64_t>() : 0;
}

// So that the largest memory still fits in its slot.
std::string bounded(std::string_view text) { return one_line(text, FailoverMemory::kTextMax); }

std::int64_t milliseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Json json_of(const std::optional<Maintenance>& maintenance) {
  if (!maintenance) return nullptr;
  return {{"reason", bounded(maintenance->reason)},
          {"until", milliseconds(maintenance->until)},
          {"takeOver", maintenance->take_over},
          {"stopped", maintenance->stopped}};
}

Json json_of(const std::optional<Suspension>& suspension) {
  if (!suspension) return nullptr;
  return {{"reason", bounded(suspension->reason)}, {"until", milliseconds(suspension->until)}};
}

Json json_of(const KeptExpiry& expiry) {
  Json json;
  json["current"] = expiry.current ? Json(expiry.current->count()) : Json(nullptr);
  json["past"] = Json::array();
  for (const auto& past : expiry.past)
    if (json["past"].size() < KeptExpiry::kPastMax)
      json["past"].push_back({{"maximum", past.maximum.count()}, {"until", past.until.count()}});
  return json;
}

// Reads an object of which every key is known and there. The first thing that is wrong stays.
class Reader {
 public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json_.is_object()) wrong("", "must be an object");
  }

  bool good() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

  // `read` answers false for a value that is none of its kind.
  template <class Read>
  void field(const char* key, Read read) {
    if (!good()) return;
    known_.insert(key);
    const auto found = json_.find(key);
    if (found == json_.end()) return wrong(key, "is missing");
    if (!read(*found)) wrong(key, "is not what it should be");
  }

  // As field(); an earlier release did not write it.
  template <class Read>
  void later_field(const char* key, Read read) {
    if (json_.is_object() && json_.contains(key)) field(key, std::move(read));
  }

  void no_others() {
    if (!good()) return;
    for (const auto& [key, value] : json_.items())
      if (!known_.contains(key)) return wrong(in_quotes(key), "is not known");
  }

 private:
  void wrong(std::string_view key, std::string_view what) {
    problem_ = fmt::format("{}{} {}", where_, key, what);
  }

  const Json& json_;
  std::string where_;
  std::set<std::string> known_;
  std::string problem_;
};

auto into(std::string& target) {
  return [&target](const Json& json) {
    if (!json.is_string()) return false;
    target = json.get<std::string>();
    return target.size() <= FailoverMemory::kTextMax;
  };
}

auto into(bool& target) {
  return [&target](const Json& json) {
    if (!json.is_boolean()) return false;
    target = json.get<bool>();
    return true;
  };
}

auto into(std::uint64_t& target) {
  return [&target](const Json& json) {
    if (!json.is_number_unsigned()) return false;
    target = json.get<std::uint64_t>();
    return true;
  };
}

auto into(WallTime& target) {
  return [&target](const Json& json) {
    if (!json.is_number_integer()) return false;
    const auto time = time_of_milliseconds(json.get<std::int64_t>());
    target = time.value_or(WallTime{});
    return time.has_value();
  };
}

// No longer than the times of day that are possible: later sums of it stay sane.
auto into(std::chrono::milliseconds& target) {
  return [&target](const Json& json) {
    if (!json.is_number_integer()) return false;
    target = std::chrono::milliseconds{json.get<std::int64_t>()};
    return target.count() >= 0 && target.count() <= kTimeMillisecondsMax;
  };
}

auto into(KeptExpiry& target) {
  return [&target](const Json& json) {
    Reader reader(json, "");
    reader.field("current", [&](const Json& value) {
      return value.is_null() || into(target.current.emplace())(value);
    });
    reader.field("past", [&](const Json& list) {
      if (!list.is_array() || list.size() > KeptExpiry::kPastMax) return false;
      return std::all_of(list.begin(), list.end(), [&](const Json& item) {
        Reader one(item, "");
        KeptExpiry::Past& past = target.past.emplace_back();
        one.field("maximum", into(past.maximum));
        one.field("until", into(past.until));
        one.no_others();
        return one.good();
      });
    });
    reader.no_others();
    return reader.good();
  };
}

auto into(std::optional<std::uint64_t>& target) {
  return [&target](const Json& json) {
    if (json.is_null()) return true;
    return into(target.emplace())(json);
  };
}

auto into(std::optional<Maintenance>& target) {
  return [&target](const Json& json) {
    if (json.is_null()) return true;
    Reader reader(json, "");
    Maintenance& maintenance = target.emplace();
    reader.field("reason", into(maintenance.reason));
    reader.field("until", into(maintenance.until));
    reader.field("takeOver", into(maintenance.take_over));
    reader.field("stopped", into(maintenance.stopped));
    reader.no_others();
    return reader.good();
  };
}

auto into(std::optional<Suspension>& target) {
  return [&target](const Json& json) {
    if (json.is_null()) return true;
    Reader reader(json, "");
    Suspension& suspension = target.emplace();
    reader.field("reason", into(suspension.reason));
    reader.field("until", into(suspension.until));
    reader.no_others();
    return reader.good();
  };
}

// A word of a table, such as the name of a state.
template <class Enum>
auto word_into(Enum& target, std::optional<Enum> (*of_name)(std::string_view)) {
  return [&target, of_name](const Json& json) {
    if (!json.is_string()) return false;
    const auto value = of_name(json.get_ref<const std::string&>());
    if (value) target = *value;
    return value.has_value();
  };
}

auto into(std::vector<WallTime>& target) {
  return [&target](const Json& json) {
    if (!json.is_array() || json.size() > FailoverMemory::kFailbacksMax) return false;
    return std::all_of(json.begin(), json.end(),
                       [&](const Json& item) { return into(target.emplace_back())(item); });
  };
}

auto into(std::deque<std::pair<std::string, std::string>>& target) {
  return [&target](const Json& json) {
    if (!json.is_array() || json.size() > FailoverMemory::kOrdersMax) return false;
    for (const Json& item : json) {
      Reader reader(item, "");
      auto& [id, result] = target.emplace_back();
      reader.field("id", into(id));
      reader.field("result", into(result));
      reader.no_others();
      if (!reader.good()) return false;
    }
    return true;
  };
}

}  // namespace

void FailoverMemory::note_failback(WallTime when) {
  failbacks.push_back(when);
  if (failbacks.size() > kFailbacksMax) failbacks.erase(failbacks.begin());
}

void FailoverMemory::note_order(std::string id, std::string result) {
  std::erase_if(orders, [&](const auto& order) { return order.first == id; });
  orders.emplace_back(std::move(id), std::move(result));
  if (orders.size() > kOrdersMax) orders.pop_front();
}

const std::string* FailoverMemory::result_of(std::string_view id) const {
  for (const auto& [known, result] : orders)
    if (known == id) return &result;
  return nullptr;
}

bool FailoverMemory::belong_to(const std::string& key, bool same_role) {
  if (pair_key == key) return false;
  FailoverMemory anew;
  anew.suspension = std::move(suspension);
  if (same_role) {
    anew.maintenance = std::move(maintenance);
    anew.start_again = start_again;
    if (state == NodeState::maintenance) {
      anew.state = state;
      anew.state_since = state_since;
      anew.held = held;
    }
  }
  anew.epoch = epoch;
  anew.orders = std::move(orders);
  anew.expiry = std::move(expiry);
  anew.boot_id = std::move(boot_id);
  anew.pair_key = key;
  *this = std::move(anew);
  return true;
}

std::string to_text(const FailoverMemory& memory) {
  Json json = {{"version", kFormat}};
  json["state"] = state_name(memory.state);
  json["stateSince"] = milliseconds(memory.state_since);
  json["epoch"] = memory.epoch;
  json["cause"] = cause_name(memory.cause);
  json["faultOfActivation"] = memory.fault_of_activation;
  json["held"] = memory.held;
  json["failbackOrdered"] = memory.failback_ordered;
  json["startAgain"] = memory.start_again;
  json["maintenance"] = json_of(memory.maintenance);
  json["announced"] = json_of(memory.announced);
  json["suspension"] = json_of(memory.suspension);
  json["witnessUsable"] = memory.witness_usable;
  json["sipSeen"] = memory.sip_seen;
  json["pairKey"] = bounded(memory.pair_key);
  const auto kept = std::min(memory.failbacks.size(), FailoverMemory::kFailbacksMax);
  json["failbacks"] = Json::array();
  for (auto at = memory.failbacks.end() - static_cast<std::ptrdiff_t>(kept);
       at != memory.failbacks.end(); ++at)
    json["failbacks"].push_back(milliseconds(*at));
  json["bootId"] = bounded(memory.boot_id);
  json["activationXid"] = memory.activation_xid ? Json(*memory.activation_xid) : Json(nullptr);
  json["orders"] = Json::array();
  const auto orders = std::min(memory.orders.size(), FailoverMemory::kOrdersMax);
  for (auto at = memory.orders.end() - static_cast<std::ptrdiff_t>(orders);
       at != memory.orders.end(); ++at)
    json["orders"].push_back(
        {{"id", one_line(at->first, FailoverMemory::kIdMax)}, {"result", bounded(at->second)}});
  json["expiry"] = json_of(memory.expiry);
  return json.dump();
}

Result<FailoverMemory> memory_of_text(std::string_view text) {
  const std::uint64_t version = version_of(text);
  if (version == 0) return Error{Fault::invalid, "the kept state is no JSON object with a version"};
  if (version > kFormat)
    return Error{Fault::invalid,
                 fmt::format("the kept state is of version {}, and this tandem knows up to {}: "
                             "install the newer one again",
                             version, kFormat)};
  const Json json = read_ordered_json(text);
  FailoverMemory memory;
  Reader reader(json, "the kept state: ");
  std::uint64_t read_version = 0;
  reader.field("version", into(read_version));
  reader.field("state", word_into(memory.state, state_of_name));
  reader.field("stateSince", into(memory.state_since));
  reader.field("epoch", into(memory.epoch));
  reader.field("cause", word_into(memory.cause, cause_of_name));
  reader.field("faultOfActivation", into(memory.fault_of_activation));
  reader.field("held", into(memory.held));
  reader.field("failbackOrdered", into(memory.failback_ordered));
  reader.field("startAgain", into(memory.start_again));
  reader.field("maintenance", into(memory.maintenance));
  reader.field("announced", into(memory.announced));
  reader.field("suspension", into(memory.suspension));
  reader.field("witnessUsable", into(memory.witness_usable));
  reader.field("sipSeen", into(memory.sip_seen));
  reader.field("pairKey", into(memory.pair_key));
  reader.field("failbacks", into(memory.failbacks));
  reader.field("bootId", into(memory.boot_id));
  reader.field("activationXid", into(memory.activation_xid));
  reader.field("orders", into(memory.orders));
  reader.later_field("expiry", into(memory.expiry));
  reader.no_others();
  if (!reader.good()) return Error{Fault::invalid, reader.problem()};
  return memory;
}

bool is_newer_memory(std::string_view text) { return version_of(text) > kFormat; }

bool is_of_loss(const std::optional<Suspension>& suspension) {
  return suspension && suspension->reason == kMemoryLost;
}

bool is_of_loss(const FailoverMemory& memory) { return is_of_loss(memory.suspension); }

}  // namespace tandem
