#include "tests/wazo_sim/control/faults.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tandem::wazo_sim {
namespace {

constexpr std::int64_t kMillisecondsMax = 24LL * 3600 * 1000;

constexpr std::array<std::pair<FaultKind, std::string_view>, 13> kKinds = {{
    {FaultKind::down, "down"},
    {FaultKind::status, "status"},
    {FaultKind::committed_500, "committed_500"},
    {FaultKind::burst_503, "burst_503"},
    {FaultKind::slow, "slow"},
    {FaultKind::dribble, "dribble"},
    {FaultKind::cut, "cut"},
    {FaultKind::unconfirmed, "unconfirmed"},
    {FaultKind::truncated_json, "truncated_json"},
    {FaultKind::garbage, "garbage"},
    {FaultKind::huge, "huge"},
    {FaultKind::redirect, "redirect"},
    {FaultKind::step, "step"},
}};

std::optional<FaultKind> kind_of(std::string_view name) {
  for (const auto& [kind, word] : kKinds)
    if (word == name) return kind;
  return std::nullopt;
}

bool is_service(const std::string& name) {
  return name == "auth" || name == "confd" || name == "provd" || name == "sysconfd";
}

// Reads the optional members of a fault. The first one of a wrong type is remembered.
class FaultReader {
 public:
  explicit FaultReader(const Json& wanted) : wanted_(wanted) {}

  std::optional<std::string> text(const char* key) {
    if (absent(key)) return std::nullopt;
    if (wanted_.at(key).is_string()) return wanted_.at(key).get<std::string>();
    complain(key, "must be a string");
    return std::nullopt;
  }

  std::optional<std::int64_t> number(const char* key, std::int64_t low, std::int64_t high) {
    if (absent(key)) return std::nullopt;
    const Json& value = wanted_.at(key);
    if (value.is_number_integer()) {
      const auto given = value.get<std::int64_t>();
      if (given >= low && given <= high) return given;
    }
    complain(key,
             "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return std::nullopt;
  }

  void complain(const std::string& key, const std::string& what) {
    if (error_.empty()) error_ = key + " " + what;
  }

  const std::string& error() const { return error_; }

 private:
  bool absent(const char* key) const { return !wanted_.contains(key) || wanted_.at(key).is_null(); }

  const Json& wanted_;
  std::string error_;
};

bool meets(const InjectedFault& fault, const std::string& service, const std::string& method,
           const std::string& target) {
  return fault.service == service && fault.kind != FaultKind::down &&
         fault.kind != FaultKind::step && (!fault.method || *fault.method == method) &&
         (!fault.path_prefix || target.starts_with(*fault.path_prefix));
}

Json or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

Json to_json(const InjectedFault& fault, InjectedFault::Instant now) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  Json left = nullptr;
  if (fault.until) left = duration_cast<milliseconds>(*fault.until - now).count();
  return {{"id", fault.id},
          {"service", fault.service},
          {"kind", kind_name(fault.kind)},
          {"method", or_null(fault.method)},
          {"path_prefix", or_null(fault.path_prefix)},
          {"count", fault.count ? Json(*fault.count) : Json(nullptr)},
          {"for_ms", left},
          {"status", fault.status},
          {"delay_ms", fault.delay.count()},
          {"location", fault.location},
          {"at", fault.within_headers ? "headers" : "body"},
          {"step", fault.step},
          {"hits", fault.hits}};
}

}  // namespace

std::string_view kind_name(FaultKind kind) {
  for (const auto& [value, word] : kKinds)
    if (value == kind) return word;
  return "";
}

std::variant<int, std::string> FaultTable::add(const Json& wanted, Instant now) {
  if (!wanted.is_object()) return std::string("a fault must be an object");
  forget_expired(now);
  if (faults_.size() >= kFaultsMax) return std::string("too many faults; clear some");

  FaultReader reader(wanted);
  InjectedFault fault;
  fault.service = reader.text("service").value_or("");
  if (!is_service(fault.service))
    reader.complain("service", "must be auth, confd, provd or sysconfd");
  const auto kind = kind_of(reader.text("kind").value_or(""));
  if (!kind) reader.complain("kind", "must be one of the documented kinds");
  fault.kind = kind.value_or(FaultKind::down);
  if (fault.service != "sysconfd" && fault.kind == FaultKind::step)
    reader.complain("kind", "must not be step: only sysconfd has steps");
  fault.method = reader.text("method");
  fault.path_prefix = reader.text("path_prefix");
  if (const auto count = reader.number("count", 1, 1'000'000))
    fault.count = static_cast<int>(*count);
  if (const auto lasting = reader.number("for_ms", 1, kMillisecondsMax))
    fault.until = now + std::chrono::milliseconds(*lasting);
  fault.status = static_cast<int>(reader.number("status", 200, 599).value_or(500));
  fault.delay = std::chrono::milliseconds(reader.number("delay_ms", 0, kMillisecondsMax)
                                              .value_or(fault.kind == FaultKind::slow ? 1000 : 0));
  fault.location = reader.text("location").value_or("http://127.0.0.1:9/");
  const std::string at = reader.text("at").value_or("body");
  if (at != "body" && at != "headers") reader.complain("at", "must be body or headers");
  fault.within_headers = at == "headers";
  fault.step = reader.text("step").value_or("");
  if (fault.kind == FaultKind::step && std::ranges::find(kSteps, fault.step) == kSteps.end())
    reader.complain("step", "must be one of the documented steps");
  if (!reader.error().empty()) return reader.error();

  fault.id = ++last_id_;
  faults_.push_back(fault);
  return fault.id;
}

bool FaultTable::remove(int id) {
  return std::erase_if(faults_, [=](const InjectedFault& fault) { return fault.id == id; }) > 0;
}

Json FaultTable::list(Instant now) {
  forget_expired(now);
  Json all = Json::array();
  for (const auto& fault : faults_) all.push_back(to_json(fault, now));
  return all;
}

std::optional<InjectedFault> FaultTable::take(const std::string& service, const std::string& method,
                                              const std::string& target, Instant now) {
  forget_expired(now);
  const auto found = std::ranges::find_if(
      faults_, [&](const InjectedFault& fault) { return meets(fault, service, method, target); });
  if (found == faults_.end()) return std::nullopt;
  InjectedFault met = *found;
  ++met.hits;
  hit(found);
  return met;
}

bool FaultTable::take_step(const std::string& step, Instant now) {
  forget_expired(now);
  const auto found = std::ranges::find_if(faults_, [&](const InjectedFault& fault) {
    return fault.kind == FaultKind::step && fault.step == step;
  });
  if (found == faults_.end()) return false;
  hit(found);
  return true;
}

void FaultTable::hit(std::vector<InjectedFault>::iterator fault) {
  ++fault->hits;
  if (fault->count && --*fault->count == 0) faults_.erase(fault);
}

bool FaultTable::is_down(const std::string& service, Instant now) const {
  return std::ranges::any_of(faults_, [&](const InjectedFault& fault) {
    return fault.kind == FaultKind::down && fault.service == service &&
           (!fault.until || now < *fault.until);
  });
}

void FaultTable::forget_expired(Instant now) {
  std::erase_if(faults_,
                [=](const InjectedFault& fault) { return fault.until && *fault.until <= now; });
}

}  // namespace tandem::wazo_sim
