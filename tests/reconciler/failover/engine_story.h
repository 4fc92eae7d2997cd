// A secondary's engine in a world that is told second by second: what is heard of the primary, and
// what runs here.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "ports/slot_file.h"
#include "reconciler/failover/failover.h"
#include "tests/fakes/memory_slot_device.h"

namespace tandem {

class EngineStory : public testing::Test {
 protected:
  EngineStory() {
    pair.name = "pair";
    pair.primary = {"a", "192.0.2.10", {}};
    pair.secondary = {"b", "192.0.2.11", {}};
    pair.failover.owner = Owner::tandem;
    inputs.pair = &pair;
    inputs.node = "b";
    inputs.role = Role::secondary;
    inputs.spec_sha256 = "same";
    stop_services();
    start();
  }

  void start(const std::string& boot_id = "boot-1") {
    keeper.emplace(file);
    engine.emplace(*keeper, boot_id);
  }
  void stop_services() {
    inputs.own = OwnServices{};
    inputs.own.known = inputs.own.all_down = true;
    own = Heard::silent;
  }
  void run_services() {
    inputs.own = OwnServices{};
    inputs.own.known = inputs.own.sip_unit_up = true;
    inputs.own.calls = 0;
    own = Heard::answers;
  }
  void all_of_primary(Heard heard) { icmp = sip = peer = heard; }
  Sample sample(Heard heard, bool is_poor = false) const { return {heard, is_poor, now, {}, ""}; }

  void listen() {
    Hearing& hearing = engine->hearing();
    hearing.icmp("main", sample(icmp));
    hearing.sip(sample(sip, poor));
    if (has_link)
      hearing.peer(sample(peer), peer == Heard::answers ? std::optional(word) : std::nullopt);
    hearing.witness(witness_address, sample(witness));
    hearing.own_sip(sample(own));
    inputs.own.calls_at = now;
  }
  void pass(std::chrono::seconds time) {
    for (const Instant end = now + time; now < end;) {
      now += std::chrono::seconds{1};
      wall += std::chrono::seconds{1};
      listen();
      turn();
    }
  }
  void turn() {
    for (const Transition& transition : engine->turn(inputs, now, wall)) told.push_back(transition);
  }
  bool went_to(NodeState state) const {
    return std::any_of(told.begin(), told.end(),
                       [&](const Transition& transition) { return transition.to == state; });
  }

  HAPair pair;
  FailoverEngine::Inputs inputs;
  fakes::MemorySlotDevice device;
  TwoSlots file{device};
  std::optional<MemoryKeeper> keeper;
  std::optional<FailoverEngine> engine;
  Instant now{std::chrono::hours{100}};
  WallTime wall{std::chrono::seconds{1'790'000'000}};
  Heard icmp = Heard::answers, sip = Heard::answers, peer = Heard::answers;
  Heard witness = Heard::answers, own = Heard::silent;
  std::string witness_address = "192.0.2.1";
  bool poor = false, has_link = true;
  PeerWord word = [] {
    PeerWord said;
    said.role = Role::primary;
    said.sip = OwnSip::answers;
    return said;
  }();
  std::vector<Transition> told;
};

}  // namespace tandem
