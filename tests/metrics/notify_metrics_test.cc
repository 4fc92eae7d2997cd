#include "metrics/notify_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace tandem {
namespace {

using testing::HasSubstr;

TEST(NotifyMetrics, CountByChannelAndStartAtZero) {
  prometheus::Registry registry;
  NotifyMetrics metrics(registry);
  const auto text = [&] { return prometheus::TextSerializer().Serialize(registry.Collect()); };
  for (const char* channel : {"mail", "webhook", "exec"})
    EXPECT_THAT(text(), HasSubstr("tandem_notifications_total{channel=\"" + std::string(channel) +
                                  "\"} 0"));
  NotifyTold told;
  told.channel = "mail";
  metrics.notified(told);
  told.kind = NotifyTold::Kind::failed;
  metrics.notified(told);
  told.kind = NotifyTold::Kind::dropped;
  told.notices = 7;
  metrics.notified(told);
  metrics.show({{"webhook", 3}});
  EXPECT_THAT(text(), HasSubstr("tandem_notifications_total{channel=\"mail\"} 1"));
  EXPECT_THAT(text(), HasSubstr("tandem_notification_failures_total{channel=\"mail\"} 1"));
  EXPECT_THAT(text(), HasSubstr("tandem_notifications_dropped_total{channel=\"mail\"} 7"));
  EXPECT_THAT(text(), HasSubstr("tandem_notifications_waiting{channel=\"webhook\"} 3"));
  EXPECT_THAT(text(), HasSubstr("tandem_notifications_waiting{channel=\"mail\"} 0"));
}

}  // namespace
}  // namespace tandem
