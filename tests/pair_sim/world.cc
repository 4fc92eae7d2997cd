#include "tests/pair_sim/world.h"

#include "tests/pair_sim/oracles.h"

namespace tandem::sim {
namespace {

constexpr std::chrono::seconds kSurvey{1};

HAPair told_pair(const Scenario& scenario, const Mutation& mutation, int which) {
  HAPair pair = scenario.pair;
  if (mutation.declare != nullptr) mutation.declare(pair);
  if (scenario.both_primary && which == kB) std::swap(pair.primary, pair.secondary);
  return pair;
}

}  // namespace

World::World(const Scenario& scenario, const Mutation& mutation, bool traced)
    : scenario_(scenario),
      mutation_(mutation),
      network_(scenario.seed * 3 + 1),
      dice_(scenario.seed * 3 + 2),
      trace_(traced) {
  for (int which = 0; which < kNodes; ++which) {
    const auto place = static_cast<std::size_t>(which);
    nodes_[place] =
        std::make_unique<Node>(scenario.start_time[place], scenario.stop_time[place],
                               scenario.boot_time, which == kB && !scenario.both_primary);
    Node& node = at(which);
    node.pair = told_pair(scenario, mutation, which);
    node.disk.lies = mutation.disk_lies;
    node.inputs.pair = &node.pair;
    node.inputs.node = which == kA ? "a" : "b";
    node.inputs.role = which == kA || scenario.both_primary ? Role::primary : Role::secondary;
    node.inputs.spec_sha256 = "same";
    node.inputs.fit.wizard_passed = scenario.wizard_passed || which == kA;
    node.inputs.fit.replicated = scenario.replicated;
    node.inputs.in_window = scenario.window_open;
    start_operator(which);
  }
  for (std::size_t i = 0; i < scenario.expiries.size(); ++i) {
    phones_.emplace_back(scenario.expiries[i],
                         kBegin + dice_.between(std::chrono::seconds{1}, std::chrono::seconds{60}));
    events_.add({.at = phones_[i].next_at(),
                 .kind = EventKind::phone,
                 .index = static_cast<std::uint32_t>(i)});
  }
  outages_.resize(phones_.size());
  for (std::uint32_t i = 0; i < scenario.faults.size(); ++i) {
    const Trouble& fault = scenario.faults[i];
    events_.add({.at = fault.at, .kind = EventKind::fault_begins, .index = i});
    events_.add({.at = fault.at + fault.lasts, .kind = EventKind::fault_ends, .index = i});
  }
  for (std::uint32_t i = 0; i < scenario.orders.size(); ++i)
    events_.add({.at = scenario.orders[i].at, .kind = EventKind::order, .index = i});
  events_.add({.at = kBegin + kSurvey, .kind = EventKind::survey});
}

WallTime World::wall(int which) const {
  return WallTime(std::chrono::seconds{1'790'000'000}) +
         std::chrono::duration_cast<WallTime::duration>(now_ - kBegin) + node(which).clock_offset;
}

Outcome World::run() {
  while (!events_.empty()) {
    const Event event = events_.take();
    if (event.at > scenario_.end_at) break;
    now_ = event.at;
    handle(event);
  }
  now_ = scenario_.end_at;
  finish();
  return std::move(outcome_);
}

void World::handle(const Event& event) {
  switch (event.kind) {
    case EventKind::operator_tick:
      if (event.ticket == at(event.node).ticket) tick(event.node);
      return;
    case EventKind::operator_start: start_operator(event.node); return;
    case EventKind::host_step:
      at(event.node).host.step(now_);
      follow_host(event.node);
      break;
    case EventKind::phone: phone(event.index); return;
    case EventKind::fault_begins: begin_fault(scenario_.faults[event.index]); break;
    case EventKind::fault_ends: end_fault(scenario_.faults[event.index]); break;
    case EventKind::order: {
      const Ordered& ordered = scenario_.orders[event.index];
      const std::string id = "order-" + std::to_string(event.index);
      give(ordered, id);
      if (ordered.twice) give(ordered, id);
      break;
    }
    case EventKind::survey:
      follow_phones();
      mend();
      events_.add({.at = now_ + kSurvey, .kind = EventKind::survey});
      break;
  }
  look_around();
}

Outcome simulate(const Scenario& scenario, const Mutation& mutation, bool traced) {
  World world(scenario, mutation, traced);
  Outcome outcome = world.run();
  if (!scenario.has(FaultKind::clock_jumps) || outcome.failback_after_long_jump) return outcome;
  // What a person orders until a time of day may end earlier or later by a jump.
  for (const Ordered& ordered : scenario.orders)
    if (ordered.kind == Order::Kind::suspend || ordered.kind == Order::Kind::maintenance ||
        ordered.kind == Order::Kind::switchover)
      return outcome;
  const Scenario calm = without_jumps(scenario);
  World twin(calm, mutation, false);
  if (twin.run().trace_hash != outcome.trace_hash)
    outcome.violations.push_back({scenario.seed, kJumpsChangeNothing, scenario.end_at,
                                  "the story goes another way without the jumps"});
  return outcome;
}

}  // namespace tandem::sim
