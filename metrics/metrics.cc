#include "metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <map>

#include "metrics/probe_metrics.h"
#include "metrics/process_metrics.h"
#include "metrics/register.h"

namespace tandem {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr Outcome kOutcomes[] = {Outcome::in_sync, Outcome::repaired, Outcome::drifted,
                                 Outcome::waiting, Outcome::deferred, Outcome::contested,
                                 Outcome::failed};
constexpr Truth kTruths[] = {Truth::yes, Truth::no, Truth::unknown};

// From a file's repair (under a millisecond) to a PUT's deadline.
const Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                           0.25,  0.5,    1,     2.5,  10,    30,   180};

// From a start of the services alone to the end of activationTimeout.
const Histogram::BucketBoundaries kTakeoverSeconds{1,  2.5, 5,  10,  20,  30,
                                                   45, 60,  90, 120, 180, 300};

constexpr TakeoverCause kCauses[] = {TakeoverCause::host_down, TakeoverCause::service_down,
                                     TakeoverCause::ordered, TakeoverCause::announced,
                                     TakeoverCause::by_hand};

const char* product_label(Product product) { return product == Product::wazo ? "wazo" : "xivo"; }

// The one series of an info family: the last one goes when the labels change.
void set_only(Family<Gauge>& family, Gauge*& last, const prometheus::Labels& labels) {
  if (last != nullptr) family.Remove(last);
  last = &family.Add(labels);
  last->Set(1);
}

}  // namespace

struct Metrics::Families {
  explicit Families(prometheus::Registry& r)
      : build(gauges(r, "tandem_build_info")),
        node(gauges(r, "tandem_node_info")),
        standing_by(gauges(r, "tandem_node_standing_by")),
        spec(gauges(r, "tandem_spec_info")),
        condition(gauges(r, "tandem_condition")),
        condition_well(gauges(r, "tandem_condition_well")),
        condition_since(gauges(r, "tandem_condition_last_transition_timestamp_seconds")),
        in_sync(gauges(r, "tandem_resource_in_sync")),
        drift(gauges(r, "tandem_resource_drift_fields")),
        last_look(gauges(r, "tandem_last_reconcile_timestamp_seconds")),
        reconciles(counters(r, "tandem_reconcile_total")),
        durations(histograms(r, "tandem_reconcile_duration_seconds")),
        repairs(counters(r, "tandem_resource_repairs_total")),
        spec_accepted(gauges(r, "tandem_spec_accepted").Add({})),
        spec_generation(gauges(r, "tandem_spec_generation").Add({})),
        spec_rejections(counters(r, "tandem_spec_rejections_total").Add({})),
        suspended(gauges(r, "tandem_suspended").Add({})),
        state(gauges(r, "tandem_node_state")),
        takeovers(counters(r, "tandem_takeovers_total")),
        takeover_durations(
            histograms(r, "tandem_takeover_duration_seconds").Add({}, kTakeoverSeconds)),
        last_takeover(gauges(r, "tandem_last_takeover_timestamp_seconds").Add({})),
        objective(gauges(r, "tandem_downtime_objective_seconds")),
        data_age_objective(gauges(r, "tandem_data_age_objective_seconds")),
        sip_expiry(gauges(r, "tandem_sip_expiry_seconds")),
        certificates(gauges(r, "tandem_certificate_expiry_timestamp_seconds")),
        verdict(gauges(r, "tandem_primary_verdict")),
        bound(gauges(r, "tandem_downtime_bound_seconds")) {}

  Family<Gauge>& build;
  Family<Gauge>& node;
  Family<Gauge>& standing_by;
  Family<Gauge>& spec;
  Family<Gauge>& condition;
  Family<Gauge>& condition_well;
  Family<Gauge>& condition_since;
  Family<Gauge>& in_sync;
  Family<Gauge>& drift;
  Family<Gauge>& last_look;
  Family<Counter>& reconciles;
  Family<Histogram>& durations;
  Family<Counter>& repairs;
  Gauge& spec_accepted;
  Gauge& spec_generation;
  Counter& spec_rejections;
  Gauge& suspended;
  Family<Gauge>& state;
  Family<Counter>& takeovers;
  Histogram& takeover_durations;
  Gauge& last_takeover;
  Family<Gauge>& objective;
  Family<Gauge>& data_age_objective;
  Family<Gauge>& sip_expiry;
  Family<Gauge>& certificates;
  Family<Gauge>& verdict;
  Family<Gauge>& bound;
  Gauge* node_series = nullptr;  // of the role and product at the last scrape
  Gauge* spec_series = nullptr;  // of the declaration at the last scrape
  // Of each condition at the last scrape: a condition that is told no more has none.
  std::map<std::string, std::vector<std::pair<Family<Gauge>*, Gauge*>>> condition_series;
  std::vector<Gauge*> expiry_series;
  std::vector<Gauge*> verdict_series, bound_series;
  std::vector<Gauge*> certificate_series;
};

Metrics::Metrics(const std::vector<std::string>& resources, const std::string& version,
                 const std::string& revision)
    : registry_(std::make_shared<prometheus::Registry>()),
      process_(std::make_shared<ProcessMetrics>()),
      families_(std::make_unique<Families>(*registry_)),
      replication_(*registry_),
      harvest_(*registry_),
      notify_(*registry_) {
  families_->build.Add({{"version", version}, {"revision", revision}}).Set(1);
  for (const std::string& resource : resources) {
    for (const Outcome outcome : kOutcomes)
      families_->reconciles.Add(
          {{"resource", resource}, {"result", std::string(outcome_name(outcome))}});
    families_->durations.Add({{"resource", resource}}, kSeconds);
    families_->repairs.Add({{"resource", resource}});
  }
  for (std::size_t i = 0; i < kNodeStates; ++i)
    families_->state.Add({{"state", std::string(state_name(static_cast<NodeState>(i)))}});
  for (const TakeoverCause cause : kCauses)
    families_->takeovers.Add({{"cause", std::string(cause_name(cause))}});
}

Metrics::~Metrics() = default;

void Metrics::watch_probes(const ProbeTable& table) {
  probes_ = std::make_shared<ProbeMetrics>(table);
}

void Metrics::watch_telling(std::function<Telling()> told) {
  telling_ = std::make_shared<TellingMetrics>(std::move(told));
}

void Metrics::reported(const Report& report) {
  families_->reconciles
      .Add({{"resource", report.resource}, {"result", std::string(outcome_name(report.outcome))}})
      .Increment();
  families_->durations.Add({{"resource", report.resource}}, kSeconds)
      .Observe(std::chrono::duration<double>(report.took).count());
  if (!report.done.empty()) families_->repairs.Add({{"resource", report.resource}}).Increment();
}

void Metrics::failover(std::optional<PrimaryVerdict> verdict, std::optional<Duration> bound) {
  for (Gauge* gauge : families_->verdict_series) families_->verdict.Remove(gauge);
  for (Gauge* gauge : families_->bound_series) families_->bound.Remove(gauge);
  families_->verdict_series.clear();
  families_->bound_series.clear();
  for (std::size_t i = 0; verdict && i < kPrimaryVerdicts; ++i) {
    const auto one = static_cast<PrimaryVerdict>(i);
    Gauge& gauge = families_->verdict.Add({{"verdict", std::string(verdict_name(one))}});
    gauge.Set(one == *verdict ? 1 : 0);
    families_->verdict_series.push_back(&gauge);
  }
  if (!bound) return;
  Gauge& gauge = families_->bound.Add({});
  gauge.Set(seconds(*bound));
  families_->bound_series.push_back(&gauge);
}

void Metrics::certificates(const std::vector<CertificateExpiry>& expiry) {
  for (Gauge* gauge : families_->certificate_series) families_->certificates.Remove(gauge);
  families_->certificate_series.clear();
  for (const CertificateExpiry& one : expiry) {
    Gauge& gauge = families_->certificates.Add({{"certificate", one.certificate}});
    gauge.Set(timestamp(one.at));
    families_->certificate_series.push_back(&gauge);
  }
}

void Metrics::replication(const CopiesShown& shown) { replication_.show(shown); }

void Metrics::harvest(const std::optional<HarvestState>& state) { harvest_.show(state); }

void Metrics::harvested(const HarvestTold& told) { harvest_.harvested(told); }

void Metrics::copied(const CopyTold& told) { replication_.copied(told); }

void Metrics::spec_rejected(std::string_view) { families_->spec_rejections.Increment(); }

void Metrics::state_changed(const Transition& transition) {
  for (std::size_t i = 0; i < kNodeStates; ++i) {
    const auto state = static_cast<NodeState>(i);
    families_->state.Add({{"state", std::string(state_name(state))}})
        .Set(one_if(state == transition.to));
  }
}

// A record comes more than once: while the takeover lasts, and when it has ended.
void Metrics::taken_over(const TakeoverRecord& record) {
  if (record.result.empty() || counted_takeover_ == record.epoch) return;
  counted_takeover_ = record.epoch;
  // The operator before counted what it saw serve; how long that took nobody knows any more.
  if (record.continued && record.result.starts_with("given back")) return;
  families_->takeovers.Add({{"cause", std::string(cause_name(record.cause))}}).Increment();
  if (!record.continued)
    families_->takeover_durations.Observe(
        seconds(std::chrono::duration_cast<Duration>(std::max(record.ended - record.began, {}))));
  families_->last_takeover.Set(timestamp(record.ended));
}

std::string Metrics::text(const Loop& loop, const std::string& node, WallTime now) {
  update_node(loop, node);
  update_spec(loop, now);
  update_conditions(loop);
  update_resources(loop);
  auto families = registry_->Collect();
  for (const auto& more : {process_, probes_, telling_})
    if (more)
      for (auto& family : more->Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

void Metrics::update_node(const Loop& loop, const std::string& node) {
  if (!loop.goal()) return;
  set_only(families_->node, families_->node_series,
           {{"node", node},
            {"role", std::string(role_name(loop.goal()->role))},
            {"product", product_label(loop.goal()->product)}});
  // Which marker XiVO has is not known: rather no series than a wrong one.
  if (loop.goal()->product == Product::wazo)
    families_->standing_by.Add({}).Set(one_if(loop.goal()->standing_by));
}

void Metrics::update_spec(const Loop& loop, WallTime now) {
  const SpecView& spec = loop.spec();
  const bool read = spec.accepted || spec.pending;
  families_->spec_accepted.Set(one_if(read && !spec.refused));
  families_->spec_generation.Set(static_cast<double>(spec.generation));
  GateFacts facts;
  if (spec.accepted) facts.suspend = spec.accepted->suspend;
  facts.suspend_ordered = loop.facts().suspend_ordered;
  facts.suspended = loop.facts().suspended;
  facts.now = now;
  families_->suspended.Set(one_if(suspended(facts)));
  if (!spec.accepted) return;
  set_only(families_->spec, families_->spec_series, {{"sha256", spec.sha256}});
  families_->objective.Add({}).Set(seconds(spec.accepted->objectives.max_downtime));
  families_->data_age_objective.Add({}).Set(seconds(spec.accepted->objectives.max_data_age));
  for (Gauge* gauge : families_->expiry_series) families_->sip_expiry.Remove(gauge);
  families_->expiry_series.clear();
  const auto expiry = wanted_expiry(*spec.accepted);
  if (!expiry) return;
  const auto set = [&](const char* kind, Duration value) {
    Gauge& gauge = families_->sip_expiry.Add({{"kind", kind}, {"source", "declared"}});
    gauge.Set(seconds(value));
    families_->expiry_series.push_back(&gauge);
  };
  set("minimum", expiry->minimum);
  set("maximum", expiry->maximum);
  set("default", expiry->initial);
}

void Metrics::update_conditions(const Loop& loop) {
  std::map<std::string, std::vector<std::pair<Family<Gauge>*, Gauge*>>> now;
  for (const ConditionRecord& record : loop.board().conditions()) {
    const std::string& type = record.condition.type;
    const auto set = [&](Family<Gauge>& family, const prometheus::Labels& labels, double value) {
      Gauge& gauge = family.Add(labels);
      gauge.Set(value);
      now[type].emplace_back(&family, &gauge);
    };
    for (const Truth truth : kTruths)
      set(families_->condition, {{"type", type}, {"status", std::string(truth_name(truth))}},
          one_if(record.condition.status == truth));
    set(families_->condition_well, {{"type", type}}, one_if(is_well(record.condition)));
    set(families_->condition_since, {{"type", type}}, timestamp(record.since));
  }
  for (const auto& [type, series] : families_->condition_series)
    if (!now.contains(type))
      for (const auto& [family, gauge] : series) family->Remove(gauge);
  families_->condition_series = std::move(now);
}

void Metrics::update_resources(const Loop& loop) {
  for (const Board::Entry& entry : loop.board().resources()) {
    const bool in_sync =
        entry.report && entry.report->left.empty() && entry.report->outcome != Outcome::failed;
    const prometheus::Labels labels{{"resource", entry.name}};
    families_->in_sync.Add(labels).Set(one_if(in_sync));
    families_->drift.Add(labels).Set(entry.report ? static_cast<double>(entry.report->left.size())
                                                  : 0);
    families_->last_look.Add(labels).Set(entry.report ? timestamp(entry.when) : 0);
  }
}

}  // namespace tandem
