#include "reconciler/replication/divergence_keeper.h"

#include <fmt/format.h>

#include <utility>

namespace tandem {
namespace {

constexpr const char* kBySpec = "spec.replication.harvest.features";

bool same(const std::optional<Divergence>& before, const Divergence& now) {
  if (!before || before->times.size() != now.times.size()) return false;
  const bool open = (before->open() != nullptr) == (now.open() != nullptr);
  return open && before->waiting() == now.waiting() && before->waits() == now.waits();
}

std::string words_of(const std::map<std::string, std::uint64_t>& waiting) {
  std::string text;
  const auto add = [&](const std::string& key, std::string_view what) {
    const auto number = waiting.at(key);
    if (number > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, what);
  };
  add("dnd", "of do not disturb");
  add("forwards", "of forwards");
  add("other", "rows of other tables");
  return text;
}

}  // namespace

DivergenceKeeper::DivergenceKeeper(Parts parts)
    : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {}

Task<void> DivergenceKeeper::run() {
  while (!stopping_) {
    co_await turn();
    co_await parts_.clock.wait(*signal_, parts_.clock.next_turn(kTurn));
  }
}

void DivergenceKeeper::stop() {
  stopping_ = true;
  signal_->notify();
}

void DivergenceKeeper::look() { signal_->notify(); }

Result<SqlTarget> DivergenceKeeper::target(const Situation& now) const {
  if (now.pair == nullptr)
    return Error{Fault::invalid,
                 "by what is in force Tandem does not replicate between these nodes, so nothing is "
                 "written down; `tandem status` tells what waits for an order"};
  return parts_.secondary(*now.pair);
}

Task<void> DivergenceKeeper::turn() {
  const Situation now = parts_.situation();
  if (now.pair == nullptr) {
    if (read_) parts_.changed();
    read_.reset();
    error_.reset();
    co_return;
  }
  const HAPair pair = *now.pair;
  const auto found = co_await read();
  if (!found.ok() || !now.is_primary || !now.serves) co_return;
  co_await carry_by_itself(pair);
  co_await end_what_is_done();
}

Task<Result<Divergence>> DivergenceKeeper::read() {
  auto where = target(parts_.situation());
  if (!where.ok()) co_return where.error();
  SqlTarget secondary = std::move(where).value();
  auto found = co_await read_divergence(parts_.sql, std::move(secondary));
  error_.reset();
  if (!found.ok()) {
    error_ = found.error();
    co_return found.error();
  }
  const bool news = !same(read_, found.value());
  read_ = found.value();
  if (news) parts_.changed();
  co_return found;
}

Task<Result<std::vector<JournalRow>>> DivergenceKeeper::rows() {
  auto where = target(parts_.situation());
  if (!where.ok()) co_return where.error();
  SqlTarget secondary = std::move(where).value();
  co_return co_await read_journal_rows(parts_.sql, std::move(secondary));
}

// What was a conflict waits for a person.
Task<void> DivergenceKeeper::carry_by_itself(const HAPair& pair) {
  if (parts_.clock.now() < not_before_ || carrying_) co_return;
  CarryOrder order;
  for (const std::string& feature : pair.replication.harvest_features) order.groups.insert(feature);
  order.anew = false;
  order.by = kBySpec;
  if (order.groups.empty() || changes_for(*read_, order).empty()) co_return;
  const Situation now = parts_.situation();
  const auto told = co_await carry_now(now, std::move(order));
  if (!told.ok() || told.value().left > 0) not_before_ = parts_.clock.now() + kRetry;
  (void)co_await read();
}

Task<void> DivergenceKeeper::end_what_is_done() {
  if (!read_) co_return;
  bool ended = false;
  const std::vector<ServedTime> times = read_->times;
  for (const ServedTime& time : times) {
    if (!time.waits() || !read_ || read_->waits_for(time)) continue;
    auto where = target(parts_.situation());
    if (!where.ok()) co_return;
    SqlTarget secondary = std::move(where).value();
    std::string how = time.rows == 0 ? "nothing was changed" : "nothing waits any more";
    const Status done = co_await end_served(parts_.sql, std::move(secondary), time.id, how);
    ended = ended || done.ok();
  }
  if (ended) (void)co_await read();
}

Task<Result<CarryTold>> DivergenceKeeper::carry(CarryOrder order) {
  const Situation now = parts_.situation();
  if (now.pair == nullptr) co_return target(now).error();
  if (!now.is_primary)
    co_return Error{Fault::invalid,
                    fmt::format("changes are carried back by the primary's own services: run this "
                                "on {}",
                                now.pair->primary.name)};
  if (!now.serves)
    co_return Error{Fault::invalid, "this primary does not serve now: its services do not answer"};
  if (carrying_) co_return Error{Fault::invalid, "changes are being carried back already"};
  const auto found = co_await read();
  if (!found.ok()) co_return found.error();
  // Another order may have read at the same time.
  if (carrying_) co_return Error{Fault::invalid, "changes are being carried back already"};
  const Situation then = parts_.situation();
  auto told = co_await carry_now(then, std::move(order));
  (void)co_await read();
  co_await end_what_is_done();
  co_return told;
}

Task<Result<CarryTold>> DivergenceKeeper::carry_now(const Situation& now, CarryOrder order) {
  auto where = target(now);
  if (!where.ok()) co_return where.error();
  SqlTarget secondary = std::move(where).value();
  carrying_ = true;
  const std::string by = order.by;
  const Divergence divergence = *read_;
  Carrier carrier({parts_.clock, parts_.sql, parts_.settings,
                   [this] { return !stopping_ && parts_.situation().serves; }});
  auto told = co_await carrier.carry(divergence, std::move(secondary), std::move(order));
  carrying_ = false;
  if (!told.ok()) {
    tell({true, "CarryBackFailed", told.error().message});
    co_return told;
  }
  const CarryTold& done = told.value();
  if (done.applied + done.conflicts + done.gone + done.left > 0)
    tell({!done.complete(), "ChangesCarriedBack", fmt::format("{}, by {}", describe(done), by)});
  co_return told;
}

Task<Result<int>> DivergenceKeeper::discard(std::string by, std::string reason) {
  auto where = target(parts_.situation());
  if (!where.ok()) co_return where.error();
  SqlTarget secondary = std::move(where).value();
  const auto given_up = co_await discard_divergence(parts_.sql, std::move(secondary), by, reason);
  if (!given_up.ok()) co_return given_up.error();
  if (given_up.value() > 0)
    tell({true, "ChangesGivenUp",
          fmt::format("{} gave up what was changed in the secondary's database while it served ({} "
                      "times): {}",
                      by, given_up.value(), reason)});
  (void)co_await read();
  co_return given_up.value();
}

void DivergenceKeeper::tell(const DivergenceTold& told) {
  for (Observer* observer : parts_.observers) observer->divergence_told(told);
}

std::string DivergenceKeeper::owed() const {
  if (!read_) return "";
  const ServedTime* open = read_->open();
  if (open == nullptr) return "";
  return fmt::format("what was changed in the database of {} since {} is not kept yet", open->node,
                     open->since);
}

std::vector<Condition> DivergenceKeeper::conditions() const {
  if (parts_.situation().pair == nullptr) return {};
  Condition condition{"DivergenceOpen",
                      Truth::unknown,
                      "NotRead",
                      "whether changes made on the secondary wait was not read yet",
                      false,
                      true};
  if (!read_ && error_) condition.message += ": " + error_->message;
  if (!read_) return {condition};
  condition.status = Truth::no;
  condition.reason = "NothingWaits";
  condition.message = "nothing that was changed on the secondary while it served waits";
  if (read_->waits()) {
    condition.status = Truth::yes;
    condition.reason = "ChangesWait";
    const std::string words = words_of(read_->waiting());
    condition.message = fmt::format(
        "what was changed on the secondary while it served waits: {}. See tandem divergence; "
        "--apply dnd,forwards carries it back, --discard --reason TEXT gives it up",
        words.empty() ? "more than is listed" : words);
  }
  return {condition};
}

}  // namespace tandem
