#include "probes/attempt.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

// The difference on which every verdict rests.
TEST(Attempt, TellsSilenceFromNotHavingAsked) {
  for (const Fault fault : {Fault::timed_out, Fault::connection_refused, Fault::connection_cut})
    EXPECT_EQ(heard_after({fault, ""}), Heard::silent) << fault_name(fault);
  for (const Fault fault :
       {Fault::denied, Fault::unavailable, Fault::invalid, Fault::cancelled, Fault::not_found})
    EXPECT_EQ(heard_after({fault, ""}), Heard::unknown) << fault_name(fault);
}

TEST(Attempt, KeepsWhenAndForHowLong) {
  const Instant begin{std::chrono::hours{1}};
  const Sample sample = answered(begin, begin + std::chrono::microseconds{3'140});
  EXPECT_EQ(sample.heard, Heard::answers);
  EXPECT_EQ(sample.at, begin + std::chrono::microseconds{3'140});
  EXPECT_EQ(sample.took, std::chrono::microseconds{3'140});
  EXPECT_EQ(sample.reason, "answered in 3.1 ms");
  EXPECT_EQ(unanswered(begin, begin, {Fault::denied, "no right"}).reason, "no right");
}

}  // namespace
}  // namespace tandem
