// Takeover and failback on a running node: hands the engine what is heard and known, has the loop
// follow what it decides, and tells of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/failover.h"
#include "ports/process.h"
#include "reconciler/failover/bound.h"
#include "reconciler/failover/failover.h"
#include "reconciler/failover/orders.h"
#include "reconciler/failover/peer_keeper.h"
#include "reconciler/failover/probing.h"
#include "reconciler/failover/takeover_log.h"
#include "reconciler/loop.h"

namespace tandem {

class FailoverKeeper : public ProbeSink {
 public:
  // A turn comes with every sample, and at least so often.
  static constexpr std::chrono::milliseconds kTurn{500};
  static constexpr std::chrono::seconds kHookLimit{60};  // of one command of spec.hooks
  // While a failback waits for the calls alone they are counted so often: sooner than a count is
  // too old.
  static constexpr std::chrono::seconds kCountPause{4};
  static_assert(kCountPause < kCallsFresh);

  struct Parts {
    Clock& clock;
    Loop& loop;
    FailoverEngine& engine;
    Probing* probing = nullptr;  // set before run(): it hands its samples to this object
    PeerKeeper* peer = nullptr;
    Process& commands;
    std::vector<Observer*> observers;
    std::string node;
    std::string tandem_version;
    // The time of the day where the node is, in minutes since midnight: for failback.window.
    std::function<std::chrono::minutes(WallTime)> minute_of_day;
    // Awaited before this node begins to serve for the other one; it ends by itself within seconds,
    // whatever comes of it. Empty: nothing is to be done before.
    std::function<Task<void>()> before_serving = {};
    // What the secondary holds of the primary's data, beside what is known here. Empty: nobody can
    // tell.
    std::function<void(Fitness&)> weigh_copy = {};
  };

  explicit FailoverKeeper(Parts parts);

  Task<void> run();
  void stop();
  void set_probing(Probing& probing) { parts_.probing = &probing; }
  void set_peer(PeerKeeper& peer) { parts_.peer = &peer; }
  // See Parts.
  void set_copies(std::function<Task<void>()> before_serving,
                  std::function<void(Fitness&)> weigh_copy) {
    parts_.before_serving = std::move(before_serving);
    parts_.weigh_copy = std::move(weigh_copy);
  }

  void icmp(const std::string& path, const Sample& sample) override;
  void sip(const Sample& sample) override;
  void own_sip(const Sample& sample) override;
  void witness(const std::string& target, const Sample& sample) override;
  void link(OwnLink link) override;

  // What the resources saw.
  void own_services(const OwnServices& own);
  void expiry_observed(Duration maximum);

  // By an order, or because nobody knows whether there was one.
  std::optional<Suspension> suspension() const;
  // nullopt before the first turn: the host's clock tells, as long as no other was kept.
  std::optional<bool> suspension_lasts() const;
  // The maintenance of the secondary, as far as is known here.
  std::optional<Maintenance> secondary_out() const;
  // What the loop makes of the node, beside the declaration.
  void shape(Goal& goal) const;

  PeerWord word() const;
  OrderFacts order_facts() const;
  Task<Result<std::string>> carry_out(Order order);
  std::optional<std::string> result_of(const std::string& id) const;
  std::vector<Condition> conditions() const;
  std::optional<BoundFigures> bound() const;
  std::optional<Duration> bound_time() const;
  std::optional<PrimaryVerdict> verdict() const;  // on the secondary alone
  const FailoverEngine& engine() const { return parts_.engine; }

 private:
  void wake();
  void turn(boost::asio::any_io_executor executor);
  Transition as_it_is(WallTime wall) const;
  FailoverEngine::Inputs inputs(WallTime wall) const;
  std::string why_closed() const;
  void follow_declaration(const HAPair* pair, Role role);
  void take_word();
  void ask_for_looks(Instant now);
  void tell(const std::vector<Transition>& told, boost::asio::any_io_executor executor);
  Stance stance_to_take(const boost::asio::any_io_executor& executor);
  Task<void> prepare_to_serve();
  Task<void> run_hooks(std::vector<std::vector<std::string>> hooks);

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  bool stopping_ = false, told_first_ = false;
  OwnServices own_;
  Instant own_seen_ = Instant::min();
  ExpiryInForce expiry_;
  TakeoverLog log_;
  Instant word_at_{};
  std::optional<Instant> count_asked_;  // of the calls
  OwnSip own_sip_ = OwnSip::unknown;
  // What the loop was told last: it looks at everything when this changes.
  struct Shape {
    Stance stance = Stance::as_is;
    bool by_parts = false, count_calls = false, suspended = false;
    bool operator==(const Shape&) const = default;
  };
  Shape shape_;
  enum class Preparing { not_begun, under_way, done };
  Preparing preparing_ = Preparing::not_begun;  // to serve
  std::vector<std::string> told_conditions_;
};

}  // namespace tandem
