// Laid out by hand: a table is read as one.
// clang-format off
#include "reconciler/failover/transitions.h"

#include <algorithm>
#include <array>

namespace tandem {
namespace {

using enum NodeState;
using enum When;

// The secondary. Activating has no row for a primary that answers: a takeover is finished before it
// is given back. Deactivating has none for one that falls silent: a failback is finished before it
// is regretted. Nothing leads from Isolated to Activating but an order.
constexpr Row kSecondary[] = {
    {rejoining,     maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {rejoining,     takeover_ordered,      activating,    "ordered: this node takes over"},
    {rejoining,     services_run,          active,        "the services run here, started by another hand"},
    {rejoining,     failback_undone,       active,        "a failback was cut short, and not all is stopped: this node serves on"},
    {rejoining,     services_stopped,      standby,       "the services are stopped here: the node stands by"},

    {standby,       maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {standby,       takeover_ordered,      activating,    "ordered: this node takes over"},
    {standby,       services_run,          active,        "the services were started by another hand"},
    {standby,       primary_suspected,     suspect,       "the primary does not serve, as far as is heard"},

    {suspect,       maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {suspect,       takeover_ordered,      activating,    "ordered: this node takes over"},
    {suspect,       services_run,          active,        "the services were started by another hand"},
    {suspect,       cut_off,               isolated,      "no witness answers either: this node is cut off, not the primary dead"},
    {suspect,       primary_answers_again, standby,       "the primary answered three times in a row"},
    {suspect,       takeover_due,          activating,    "the primary is down, confirmed: this node takes over"},

    {isolated,      maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {isolated,      takeover_ordered,      activating,    "ordered: this node takes over"},
    {isolated,      services_run,          active,        "the services were started by another hand"},
    {isolated,      primary_answers_again, standby,       "the primary answered three times in a row"},
    {isolated,      reachable_again,       suspect,       "this node is not cut off any more: the evidence starts from nothing"},

    {activating,    own_sip_answers,       active,        "SIP answers here: the node serves"},
    {activating,    activation_overdue,    faulted,       "SIP did not answer here within activationTimeout"},

    {active,        maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {active,        stopped_by_other,      rejoining,     "the services were stopped by the hand that started them"},
    {active,        own_sip_silent,        activating,    "SIP fell silent here: the services are started again"},
    {active,        primary_serves,        failback_hold, "the primary answers SIP again: it is watched before this node leaves"},

    {failback_hold, maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {failback_hold, stopped_by_other,      rejoining,     "the services were stopped by the hand that started them"},
    {failback_hold, primary_missed,        active,        "the primary missed an answer: the hold starts again"},
    {failback_hold, would_flap,            latched,       "too many failbacks within the window: this node stays until a person says otherwise"},
    {failback_hold, failback_due,          deactivating,  "the primary answered SIP for the whole hold: this node leaves"},

    {latched,       maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {latched,       stopped_by_other,      rejoining,     "the services were stopped by the hand that started them"},
    {latched,       own_sip_silent,        activating,    "SIP fell silent here: the services are started again"},
    {latched,       failback_released,     failback_hold, "a person lets the failback go on"},

    {deactivating,  services_stopped,      standby,       "the services are stopped: the primary serves alone"},
    {deactivating,  deactivation_overdue,  faulted,       "the services did not stop within deactivationTimeout"},

    {faulted,       maintenance_ordered,   maintenance,   "ordered: this node is taken out of service"},
    {faulted,       takeover_ordered,      activating,    "ordered: this node takes over"},
    {faulted,       recovered,             active,        "SIP answers here after all"},
    {faulted,       standing_by_after_all, standby,       "the services are stopped after all, and the primary serves"},
    {faulted,       retry_due,             activating,    "the primary does not serve: the services are started once more"},
    {faulted,       acknowledged,          rejoining,     "a person has looked: what runs here decides"},

    {maintenance,   takeover_goes_on,      active,        "the maintenance is over: this node served before it, and goes on"},
    {maintenance,   maintenance_over,      rejoining,     "the maintenance is over: what runs here decides"},
};

constexpr StartRow kSecondaryStarts[] = {
    {off,           rejoining,    "nothing was kept: what runs here decides"},
    {rejoining,     rejoining,    "what runs here decides"},
    {standby,       rejoining,    "what runs here decides"},
    {suspect,       rejoining,    "what runs here decides"},
    {isolated,      rejoining,    "what runs here decides"},
    {activating,    activating,   "a takeover was under way: it is finished, not begun anew"},
    {active,        activating,   "this node served: it goes on"},
    {failback_hold, activating,   "this node served: it goes on"},
    {latched,       latched,      "this node served, latched: it goes on"},
    {deactivating,  rejoining,    "a failback was under way: what runs here decides"},
    {faulted,       faulted,      "the last attempt failed"},
    {maintenance,   maintenance,  "this node is out of service"},
    {serving,       rejoining,    "the role is another one: what runs here decides"},
    {degraded,      rejoining,    "the role is another one: what runs here decides"},
};

// The primary. No row stops telephony for lack of a peer.
constexpr Row kPrimary[] = {
    {rejoining,     maintenance_ordered,   maintenance,   "ordered: this node is announced to be out of service"},
    {rejoining,     switchover_ready,      maintenance,   "the secondary serves: this node stops, as ordered"},
    {rejoining,     own_sip_answers,       serving,       "SIP answers here"},
    {rejoining,     own_sip_silent,        degraded,      "SIP does not answer here"},

    {serving,       maintenance_ordered,   maintenance,   "ordered: this node is announced to be out of service"},
    {serving,       switchover_ready,      maintenance,   "the secondary serves: this node stops, as ordered"},
    {serving,       own_sip_silent,        degraded,      "SIP fell silent here"},

    {degraded,      maintenance_ordered,   maintenance,   "ordered: this node is announced to be out of service"},
    {degraded,      switchover_ready,      maintenance,   "the secondary serves: this node stops, as ordered"},
    {degraded,      own_sip_answers,       serving,       "SIP answers here again"},

    {maintenance,   maintenance_over,      rejoining,     "the maintenance is over"},
};

constexpr StartRow kPrimaryStarts[] = {
    {off,           rejoining,    "nothing was kept: what runs here decides"},
    {rejoining,     rejoining,    "what runs here decides"},
    {standby,       rejoining,    "the role is another one: what runs here decides"},
    {suspect,       rejoining,    "the role is another one: what runs here decides"},
    {isolated,      rejoining,    "the role is another one: what runs here decides"},
    {activating,    rejoining,    "the role is another one: what runs here decides"},
    {active,        rejoining,    "the role is another one: what runs here decides"},
    {failback_hold, rejoining,    "the role is another one: what runs here decides"},
    {latched,       rejoining,    "the role is another one: what runs here decides"},
    {deactivating,  rejoining,    "the role is another one: what runs here decides"},
    {faulted,       rejoining,    "the role is another one: what runs here decides"},
    {maintenance,   maintenance,  "this node is out of service"},
    {serving,       rejoining,    "what runs here decides"},
    {degraded,      rejoining,    "what runs here decides"},
};

constexpr std::array<std::string_view, kWhens> kTexts = {
    "the services run here",
    "a failback was cut short, its services are not all stopped, and the primary does not serve or deactivationTimeout is over",
    "the services are stopped here",
    "the services are stopped here, by the vendor's mechanism or by the hand that started them",
    "SIP answers here",
    "SIP has been silent here for 15 s",
    "SIP answers here after all",
    "the services are stopped here, and the primary serves",
    "the verdict on the primary is not Serving",
    "the primary answered three times in a row",
    "the primary answers SIP, and nothing holds the failback back",
    "the primary missed an answer",
    "the verdict is Isolated",
    "the verdict is not Isolated any more",
    "HostDown or ServiceDown for its confirm time, with every guard of a takeover passed",
    "a takeover is ordered",
    "activationTimeout is over",
    "the primary does not serve, and the pause after the last attempt is over: 30 s, 60 s, then 120 s",
    "this would be automatic failback number maxTakeovers within flapping.window",
    "SIP of the primary answered for failback.hold, with every guard of a failback passed",
    "acknowledged, or a failback is ordered",
    "deactivationTimeout is over",
    "acknowledged",
    "a maintenance is ordered",
    "a switchover is ordered, and the secondary serves",
    "its time is over, or its end is ordered, and the services of a takeover are not all stopped",
    "its time is over, or its end is ordered",
};

consteval bool no_two_rows_compete(std::span<const Row> rows) {
  for (const Row& a : rows)
    for (const Row& b : rows)
      if (&a != &b && a.from == b.from && a.when == b.when) return false;
  return true;
}

consteval bool every_state_entered_can_be_left(std::span<const Row> rows) {
  return std::all_of(rows.begin(), rows.end(), [=](const Row& entered) {
    return std::any_of(rows.begin(), rows.end(), [&](const Row& left) { return left.from == entered.to; });
  });
}

consteval bool no_row_stays(std::span<const Row> rows) {
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.from != row.to; });
}

// An automatic takeover begins in Suspect and nowhere else; only an order, or the end of a cut,
// leads out of Isolated towards one.
consteval bool takeovers_begin_in_suspect() {
  for (const Row& row : kSecondary) {
    if (row.to != activating || row.when == takeover_ordered) continue;
    const bool served = row.from == active || row.from == latched || row.from == faulted;
    if (row.from != suspect && !served) return false;
    if (row.from == suspect && row.when != takeover_due) return false;
  }
  return true;
}

// Telephony is stopped by one state of the secondary, which is entered from one state on one ground.
consteval bool one_way_leads_to_deactivating() {
  for (const Row& row : kSecondary)
    if (row.to == deactivating && (row.from != failback_hold || row.when != failback_due)) return false;
  return true;
}

consteval bool every_start_is_told(std::span<const StartRow> rows) {
  for (std::size_t state = 0; state < kNodeStates; ++state)
    if (std::count_if(rows.begin(), rows.end(), [&](const StartRow& row) {
          return row.kept == static_cast<NodeState>(state);
        }) != 1)
      return false;
  return true;
}

static_assert(no_two_rows_compete(kSecondary) && no_two_rows_compete(kPrimary));
static_assert(every_state_entered_can_be_left(kSecondary) && every_state_entered_can_be_left(kPrimary));
static_assert(no_row_stays(kSecondary) && no_row_stays(kPrimary));
static_assert(takeovers_begin_in_suspect());
static_assert(one_way_leads_to_deactivating());
static_assert(every_start_is_told(kSecondaryStarts) && every_start_is_told(kPrimaryStarts));

}  // namespace

std::string_view text_of(When when) { return kTexts[static_cast<std::size_t>(when)]; }

std::span<const Row> transitions_of(Role role) {
  if (role == Role::secondary) return kSecondary;
  if (role == Role::primary) return kPrimary;
  return {};
}

std::span<const StartRow> starts_of(Role role) {
  if (role == Role::secondary) return kSecondaryStarts;
  if (role == Role::primary) return kPrimaryStarts;
  return {};
}

const Row* next_row(std::span<const Row> rows, NodeState state, const Facts& facts) {
  for (const Row& row : rows)
    if (row.from == state && facts[row.when]) return &row;
  return nullptr;
}

const StartRow& start_row(std::span<const StartRow> rows, NodeState kept) {
  static constexpr StartRow kOff{off, off, "high availability is off"};
  for (const StartRow& row : rows)
    if (row.kept == kept) return row;
  return kOff;
}

bool needs_operator(NodeState state) { return state == latched || state == faulted; }

}  // namespace tandem
