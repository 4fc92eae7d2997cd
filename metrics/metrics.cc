#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include "metrics/process_metrics.h"

namespace tandem {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
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

const char* product_label(Product product) { return product == Product::wazo ? "wazo" : "xivo"; }

double one_if(bool condition) { return condition ? 1 : 0; }

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

struct Metrics::Families {
  explicit Families(prometheus::Registry& registry)
      : build(BuildGauge().Name("tandem_build_info").Help("Always 1.").Register(registry)),
        node(BuildGauge()
                 .Name("tandem_node_info")
                 .Help("Always 1, for the node as it is declared.")
                 .Register(registry)),
        condition(BuildGauge()
                      .Name("tandem_condition")
                      .Help("1 for the status that the condition has, 0 for the others.")
                      .Register(registry)),
        in_sync(BuildGauge()
                    .Name("tandem_resource_in_sync")
                    .Help("1 where the last look at the resource found or left no drift.")
                    .Register(registry)),
        drift(BuildGauge()
                  .Name("tandem_resource_drift_fields")
                  .Help("Fields that differed from the declaration after the last look.")
                  .Register(registry)),
        reconciles(BuildCounter()
                       .Name("tandem_reconcile_total")
                       .Help("Looks at a resource, by what they came to.")
                       .Register(registry)),
        durations(BuildHistogram()
                      .Name("tandem_reconcile_duration_seconds")
                      .Help("Time of one look at a resource, repairs included.")
                      .Register(registry)),
        repairs(BuildCounter()
                    .Name("tandem_resource_repairs_total")
                    .Help("Looks that changed something.")
                    .Register(registry)),
        spec_accepted(
            BuildGauge()
                .Name("tandem_spec_accepted")
                .Help("1 while pair.yaml, as it is now, is accepted or waits for its order.")
                .Register(registry)
                .Add({})),
        spec_generation(BuildGauge()
                            .Name("tandem_spec_generation")
                            .Help("Declarations accepted on this node so far.")
                            .Register(registry)
                            .Add({})),
        spec_rejections(BuildCounter()
                            .Name("tandem_spec_rejections_total")
                            .Help("Versions of pair.yaml that were refused.")
                            .Register(registry)
                            .Add({})),
        suspended(BuildGauge()
                      .Name("tandem_suspended")
                      .Help("1 while nothing is changed because the pair is suspended.")
                      .Register(registry)
                      .Add({})),
        objective(BuildGauge()
                      .Name("tandem_downtime_objective_seconds")
                      .Help("The declared objectives.maxDowntime.")
                      .Register(registry)),
        sip_expiry(BuildGauge()
                       .Name("tandem_sip_expiry_seconds")
                       .Help("SIP registration expiry that the declaration asks for.")
                       .Register(registry)) {}

  Family<Gauge>& build;
  Family<Gauge>& node;
  Family<Gauge>& condition;
  Family<Gauge>& in_sync;
  Family<Gauge>& drift;
  Family<Counter>& reconciles;
  Family<Histogram>& durations;
  Family<Counter>& repairs;
  Gauge& spec_accepted;
  Gauge& spec_generation;
  Counter& spec_rejections;
  Gauge& suspended;
  Family<Gauge>& objective;
  Family<Gauge>& sip_expiry;
  Gauge* node_series = nullptr;  // of the role and product at the last scrape
};

Metrics::Metrics(const std::vector<std::string>& resources, const std::string& version,
                 const std::string& revision)
    : registry_(std::make_shared<prometheus::Registry>()),
      process_(std::make_shared<ProcessMetrics>()),
      families_(std::make_unique<Families>(*registry_)) {
  families_->build.Add({{"version", version}, {"revision", revision}}).Set(1);
  for (const std::string& resource : resources) {
    for (const Outcome outcome : kOutcomes)
      families_->reconciles.Add(
          {{"resource", resource}, {"result", std::string(outcome_name(outcome))}});
    families_->durations.Add({{"resource", resource}}, kSeconds);
    families_->repairs.Add({{"resource", resource}});
  }
}

Metrics::~Metrics() = default;

void Metrics::reported(const Report& report) {
  families_->reconciles
      .Add({{"resource", report.resource}, {"result", std::string(outcome_name(report.outcome))}})
      .Increment();
  families_->durations.Add({{"resource", report.resource}}, kSeconds)
      .Observe(std::chrono::duration<double>(report.took).count());
  if (!report.done.empty()) families_->repairs.Add({{"resource", report.resource}}).Increment();
}

void Metrics::spec_rejected(std::string_view) { families_->spec_rejections.Increment(); }

std::string Metrics::text(const Loop& loop, const std::string& node, WallTime now) {
  update_node(loop, node);
  update_spec(loop, now);
  update_conditions(loop);
  update_resources(loop);
  auto families = registry_->Collect();
  for (auto& family : process_->Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

void Metrics::update_node(const Loop& loop, const std::string& node) {
  if (!loop.goal()) return;
  if (families_->node_series != nullptr) families_->node.Remove(families_->node_series);
  families_->node_series =
      &families_->node.Add({{"node", node},
                            {"role", std::string(role_name(loop.goal()->role))},
                            {"product", product_label(loop.goal()->product)}});
  families_->node_series->Set(1);
}

void Metrics::update_spec(const Loop& loop, WallTime now) {
  const SpecView& spec = loop.spec();
  const bool read = spec.accepted || spec.pending;
  families_->spec_accepted.Set(one_if(read && !spec.refused));
  families_->spec_generation.Set(static_cast<double>(spec.generation));
  GateFacts facts;
  if (spec.accepted) facts.suspend = spec.accepted->suspend;
  facts.now = now;
  families_->suspended.Set(one_if(suspended(facts)));
  if (!spec.accepted) return;
  families_->objective.Add({}).Set(seconds(spec.accepted->objectives.max_downtime));
  const auto expiry = wanted_expiry(*spec.accepted);
  if (!expiry) return;
  const auto set = [&](const char* kind, Duration value) {
    families_->sip_expiry.Add({{"kind", kind}, {"source", "declared"}}).Set(seconds(value));
  };
  set("minimum", expiry->minimum);
  set("maximum", expiry->maximum);
  set("default", expiry->initial);
}

void Metrics::update_conditions(const Loop& loop) {
  for (const ConditionRecord& record : loop.board().conditions())
    for (const Truth truth : kTruths)
      families_->condition
          .Add({{"type", record.condition.type}, {"status", std::string(truth_name(truth))}})
          .Set(one_if(record.condition.status == truth));
}

void Metrics::update_resources(const Loop& loop) {
  for (const Board::Entry& entry : loop.board().resources()) {
    const bool in_sync =
        entry.report && entry.report->left.empty() && entry.report->outcome != Outcome::failed;
    families_->in_sync.Add({{"resource", entry.name}}).Set(one_if(in_sync));
    families_->drift.Add({{"resource", entry.name}})
        .Set(entry.report ? static_cast<double>(entry.report->left.size()) : 0);
  }
}

}  // namespace tandem
