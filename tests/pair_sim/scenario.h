// One story of a pair: what is declared, what breaks when, what a person orders. Made from a seed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/failover.h"
#include "core/pair.h"
#include "ports/clock.h"

namespace tandem::sim {

inline constexpr int kA = 0;  // declared primary
inline constexpr int kB = 1;  // declared secondary
inline constexpr int kNodes = 2;
inline constexpr int kWitnessesMax = 2;
inline constexpr Instant kBegin{std::chrono::hours{1}};

enum class FaultKind {
  power_cut,               // the host loses its power, and is switched on again at the end
  asterisk_crash,          // Asterisk can not run, whoever starts it
  asterisk_stops,          // it crashes once, and a start helps
  asterisk_hangs,          // it runs and answers nothing
  answers_badly,           // it answers 503
  vendor_restart,          // `wazo-service restart`, with the port blocked meanwhile
  stopped_by_hand,         // a person stops the services, and starts them at the end
  started_by_hand,         // a person starts the services of the secondary
  upgrade,                 // the vendor's upgrade: all stops, then all starts
  starts_fail,             // the vendor's start command does not bring Asterisk up
  parts_fail,              // nor do single units
  stops_hang,              // the vendor's stop command does not end
  units_unknown,           // systemd can not be asked
  operator_dies,           // and is started again at the end
  operator_dies_deciding,  // once, between the next decision on disk and its act
  operator_stalls,         // its loop does not turn
  disk_refuses,            // the state directory can not be written
  clock_jumps,             // by `level` seconds
  loss,                    // between the nodes, both ways, share `level`
  loss_one_way,            // from `node`
  cut,                     // between the nodes
  cut_one_way,             // from `node` to the other
  own_cable,               // of `node`: no carrier
  own_switch,              // of `node`: cut off with a carrier
  network_loss,            // on everything from and to `node`
  witness_dead,            // `node` is its number
  sip_filtered,            // SIP from `node` to the other: a firewall or a ban
  peer_link_down,
};
inline constexpr int kFaultKinds = 28;
std::string_view fault_name(FaultKind kind);

struct Trouble {
  FaultKind kind = FaultKind::loss;
  int node = kA;
  Instant at{};
  Duration lasts{};
  double level = 0;
};

struct Ordered {
  Order::Kind kind = Order::Kind::ack;
  int node = kB;
  Instant at{};
  Duration lasts{};  // suspend, switchover, maintenance
  bool take_over = false;
  bool twice = false;
};

struct Scenario {
  std::uint64_t seed = 0;
  HAPair pair;                // as it is meant
  bool both_primary = false;  // the other node's declaration has the roles the other way round
  bool peer_link = true;
  int witnesses = 1;
  bool wizard_passed = true;
  bool replicated = true;
  bool window_open = true;  // failback.window, for the whole story
  bool aligned = true;      // all probes of a node at one instant
  std::array<Duration, kNodes> start_time{}, stop_time{};
  Duration boot_time{};
  std::vector<Duration> expiries;  // of each phone
  std::vector<Trouble> faults;
  std::vector<Ordered> orders;
  Instant heal_at{};  // nothing is broken from here on
  Instant end_at{};

  bool has(FaultKind kind) const;
};

Scenario make_scenario(std::uint64_t seed);
// The same story without its clock jumps.
Scenario without_jumps(const Scenario& scenario);
// The kind, the node, from when to when.
std::string describe(const Trouble& fault);
std::string describe(const Scenario& scenario);

// "12:34.567" since the beginning of the scenario.
std::string clock_text(Instant at);

}  // namespace tandem::sim
