// The state machines of both roles, as rows. A row is taken where its state is the present one and
// what it waits for holds; the first that holds is taken, so the order within a state is priority.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/failover.h"
#include "core/goal.h"

namespace tandem {

// What a row can wait for. Each is one fact, worked out beforehand (facts.h): durations,
// permissions and orders are in there.
enum class When {
  services_run,
  failback_undone,
  services_stopped,
  stopped_by_other,
  own_sip_answers,
  own_sip_silent,
  recovered,
  standing_by_after_all,
  primary_suspected,
  primary_answers_again,
  primary_serves,
  primary_missed,
  cut_off,
  reachable_again,
  takeover_due,
  takeover_ordered,
  activation_overdue,
  retry_due,
  would_flap,
  failback_due,
  failback_released,
  deactivation_overdue,
  acknowledged,
  maintenance_ordered,
  switchover_ready,
  takeover_goes_on,
  maintenance_over,
};
inline constexpr std::size_t kWhens = 27;

// "the primary answers three times in a row"
std::string_view text_of(When when);

// Which of them hold now.
struct Facts {
  bool holds[kWhens]{};
  bool& operator[](When when) { return holds[static_cast<std::size_t>(when)]; }
  bool operator[](When when) const { return holds[static_cast<std::size_t>(when)]; }
};

struct Row {
  NodeState from;
  When when;
  NodeState to;
  std::string_view why;  // a sentence without full stop, for the log, the events and the tables
};

// Of a node that starts, by what it wrote down last.
struct StartRow {
  NodeState kept;
  NodeState to;
  std::string_view why;
};

std::span<const Row> transitions_of(Role role);
std::span<const StartRow> starts_of(Role role);

// The row that is taken; nullptr: the state stays.
const Row* next_row(std::span<const Row> rows, NodeState state, const Facts& facts);
// The state in which an operator starts that wrote down `kept`.
const StartRow& start_row(std::span<const StartRow> rows, NodeState kept);

// Where nothing but a person's order leads out of this state while nothing else changes.
bool needs_operator(NodeState state);

}  // namespace tandem
