#include "metrics/harvest_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace tandem {
namespace {

using testing::HasSubstr;
using testing::Not;

class HarvestMetricsTest : public testing::Test {
 protected:
  std::string text() { return prometheus::TextSerializer().Serialize(registry.Collect()); }

  prometheus::Registry registry;
  HarvestMetrics metrics{registry};
};

TEST_F(HarvestMetricsTest, CountsWhatComesHomeAndWhatFails) {
  EXPECT_THAT(text(), HasSubstr("tandem_harvest_items_total{kind=\"messages\"} 0"));
  HarvestTold told;
  told.result = HarvestResult::home;
  told.counts.messages = 3;
  told.counts.kept_beside = 1;
  metrics.harvested(told);
  metrics.harvested(HarvestTold{});
  EXPECT_THAT(text(), HasSubstr("tandem_harvest_items_total{kind=\"messages\"} 3"));
  EXPECT_THAT(text(), HasSubstr("tandem_harvest_kept_beside_total 1"));
  EXPECT_THAT(text(), HasSubstr("tandem_harvest_failures_total 1"));
}

TEST_F(HarvestMetricsTest, ShowsWhatWaitsWhereItIsKnown) {
  HarvestState state;
  metrics.show(state);
  EXPECT_THAT(text(), Not(HasSubstr("tandem_harvest_pending"))) << "it was not asked yet";
  state.answer = harvest::OwedAnswer{{7, WallTime{}, true}, true};
  state.home = WallTime(std::chrono::seconds{1000});
  metrics.show(state);
  EXPECT_THAT(text(), HasSubstr("tandem_harvest_pending 1"));
  EXPECT_THAT(text(), HasSubstr("tandem_harvest_last_success_timestamp_seconds 1000"));
  metrics.show(std::nullopt);
  EXPECT_THAT(text(), Not(HasSubstr("tandem_harvest_pending"))) << "another node's task by now";
}

}  // namespace
}  // namespace tandem
