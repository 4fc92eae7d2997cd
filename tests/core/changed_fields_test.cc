#include "core/changed_fields.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

HAPair a_pair() {
  HAPair pair;
  pair.name = "montreal";
  pair.primary = {"pbx-a", "192.0.2.10", {}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  return pair;
}

TEST(ChangedFields, AreNoneOfTheSameDeclaration) {
  EXPECT_EQ(changed_fields(a_pair(), a_pair()), Lines{});
}

TEST(ChangedFields, TellOldAndNewOfEach) {
  HAPair after = a_pair();
  after.failover.mode = Failover::Mode::advise;
  after.failover.confirm_host_down = seconds{30};
  after.failover.failback.hold = minutes{1};
  EXPECT_EQ(changed_fields(a_pair(), after), (Lines{"spec.failover.mode: automatic -> advise",
                                                    "spec.failover.confirmHostDown: 20s -> 30s",
                                                    "spec.failover.failback.hold: 5m -> 1m"}));
  after = a_pair();
  after.failover.witnesses = {{"192.0.2.1"}};
  EXPECT_EQ(changed_fields(a_pair(), after),
            Lines{"spec.failover.witnesses: auto -> [\"192.0.2.1\"]"});
}

TEST(ChangedFields, LeaveTheStructuralOnesToTheirOwnLine) {
  HAPair before = a_pair(), after = a_pair();
  before.failover.owner = Owner::vendor;
  after.secondary.address = "192.0.2.12";
  EXPECT_EQ(changed_fields(before, after), Lines{});
  EXPECT_EQ(changed_fields(after, before), (Lines{"spec.failover.owner: tandem -> vendor"}))
      << "giving it back needs no order";
}

TEST(ChangedFields, ShowNothingThatMayBeSecret) {
  HAPair after = a_pair();
  after.hooks.after_takeover = {{"/bin/tell", "s3cret"}};
  const auto lines = changed_fields(a_pair(), after);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "spec.hooks.afterTakeover: changed (not shown)");
}

}  // namespace
}  // namespace tandem
