// Where orders arrive: judged, carried out here or given to the other node, each once.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "reconciler/failover/orders.h"
#include "reconciler/failover/peer_link.h"
#include "reconciler/observer.h"

namespace tandem {

class OrderDesk {
 public:
  static constexpr std::size_t kUnderWayMax = 8;
  static constexpr std::size_t kRememberedMax = 32;

  // Carries out an order that was accepted, and answers with a sentence of what that means. An
  // error refuses it after all.
  using Sink = std::function<Task<Result<std::string>>(Order)>;

  struct Parts {
    Clock& clock;
    std::function<OrderFacts()> facts;
    Sink sink;
    // The result of an order of an earlier run, by its id; may be empty.
    std::function<std::optional<std::string>(const std::string& id)> result_of;
    PeerLink* link = nullptr;  // nullptr: there is none
    std::vector<Observer*> observers;
  };

  explicit OrderDesk(Parts parts) : parts_(std::move(parts)) {}

  // An order typed on this node, for `node` where a person named one. It must be well-formed.
  Task<OrderAnswer> take(Order order, std::string node);
  // An order that the other operator forwarded: it is never sent back.
  Task<OrderAnswer> take_forwarded(Order order);

  // How far an order is that was taken here lately; nullopt: none with this id.
  std::optional<OrderProgress> progress(const std::string& id) const;

 private:
  struct Taken {
    Order order;
    OrderAnswer answer;
  };
  // Whether the same order may come again and be tried again.
  struct Outcome {
    OrderAnswer answer;
    bool certain = true;
  };

  std::optional<OrderAnswer> known(const Order& order) const;
  Task<OrderAnswer> carry_through(Order order, std::string node, bool forwarded);
  Task<Outcome> decide(Order order, std::string node, bool forwarded);
  Task<Outcome> carry_out(Order order, OrderAnswer judged);
  Task<Outcome> forward(Order order, std::string peer, std::string why);
  Task<std::string> tell_the_other(Order order, std::string peer);
  bool linked() const { return parts_.link != nullptr && parts_.link->up(); }

  Parts parts_;
  std::set<std::string> under_way_;
  std::deque<Taken> taken_;  // newest last
};

}  // namespace tandem
