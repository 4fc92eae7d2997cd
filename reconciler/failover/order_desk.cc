#include "reconciler/failover/order_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "reconciler/failover/memory.h"
#include "reconciler/failover/order_words.h"

namespace tandem {
namespace {

OrderAnswer refusal(std::string sentence) {
  return {OrderAnswer::Kind::refused, std::move(sentence)};
}

// The same order but for the moment at which it was typed.
bool is_same(Order one, const Order& other) {
  one.at = other.at;
  one.until = other.until;  // "--for 10m" typed again ends later
  return one == other;
}

}  // namespace

Task<OrderAnswer> OrderDesk::take(Order order, std::string node) {
  co_return co_await carry_through(std::move(order), std::move(node), false);
}

Task<OrderAnswer> OrderDesk::take_forwarded(Order order) {
  const Status good = well_formed(order, parts_.clock.wall());
  if (!good.ok()) co_return refusal(good.error().message);
  std::string here;
  co_return co_await carry_through(std::move(order), std::move(here), true);
}

std::optional<OrderAnswer> OrderDesk::known(const Order& order) const {
  for (const Taken& taken : taken_) {
    if (taken.order.id != order.id) continue;
    if (is_same(taken.order, order)) return taken.answer;
    return refusal("another order had this id");
  }
  if (!parts_.result_of) return std::nullopt;
  const auto result = parts_.result_of(order.id);
  if (!result) return std::nullopt;
  if (was_not_carried_out(*result)) return refusal(*result);
  return OrderAnswer{OrderAnswer::Kind::accepted, *result};
}

Task<OrderAnswer> OrderDesk::carry_through(Order order, std::string node, bool forwarded) {
  if (auto before = known(order)) co_return *before;
  if (under_way_.contains(order.id)) {
    OrderAnswer waiting{OrderAnswer::Kind::accepted, "this order is being carried out"};
    co_return waiting;
  }
  if (under_way_.size() >= kUnderWayMax)
    co_return refusal("too many orders are under way; order it again when they are done");
  under_way_.insert(order.id);
  Outcome outcome = co_await decide(order, std::move(node), forwarded);
  under_way_.erase(order.id);
  if (outcome.certain) {
    taken_.push_back({order, outcome.answer});
    if (taken_.size() > kRememberedMax) taken_.pop_front();
  }
  for (Observer* observer : parts_.observers) observer->ordered(order, outcome.answer);
  co_return outcome.answer;
}

Task<OrderDesk::Outcome> OrderDesk::decide(Order order, std::string node, bool forwarded) {
  const OrderFacts facts = parts_.facts();
  Outcome outcome;
  if (!node.empty() && node != facts.node) {
    if (node == facts.peer)
      co_return co_await forward(std::move(order), facts.peer,
                                 fmt::format("this is for {}: order it there", facts.peer));
    outcome.answer = refusal(fmt::format("there is no node '{}' in the pair: it has {} and {}",
                                         one_line(node, 64), facts.node, facts.peer));
    co_return outcome;
  }
  outcome.answer = judge(order, facts);
  if (outcome.answer.kind == OrderAnswer::Kind::elsewhere && !forwarded)
    co_return co_await forward(std::move(order), facts.peer, outcome.answer.sentence);
  // Who resumed the other node has not looked at this one.
  if (forwarded && order.kind == Order::Kind::resume && is_of_loss(facts.suspension))
    outcome.answer = refusal(std::string(kMemoryLost));
  const bool both = order.kind == Order::Kind::suspend || order.kind == Order::Kind::resume;
  if (outcome.answer.kind == OrderAnswer::Kind::accepted)
    outcome = co_await carry_out(order, outcome.answer);
  // The other node may not have heard of what is so here already.
  if (both && outcome.answer.good() && !forwarded) {
    const std::string told = co_await tell_the_other(std::move(order), facts.peer);
    outcome.answer.sentence += told;
  }
  co_return outcome;
}

Task<OrderDesk::Outcome> OrderDesk::carry_out(Order order, OrderAnswer judged) {
  Outcome outcome;
  outcome.answer = std::move(judged);
  const auto done = co_await parts_.sink(std::move(order));
  if (!done.ok()) {
    outcome.answer = refusal(done.error().message);
    outcome.certain = !worth_retrying(done.error());
  }
  co_return outcome;
}

Task<OrderDesk::Outcome> OrderDesk::forward(Order order, std::string peer, std::string why) {
  Outcome outcome;
  if (!linked()) {
    outcome.answer.kind = OrderAnswer::Kind::elsewhere;
    const OrderFacts facts = parts_.facts();
    const bool primary = facts.role == Role::primary;
    const std::string hand = by_hand(order.kind, facts.product, primary ? facts.node : facts.peer,
                                     primary ? facts.peer : facts.node);
    outcome.answer.sentence = fmt::format(
        "{}. Its operator is not heard from here, so nothing was forwarded{}", why,
        hand.empty() ? "" : ". Without an operator there, by the vendor's script " + hand);
    outcome.certain = false;
    co_return outcome;
  }
  const auto answered = co_await parts_.link->forward(std::move(order));
  if (answered.ok()) {
    outcome.answer.kind = OrderAnswer::Kind::accepted;
    outcome.answer.sentence = fmt::format("{}: {}", peer, answered.value());
    co_return outcome;
  }
  outcome.certain = !worth_retrying(answered.error());
  outcome.answer = refusal(
      outcome.certain ? fmt::format("{}: {}", peer, answered.error().message)
                      : fmt::format("{} did not answer, and may have taken the order or not ({}): "
                                    "look with `tandem status`, then order it again or there",
                                    peer, answered.error().message));
  co_return outcome;
}

Task<std::string> OrderDesk::tell_the_other(Order order, std::string peer) {
  if (!linked())
    co_return fmt::format("; the operator of {} is not heard: order it there too", peer);
  const auto answered = co_await parts_.link->forward(std::move(order));
  if (answered.ok()) co_return fmt::format(" (both nodes)");
  co_return fmt::format("; {} could not be told ({}): order it there too", peer,
                        answered.error().message);
}

std::optional<OrderProgress> OrderDesk::progress(const std::string& id) const {
  if (under_way_.contains(id))
    return OrderProgress{OrderProgress::Kind::under_way, "the order is being taken"};
  for (const Taken& taken : taken_) {
    if (taken.order.id != id) continue;
    if (!taken.answer.good())
      return OrderProgress{OrderProgress::Kind::failed, taken.answer.sentence};
    return progress_of(taken.order, parts_.facts(),
                       parts_.result_of ? parts_.result_of(id) : std::nullopt);
  }
  return std::nullopt;
}

}  // namespace tandem
