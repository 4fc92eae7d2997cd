// One run of a scenario: two nodes with the operator's own decision code, and the world around
// them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/failover/failover.h"
#include "reconciler/failover/orders.h"
#include "tests/pair_sim/dice.h"
#include "tests/pair_sim/disk.h"
#include "tests/pair_sim/events.h"
#include "tests/pair_sim/host.h"
#include "tests/pair_sim/mutation.h"
#include "tests/pair_sim/network.h"
#include "tests/pair_sim/phones.h"
#include "tests/pair_sim/report.h"
#include "tests/pair_sim/scenario.h"
#include "tests/pair_sim/trace.h"
#include "tests/pair_sim/truth.h"

namespace tandem::sim {

enum class ProbeKind : std::uint8_t { icmp, sip, peer, witness_first, witness_second, own_sip };
inline constexpr int kProbes = 6;

struct Probe {
  bool used = false;
  Duration period{}, timeout{};
  Instant asks_at{};
  Instant asked_at{};
  std::optional<Instant> gives_up_at;  // a question is out that nobody answers
};

// A node with its operator. The engine is there while the operator runs.
struct Node {
  Node(Duration start, Duration stop, Duration boot, bool standing_by)
      : host(start, stop, boot, standing_by) {}

  Host host;
  Disk disk;
  std::unique_ptr<MemoryKeeper> keeper;
  std::unique_ptr<FailoverEngine> engine;
  HAPair pair;  // as the operator is told
  FailoverEngine::Inputs inputs;
  std::array<Probe, kProbes> probes{};
  std::array<Instant, 4> sip_sent{};  // its last requests: at most 4 in 5 s
  std::uint32_t ticket = 0;           // of the tick that counts
  int deaths = 0;                     // faults that keep the operator down
  bool dies_deciding = false;
  std::optional<Instant> stalls_until;
  std::optional<Instant> turned_at;
  Instant started_at{};
  Instant grace_from = kBegin;
  std::optional<FailoverMemory> kept;  // when the operator started; until its first turn
  Instant acts_at{};                   // no next try before
  Duration clock_offset{};
  std::uint64_t acted_epoch = 0;
  bool conflicting = false;
};

class World {
 public:
  World(const Scenario& scenario, const Mutation& mutation, bool traced);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Outcome run();

  // For the oracles.
  const Scenario& scenario() const { return scenario_; }
  const Truth& truth() const { return truth_; }
  Instant now() const { return now_; }
  const Node& node(int which) const { return *nodes_[static_cast<std::size_t>(which)]; }
  const Network& network() const { return network_; }
  const std::vector<Phone>& phones() const { return phones_; }
  bool is_served(const Phone& phone) const;
  bool operator_runs(int which) const { return node(which).engine && !node(which).stalls_until; }

 private:
  Node& at(int which) { return *nodes_[static_cast<std::size_t>(which)]; }
  WallTime wall(int which) const;
  void handle(const Event& event);

  // world_operator.cc: the operators.
  void start_operator(int which);
  void stop_operator(int which);
  void tick(int which);
  void ask(int which, ProbeKind kind);
  void hear(int which, ProbeKind kind, const Sample& sample);
  void turn(int which);
  void act(int which);
  void act_now(int which, Command command);
  void schedule_tick(int which);
  bool answers_sip_probe(int which);
  void forward_order(int which);

  // world_faults.cc: what breaks, and what is ordered.
  void begin_fault(const Trouble& fault);
  void end_fault(const Trouble& fault);
  void change_host(const Trouble& fault, int change);
  void change_operator(const Trouble& fault, int change);
  void change_network(const Trouble& fault, int change);
  void command(int which, Command command, Duration lasts = {});
  void follow_host(int which);
  void give(const Ordered& ordered, const std::string& id);
  void mend();
  bool take(int which, const Order& order, bool forwarded);
  OrderFacts order_facts(int which) const;

  // world_truth.cc: what is noted, and what is judged.
  void note_heard(ProbeKind kind, const Sample& sample);
  void note_word(const PeerWord& word);
  void note_turn(int which);
  void note_transition(int which, const Transition& transition, bool at_start);
  void note_order(int which, const Order& order);
  void forget_failbacks();
  void look_around();
  bool b_should_serve() const;
  Duration confirmation_due() const;
  void follow_phones();
  void phone(std::uint32_t index);
  void report(std::string_view oracle, std::optional<std::string> complaint);
  void finish();

  const Scenario& scenario_;
  const Mutation& mutation_;
  Instant now_ = kBegin;
  EventQueue events_;
  Network network_;
  Dice dice_;
  std::array<std::unique_ptr<Node>, kNodes> nodes_;
  std::vector<Phone> phones_;
  std::vector<std::optional<Instant>> outages_;
  Truth truth_;
  Trace trace_;
  Outcome outcome_;
  int orders_given_ = 0;
};

// Runs it; where its clocks jump, a second time without that, and compares.
Outcome simulate(const Scenario& scenario, const Mutation& mutation, bool traced);

}  // namespace tandem::sim
