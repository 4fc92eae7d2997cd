#include "core/failover.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tandem {
namespace {

template <class Enum, std::size_t size>
using Names = std::array<std::pair<Enum, std::string_view>, size>;

using enum NodeState;
constexpr Names<NodeState, kNodeStates> kStates{{
    {off, "Off"},
    {rejoining, "Rejoining"},
    {standby, "Standby"},
    {suspect, "Suspect"},
    {isolated, "Isolated"},
    {activating, "Activating"},
    {active, "Active"},
    {failback_hold, "FailbackHold"},
    {latched, "Latched"},
    {deactivating, "Deactivating"},
    {faulted, "Faulted"},
    {maintenance, "Maintenance"},
    {serving, "Serving"},
    {degraded, "Degraded"},
}};

constexpr Names<PrimaryVerdict, kPrimaryVerdicts> kVerdicts{{
    {PrimaryVerdict::unknown, "Unknown"},
    {PrimaryVerdict::serving, "Serving"},
    {PrimaryVerdict::service_down, "ServiceDown"},
    {PrimaryVerdict::host_down, "HostDown"},
    {PrimaryVerdict::isolated, "Isolated"},
    {PrimaryVerdict::maintenance, "Maintenance"},
}};

constexpr Names<TakeoverCause, 6> kCauses{{
    {TakeoverCause::none, "None"},
    {TakeoverCause::host_down, "HostDown"},
    {TakeoverCause::service_down, "ServiceDown"},
    {TakeoverCause::ordered, "Ordered"},
    {TakeoverCause::announced, "Announced"},
    {TakeoverCause::by_hand, "ByHand"},
}};

constexpr Names<Order::Kind, 8> kOrders{{
    {Order::Kind::takeover, "takeover"},
    {Order::Kind::failback, "failback"},
    {Order::Kind::switchover, "switchover"},
    {Order::Kind::suspend, "suspend"},
    {Order::Kind::resume, "resume"},
    {Order::Kind::maintenance, "maintenance"},
    {Order::Kind::end_maintenance, "end-maintenance"},
    {Order::Kind::ack, "ack"},
}};

template <class Enum, std::size_t size>
std::string_view name_in(const Names<Enum, size>& names, Enum value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return "";
}

template <class Enum, std::size_t size>
std::optional<Enum> value_in(const Names<Enum, size>& names, std::string_view name) {
  for (const auto& [value, known] : names)
    if (known == name) return value;
  return std::nullopt;
}

}  // namespace

std::string_view state_name(NodeState state) { return name_in(kStates, state); }
std::optional<NodeState> state_of_name(std::string_view name) { return value_in(kStates, name); }
std::string_view verdict_name(PrimaryVerdict verdict) { return name_in(kVerdicts, verdict); }
std::string_view cause_name(TakeoverCause cause) { return name_in(kCauses, cause); }
std::optional<TakeoverCause> cause_of_name(std::string_view name) {
  return value_in(kCauses, name);
}
std::string_view order_name(Order::Kind kind) { return name_in(kOrders, kind); }
std::optional<Order::Kind> order_of_name(std::string_view name) { return value_in(kOrders, name); }

namespace {
constexpr std::string_view kNotCarriedOut = "not carried out: ";
}

std::string not_carried_out(std::string_view why) {
  return std::string(kNotCarriedOut) + std::string(why);
}
bool was_not_carried_out(std::string_view result) { return result.starts_with(kNotCarriedOut); }

bool serves(NodeState state) {
  switch (state) {
    case activating:
    case active:
    case failback_hold:
    case latched:
    case serving:
    case degraded: return true;
    case off:
    case rejoining:
    case standby:
    case suspect:
    case isolated:
    case deactivating:
    case faulted:
    case maintenance: return false;
  }
  return false;  // unreachable: -Wswitch keeps the list complete
}

bool has_begun_to_serve(NodeState state) { return serves(state) || state == faulted; }

}  // namespace tandem
