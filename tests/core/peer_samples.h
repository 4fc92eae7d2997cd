// A word and an order with every field set.
#pragma once

#include "core/failover.h"

namespace tandem::samples {

inline PeerWord full_word() {
  using namespace std::chrono;
  PeerWord word;
  word.pair = "montreal";
  word.node = "pbx-b";
  word.role = Role::secondary;
  word.state = NodeState::failback_hold;
  word.epoch = 7;
  word.cause = TakeoverCause::host_down;
  word.sip = OwnSip::silent;
  word.trouble = ServiceTrouble::restarting;
  word.impaired = {"postgresql", "rabbitmq-server"};
  word.upgrading = true;
  word.hears_us = true;
  word.hears_our_sip = true;
  word.maintenance = Maintenance{"new disk", WallTime{seconds{1'800'000'000}}, true, true};
  word.suspension = Suspension{"upgrade \"é\"", WallTime{seconds{1'800'000'001}}};
  word.spec_sha256 = std::string(64, 'a');
  word.spec_since = WallTime{seconds{1'700'000'000}};
  word.wanted_sha256 = std::string(64, 'b');
  word.tandem_version = "0.2.0";
  word.product_version = "26.01";
  word.boot_id = "3f0c1c2e-1111-2222-3333-444455556666";
  word.last_order = "order-1";
  word.last_order_result = "takeover: done";
  word.not_well = {"Converged", "WitnessUsable"};
  return word;
}

inline Order order(Order::Kind kind) {
  using namespace std::chrono;
  Order order;
  order.kind = kind;
  order.id = "20261126-a1";
  order.reason = "new switch, \"rack\" 3";
  order.by = "root on pbx-a";
  order.at = WallTime{seconds{1'800'000'000}};
  return order;
}

}  // namespace tandem::samples
