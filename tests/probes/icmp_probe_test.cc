#include "probes/icmp_probe.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_reachability.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

class IcmpProbeTest : public testing::Test {
 protected:
  Sample probe() { return run(probe_icmp(network_, clock_, "192.0.2.11", milliseconds{800})); }

  fakes::FakeClock clock_;
  fakes::FakeReachability network_{&clock_};
};

TEST_F(IcmpProbeTest, HearsAnAnswer) {
  network_.echoes.emplace("192.0.2.11", std::chrono::nanoseconds{milliseconds{3}});
  const Sample sample = probe();
  EXPECT_EQ(sample.heard, Heard::answers);
  EXPECT_EQ(sample.took, milliseconds{3});
  EXPECT_EQ(sample.at, clock_.now());
  EXPECT_FALSE(sample.poor);
}

TEST_F(IcmpProbeTest, IsSilentAfterItsTimeout) {
  const Instant begin = clock_.now();
  const Sample sample = probe();
  EXPECT_EQ(sample.heard, Heard::silent);
  EXPECT_EQ(sample.at, begin + milliseconds{800});
}

TEST_F(IcmpProbeTest, KnowsNothingWhereItMayNotAsk) {
  network_.echoes.emplace("192.0.2.11", Error{Fault::denied, "it wants CAP_NET_RAW"});
  EXPECT_EQ(probe().heard, Heard::unknown);
  EXPECT_EQ(probe().reason, "it wants CAP_NET_RAW");
}

TEST(WaysTo, AreTheAddressByItselfAndThePathsByTheirNames) {
  NodeSpec node;
  node.address = "192.0.2.11";
  node.paths = {{"mgmt", "10.0.0.11"}};
  const std::vector<NodePath> wanted{{"192.0.2.11", "192.0.2.11"}, {"mgmt", "10.0.0.11"}};
  EXPECT_EQ(ways_to(node), wanted);
}

}  // namespace
}  // namespace tandem
