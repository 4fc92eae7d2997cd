#include "reconciler/failover/bound.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/goal.h"
#include "core/spec.h"

namespace tandem {
namespace {

using Seconds = std::chrono::duration<double>;

double in_seconds(Duration duration) { return Seconds(duration).count(); }

}  // namespace

Duration BoundFigures::bound() const {
  const Duration registration = expiry.value_or(expiry_without_ha().maximum);
  return std::max(registration, confirm + activation) + phone_switch;
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

BoundFigures bound_figures(const HAPair& pair, std::optional<Duration> expiry_in_force,
                           std::optional<Duration> activation_measured) {
  const Failover& failover = pair.failover;
  BoundFigures figures;
  const auto declared = wanted_expiry(pair);
  figures.expiry = expiry_in_force;
  figures.expiry_from = "in force";
  if (!figures.expiry && declared) {
    figures.expiry = declared->maximum;
    figures.expiry_from = "declared";
  }
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
  figures.activation = activation_measured.value_or(kActivationAssumed);
  figures.activation_measured = activation_measured.has_value();
  figures.phone_switch = pair.objectives.phone_switch;
  figures.objective = pair.objectives.max_downtime;
  return figures;
}

Condition objective_met(const BoundFigures& figures) {
  Condition condition{"DowntimeObjectiveMet", Truth::yes, "WithinObjective", "", true, true};
  const Duration bound = figures.bound();
  const std::string expiry = figures.expiry
                                 ? to_string(*figures.expiry) + " " + figures.expiry_from
                                 : to_string(expiry_without_ha().maximum) + ", Asterisk's own";
  condition.message = fmt::format(
      "if the primary dies, a phone is without telephony for at most {}: the longer of its "
      "registration ({}) and {} ({}) + activation ({}, {}), and {} until it gives the old server "
      "up; spec.objectives.maxDowntime is {}",
      to_string(bound), expiry, figures.confirm_from, to_string(figures.confirm),
      to_string(figures.activation), figures.activation_measured ? "measured" : "assumed",
      to_string(figures.phone_switch), to_string(figures.objective));
  if (bound <= figures.objective) return condition;
  condition.status = Truth::no;
  const bool by_expiry =
      figures.expiry.value_or(expiry_without_ha().maximum) >= figures.confirm + figures.activation;
  condition.reason = by_expiry ? "ExpiryTooLong" : "TakeoverTooSlow";
  condition.message += by_expiry ? ". `spec.sip.preset: fast` shortens the registrations"
                                 : fmt::format(". Shorten spec.failover.{}", figures.confirm_from);
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

std::vector<std::string> failover_outlook(const HAPair* in_force, const HAPair& wanted,
                                          bool peer_link) {
  if (!wanted.enabled) return {};
  const BoundFigures then = bound_figures(wanted, std::nullopt, std::nullopt);
  std::string first = objective_met(then).message;
  if (in_force != nullptr && in_force->enabled) {
    const Duration now = bound_figures(*in_force, std::nullopt, std::nullopt).bound();
    if (now != then.bound())
      first += fmt::format(". With the declaration in force it is {}", to_string(now));
  }
  if (wanted.failover.owner == Owner::vendor) return {first};
  std::vector<std::string> lost;
  for (const double share : {0.01, 0.10, 0.20}) {
    const double a_day =
        false_takeovers_a_day(wanted.failover, 1 + wanted.primary.paths.size(), peer_link, share);
    lost.push_back(fmt::format("{} at {:.0f} %",
                               a_day < 0.001 ? "under 0.001" : fmt::format("{:.2g}", a_day),
                               share * 100));
  }
  return {first, fmt::format("takeovers a day that nothing is wrong for, by packets lost: {}",
                             fmt::join(lost, ", "))};
}

}  // namespace tandem
