// A node that takes over and gives back: what it hears second after second, and its services, which
// follow what it decides.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/failover/failover.h"
#include "tests/fakes/memory_slot_device.h"

namespace tandem {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class FailoverTest : public testing::Test {
 protected:
  FailoverTest() {
    pair.name = "lab";
    pair.primary = {"pbx-a", "192.0.2.10", {}};
    pair.secondary = {"pbx-b", "192.0.2.11", {}};
    pair.failover.owner = Owner::tandem;
    start();
  }

  // Another operator on the same disk; `boot` where the host was started anew.
  void start(std::string boot = "boot-1") {
    engine.reset();
    keeper.reset();
    slots = std::make_unique<TwoSlots>(device);
    keeper = std::make_unique<MemoryKeeper>(*slots);
    engine = std::make_unique<FailoverEngine>(*keeper, std::move(boot));
  }

  // This is the primary, which serves, and the other node's operator is heard.
  void be_primary(NodeState other) {
    role = Role::primary;
    running = true;
    word = PeerWord{};
    word->role = Role::secondary;
    word->state = other;
    word->sip = serves(other) ? OwnSip::answers : OwnSip::silent;
    ASSERT_EQ(pass(20), NodeState::serving);
  }

  // So many seconds pass, with everything heard as it is set.
  NodeState pass(int for_seconds) {
    for (int second = 0; second < for_seconds; ++second) {
      now += seconds{1};
      wall += seconds{1};
      hear();
      for (const Transition& transition : turn()) told.push_back(transition);
      obey();
    }
    return engine->state();
  }
  std::vector<Transition> turn() {
    FailoverEngine::Inputs in;
    in.pair = &pair;
    in.node = role == Role::primary ? "pbx-a" : "pbx-b";
    in.role = role;
    in.own.known = true;
    in.own.sip_unit_up = running;
    in.own.all_down = in.own.disabled = !running;
    in.own.looked_for = looked_for;
    in.own_seen = now;
    in.own.calls = calls;
    in.own.calls_at = counted ? counted : now;
    in.fit.wizard_passed = wizard;
    in.closed = closed;
    in.upgrading = upgrading;
    return engine->turn(in, now, wall);
  }
  void hear() {
    Hearing& hearing = engine->hearing();
    const auto sample = [&](bool good) {
      return Sample{good ? Heard::answers : Heard::silent, false, now, milliseconds{5}, ""};
    };
    hearing.link(OwnLink::good);
    hearing.icmp("main", sample(primary_host));
    hearing.sip(sample(primary_host && primary_sip));
    if (word) hearing.peer(sample(primary_host), primary_host ? word : std::nullopt);
    hearing.witness("192.0.2.1", sample(network));
    hearing.own_sip(sample(running && answers));
  }
  // The services follow the stance, where they can.
  void obey() {
    looked_for = engine->stance();
    if (engine->stance() == Stance::serving && can_start) running = true;
    if (engine->stance() == Stance::standing_by && can_stop) running = false;
  }
  Result<std::string> order(Order::Kind kind, const char* id = "order-0001") {
    Order typed;
    typed.kind = kind;
    typed.id = id;
    typed.reason = "a test";
    typed.until = wall + minutes{30};
    return engine->accept(typed, now, wall);
  }
  void take_over() {
    pass(10);
    primary_host = false;
    pass(30);
    ASSERT_EQ(engine->state(), NodeState::active);
  }
  int count(NodeState state) const {
    return static_cast<int>(std::count_if(told.begin(), told.end(),
                                          [&](const Transition& one) { return one.to == state; }));
  }

  HAPair pair;
  Role role = Role::secondary;
  bool primary_host = true, primary_sip = true, network = true;
  bool running = false, answers = true, can_start = true, can_stop = true;
  bool wizard = true, upgrading = false;
  std::string closed;
  std::optional<int> calls = 0;
  std::optional<Instant> counted;     // none: at every look
  Stance looked_for = Stance::as_is;  // of the last pass over the services
  std::optional<PeerWord> word;
  Instant now{std::chrono::hours{1000}};
  WallTime wall{seconds{1'700'000'000}};
  std::vector<Transition> told;

  fakes::MemorySlotDevice device;
  std::unique_ptr<TwoSlots> slots;
  std::unique_ptr<MemoryKeeper> keeper;
  std::unique_ptr<FailoverEngine> engine;
};

}  // namespace tandem
