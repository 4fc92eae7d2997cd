#include "metrics/notify_metrics.h"

#include "metrics/register.h"

namespace tandem {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;

namespace {

constexpr const char* kChannels[] = {"mail", "webhook", "exec"};

}  // namespace

struct NotifyMetrics::Families {
  explicit Families(prometheus::Registry& r)
      : messages(counters(r, "tandem_notifications_total")),
        failures(counters(r, "tandem_notification_failures_total")),
        dropped(counters(r, "tandem_notifications_dropped_total")),
        waiting(gauges(r, "tandem_notifications_waiting")) {}

  Family<Counter>& messages;
  Family<Counter>& failures;
  Family<Counter>& dropped;
  Family<Gauge>& waiting;
};

NotifyMetrics::NotifyMetrics(prometheus::Registry& registry)
    : families_(std::make_unique<Families>(registry)) {
  for (const char* channel : kChannels) {
    families_->messages.Add({{"channel", channel}});
    families_->failures.Add({{"channel", channel}});
    families_->dropped.Add({{"channel", channel}});
    families_->waiting.Add({{"channel", channel}});
  }
}

NotifyMetrics::~NotifyMetrics() = default;

void NotifyMetrics::notified(const NotifyTold& told) {
  const prometheus::Labels labels{{"channel", told.channel}};
  switch (told.kind) {
    case NotifyTold::Kind::delivered: return families_->messages.Add(labels).Increment();
    case NotifyTold::Kind::failed: return families_->failures.Add(labels).Increment();
    case NotifyTold::Kind::dropped:
    case NotifyTold::Kind::removed:
      return families_->dropped.Add(labels).Increment(static_cast<double>(told.notices));
  }
}

void NotifyMetrics::show(const std::map<std::string, std::size_t>& waiting) {
  for (const char* channel : kChannels) {
    const auto found = waiting.find(channel);
    families_->waiting.Add({{"channel", channel}})
        .Set(found == waiting.end() ? 0 : static_cast<double>(found->second));
  }
}

}  // namespace tandem
