#include "reconciler/failover/bound.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/formats.h"
#include "core/goal.h"
#include "core/spec.h"

namespace tandem {
namespace {

using Seconds = std::chrono::duration<double>;

double in_seconds(Duration duration) { return Seconds(duration).count(); }

Duration registration_of(const BoundFigures& figures) {
  return figures.expiry.value_or(expiry_without_ha().maximum);
}

// Of the preset `fast`, where the declaration asks for longer registrations.
std::optional<Duration> shorter_by_preset(HAPair pair) {
  const auto declared = wanted_expiry(pair);
  pair.sip.managed = true;
  pair.sip.expiry.reset();
  pair.sip.preset = SipPolicy::Preset::fast;
  const auto fast = wanted_expiry(pair);
  if (!fast || (declared && declared->maximum <= fast->maximum)) return std::nullopt;
  return fast->maximum;
}

void confirm_by_detection(const Failover& failover, BoundFigures& figures) {
  struct Confirmation {
    Duration time;
    const char* field;
  };
  // A restart of the services is no failure: it ends by itself, and is waited for. `unknown` counts
  // with a peer link as well: it is the time while monit, which should run, may start Asterisk
  // again.
  const Confirmation ways[] = {{failover.confirm_host_down, "confirmHostDown"},
                               {failover.confirm_service_failed, "confirmServiceDown.failed"},
                               {failover.confirm_service_unknown, "confirmServiceDown.unknown"}};
  const auto& longest = *std::max_element(
      std::begin(ways), std::end(ways),
      [](const Confirmation& a, const Confirmation& b) { return a.time < b.time; });
  figures.confirm = longest.time;
  figures.confirm_from = longest.field;
}

// The clock's time alone: it is less than a day away.
std::string clock_time(WallTime time) { return to_string(time).substr(11, 5) + " UTC"; }

std::string bound_text(const BoundFigures& figures) {
  const std::string expiry = figures.expiry
                                 ? to_string(*figures.expiry) + " " + figures.expiry_from
                                 : to_string(expiry_without_ha().maximum) + ", Asterisk's own";
  return fmt::format(
      "a phone is without telephony for at most {}: the longer of its registration ({}) and {} "
      "({}) + activation ({}, {}), and {} until it gives the old server up",
      to_string(*figures.bound()), expiry, figures.confirm_from, to_string(figures.confirm),
      to_string(figures.activation), figures.activation_measured ? "measured" : "assumed",
      to_string(figures.phone_switch));
}

// What a failure of the primary means, and who acts on it.
std::string outcome_text(const BoundFigures& figures) {
  switch (figures.actor) {
    case Actor::tandem: return "if the primary dies, " + bound_text(figures);
    case Actor::vendor:
      return fmt::format(
          "if the primary's host dies, the vendor's detector takes over after {} to {} s, and {}; "
          "if only its Asterisk dies, nobody takes over",
          in_seconds(kVendorDetectsAtLeast), in_seconds(kVendorDetectsAtMost), bound_text(figures));
    case Actor::orders:
      return "if the primary dies, nobody acts by himself (spec.failover.mode is manual): phones "
             "are without telephony until somebody types `tandem takeover --reason REASON`";
    case Actor::nobody:
      return "if the primary dies, nobody acts (spec.failover.mode is advise): phones are without "
             "telephony until somebody types `tandem takeover --reason REASON`";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

// What shortens the registrations, or that time does.
std::string expiry_advice(const BoundFigures& figures) {
  if (figures.elapses) {
    BoundFigures then = figures;
    then.expiry = figures.elapses->next;
    if (*then.bound() <= figures.objective)
      return fmt::format(
          "registrations of {} were made before the expiry was lowered, and are in force until {}; "
          "nothing to do",
          to_string(registration_of(figures)), clock_time(figures.elapses->until));
  } else if (figures.expiry_declared && figures.expiry &&
             *figures.expiry_declared < *figures.expiry) {
    return fmt::format("the declared {} is not in force yet: `tandem plan`",
                       to_string(*figures.expiry_declared));
  }
  if (figures.expiry_fast)
    return figures.expiry_declared
               ? "`spec.sip.preset: fast` shortens the registrations"
               : "`spec.sip: { policy: managed, preset: fast }` shortens the registrations";
  return "shorten spec.sip.expiry, or declare a longer spec.objectives.maxDowntime";
}

}  // namespace

Actor actor_of(const Failover& failover) {
  if (failover.owner == Owner::vendor) return Actor::vendor;
  switch (failover.mode) {
    case Failover::Mode::automatic: return Actor::tandem;
    case Failover::Mode::advise: return Actor::nobody;
    case Failover::Mode::manual: return Actor::orders;
  }
  return Actor::nobody;  // unreachable: -Wswitch keeps the list complete
}

std::optional<Duration> BoundFigures::bound() const {
  if (actor == Actor::nobody || actor == Actor::orders) return std::nullopt;
  return std::max(registration_of(*this), confirm + activation) + phone_switch;
}

void ExpiryInForce::observed(Duration maximum, Instant now) {
  if (current_ && maximum < *current_) {
    past_.push_back({*current_, now + *current_});
    if (past_.size() > kChangesMax) past_.pop_front();
  }
  current_ = maximum;
  std::erase_if(past_, [&](const Past& past) { return past.until <= now; });
}

std::optional<Duration> ExpiryInForce::longest(Instant now) const {
  std::optional<Duration> longest = current_;
  for (const Past& past : past_)
    if (past.until > now && (!longest || past.maximum > *longest)) longest = past.maximum;
  return longest;
}

void ExpiryInForce::take_up(const KeptExpiry& kept, Instant now, bool same_boot) {
  current_ = kept.current;
  past_.clear();
  for (const auto& [maximum, until] : kept.past) {
    const Instant whole = now + maximum;
    past_.push_back({maximum, same_boot ? std::min(Instant{until}, whole) : whole});
  }
}

KeptExpiry ExpiryInForce::kept() const {
  KeptExpiry kept{current_, {}};
  for (const Past& past : past_)
    kept.past.push_back({past.maximum, std::chrono::ceil<std::chrono::milliseconds>(
                                           past.until.time_since_epoch())});
  return kept;
}

std::optional<Instant> ExpiryInForce::old_until(Instant now) const {
  const auto most = longest(now);
  if (!most || most == current_) return std::nullopt;
  std::optional<Instant> until;
  for (const Past& past : past_)
    if (past.maximum == *most && (!until || past.until > *until)) until = past.until;
  return until;
}

BoundFigures bound_figures(const HAPair& pair, std::optional<Duration> expiry_in_force,
                           std::optional<Duration> activation_measured) {
  BoundFigures figures;
  figures.actor = actor_of(pair.failover);
  figures.expiry = expiry_in_force;
  figures.expiry_from = "in force";
  if (const auto declared = wanted_expiry(pair)) figures.expiry_declared = declared->maximum;
  if (!figures.expiry && figures.expiry_declared) {
    figures.expiry = figures.expiry_declared;
    figures.expiry_from = "declared";
  }
  figures.expiry_fast = shorter_by_preset(pair);
  if (figures.actor == Actor::vendor) {
    figures.confirm = kVendorDetectsAtMost;
    figures.confirm_from = "its detector";
  } else {
    confirm_by_detection(pair.failover, figures);
  }
  figures.activation = activation_measured.value_or(kActivationAssumed);
  figures.activation_measured = activation_measured.has_value();
  figures.phone_switch = pair.objectives.phone_switch;
  figures.objective = pair.objectives.max_downtime;
  return figures;
}

Condition objective_met(const BoundFigures& figures) {
  Condition condition{"DowntimeObjectiveMet", Truth::yes, "WithinObjective", "", true, true};
  condition.message = fmt::format("{}; spec.objectives.maxDowntime is {}", outcome_text(figures),
                                  to_string(figures.objective));
  const auto bound = figures.bound();
  if (!bound) {
    condition.status = Truth::no;
    condition.reason = "NobodyActs";
    condition.message += ". `spec.failover.mode: automatic` lets the secondary act";
    return condition;
  }
  if (*bound <= figures.objective) {
    if (figures.actor == Actor::vendor) condition.reason = "WithinObjectiveIfHostDies";
    return condition;
  }
  condition.status = Truth::no;
  const bool by_expiry = registration_of(figures) >= figures.confirm + figures.activation;
  condition.reason = by_expiry ? "ExpiryTooLong" : "TakeoverTooSlow";
  if (by_expiry)
    condition.message += ". " + expiry_advice(figures);
  else if (figures.actor == Actor::vendor)
    condition.message +=
        ". The vendor's detector can not be hastened: `spec.failover.owner: tandem`";
  else
    condition.message += fmt::format(". Shorten spec.failover.{}", figures.confirm_from);
  return condition;
}

// All samples in the confirm time must be lost. A ping is lost where one of its two packets is; a
// SIP question where both its datagrams, or their answers, are; a question of the peer link
// only where TCP could not get a segment through for its whole timeout, which is counted as a ping.
double false_takeovers_a_day(const Failover& failover, std::size_t paths, bool peer_link,
                             double loss) {
  const double round_trip = 1.0 - (1.0 - loss) * (1.0 - loss);
  const double confirm = in_seconds(failover.confirm_host_down);
  const double pings = std::floor(confirm / in_seconds(failover.icmp.period)) *
                       static_cast<double>(std::max<std::size_t>(paths, 1));
  const double questions = std::floor(confirm / in_seconds(failover.sip.period));
  const double datagrams = failover.sip.timeout > Duration{500} ? 2.0 : 1.0;
  const double words = peer_link ? std::floor(confirm / in_seconds(failover.peer.period)) : 0.0;
  const double exponent = pings + questions * datagrams + words;
  // A run of losses can begin at each ping; it begins where the one before it was answered.
  const double begins = 86'400.0 / in_seconds(failover.icmp.period) * (1.0 - round_trip);
  return begins * std::pow(round_trip, exponent);
}

namespace {

std::string lost_packets_text(const HAPair& pair, bool peer_link) {
  std::vector<std::string> lost;
  for (const double share : {0.01, 0.10, 0.20}) {
    const double a_day =
        false_takeovers_a_day(pair.failover, 1 + pair.primary.paths.size(), peer_link, share);
    lost.push_back(fmt::format("{} at {:.0f} %",
                               a_day < 0.001 ? "under 0.001" : fmt::format("{:.2g}", a_day),
                               share * 100));
  }
  return fmt::format("takeovers a day that nothing is wrong for, by packets lost: {}",
                     fmt::join(lost, ", "));
}

}  // namespace

std::vector<std::string> failover_outlook(const HAPair* in_force, const HAPair& wanted,
                                          bool peer_link, std::optional<Duration> activation) {
  if (!wanted.enabled) return {};
  const auto figures_of = [&](const HAPair& pair) {
    return bound_figures(pair, std::nullopt, activation);
  };
  const BoundFigures then = figures_of(wanted);
  std::string first = objective_met(then).message;
  if (in_force != nullptr && in_force->enabled) {
    const BoundFigures now = figures_of(*in_force);
    if (now.actor != then.actor)
      first += fmt::format(". With the declaration in force: {}", outcome_text(now));
    else if (now.bound() && now.bound() != then.bound())
      first += fmt::format(". With the declaration in force it is {}", to_string(*now.bound()));
  }
  std::vector<std::string> lines{first};
  if (then.actor == Actor::tandem) {
    lines.push_back(lost_packets_text(wanted, peer_link));
  } else {
    HAPair handed_over = wanted;
    handed_over.failover.owner = Owner::tandem;
    handed_over.failover.mode = Failover::Mode::automatic;
    lines.push_back(fmt::format("with owner tandem and mode automatic: {}; {}",
                                outcome_text(figures_of(handed_over)),
                                lost_packets_text(wanted, peer_link)));
  }
  if (!activation)
    lines.emplace_back(
        "activation is assumed here; `tandem status` counts what an operator that runs has "
        "measured "
        "(DowntimeObjectiveMet)");
  return lines;
}

}  // namespace tandem
