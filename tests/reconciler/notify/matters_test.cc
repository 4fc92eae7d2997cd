#include "reconciler/notify/matters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/failover/bound.h"
#include "tests/reconciler/notify/samples.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const WallTime kWall{std::chrono::seconds{1'700'000'000}};

class MattersTest : public testing::Test {
 protected:
  // What is told at `second`, as "Matter Status".
  std::vector<std::string> at(int second, const NotifyFacts& facts) {
    last = matters.look(facts, told, start + std::chrono::seconds(second),
                        kWall + std::chrono::seconds(second));
    std::vector<std::string> names;
    for (const Notice& notice : last)
      names.push_back(notice.matter + " " + std::string(phase_name(notice.phase)));
    return names;
  }
  void restart() { matters = Matters(); }

  Instant start{1000h};
  Matters matters;
  ToldState told;
  std::vector<Notice> last;
};

TEST_F(MattersTest, ATakeoverIsToldStepByStepAndOnce) {
  EXPECT_THAT(at(0, secondary_facts(NodeState::standby)), IsEmpty());
  auto facts = secondary_facts(NodeState::activating, 4);
  facts.takeover = takeover_record(4);
  EXPECT_THAT(at(1, facts), ElementsAre("Takeover Raised"));
  EXPECT_EQ(last[0].severity, Notice::Severity::critical);
  EXPECT_THAT(last[0].text, HasSubstr("HostDown for 20s"));
  EXPECT_THAT(at(2, facts), IsEmpty());
  facts.state = NodeState::active;
  facts.takeover->downtime = 31'500ms;
  EXPECT_THAT(at(3, facts), ElementsAre("TakenOver Raised"));
  EXPECT_THAT(last[0].text, HasSubstr("31.5 s"));
  facts.state = NodeState::failback_hold;
  EXPECT_THAT(at(4, facts), IsEmpty());
  facts.state = NodeState::deactivating;
  EXPECT_THAT(at(5, facts), IsEmpty());
  facts.state = NodeState::standby;
  facts.takeover->result = "given back: the primary served for the whole hold";
  EXPECT_THAT(at(60, facts), ElementsAre("GivenBack Cleared"));
  EXPECT_THAT(last[0].text, HasSubstr("whole hold"));
  EXPECT_THAT(at(61, facts), IsEmpty());
}

// A restart in every state that a takeover passes: what was told is not told again, and what was
// not is.
TEST_F(MattersTest, ARestartNeitherRepeatsNorLoses) {
  const std::vector<NodeState> course = {
      NodeState::standby, NodeState::activating,    NodeState::faulted,      NodeState::activating,
      NodeState::active,  NodeState::failback_hold, NodeState::deactivating, NodeState::standby};
  for (std::size_t from = 0; from < course.size(); ++from) {
    for (std::size_t to = from; to < course.size(); ++to) {
      told = {};
      std::map<std::string, int> count;
      for (std::size_t step = 0; step < course.size(); ++step) {
        const bool dead = step > from && step < to;  // the operator was away in these
        if (step == from) restart();
        if (dead) continue;
        // A start knows nothing yet.
        if (step == to) {
          EXPECT_THAT(at(0, secondary_facts(NodeState::rejoining, 4)), IsEmpty());
        }
        const std::uint64_t epoch = step == 0 ? 3 : 4;
        for (const auto& name : at(static_cast<int>(step), secondary_facts(course[step], epoch)))
          ++count[name];
      }
      EXPECT_EQ(count["GivenBack Cleared"], 1) << from << " to " << to;
      EXPECT_LE(count["Takeover Raised"], 1) << from << " to " << to;
      EXPECT_LE(count["TakenOver Raised"], 1) << from << " to " << to;
      const bool served_unseen = from < 4 && to > 6;
      EXPECT_EQ(count["TakenOver Raised"], served_unseen ? 0 : 1) << from << " to " << to;
    }
  }
}

TEST_F(MattersTest, AFirstStartTellsNothingOfThePastAndAllOfThePresent) {
  EXPECT_THAT(at(0, secondary_facts(NodeState::standby, 7)), IsEmpty());
  told = {};
  EXPECT_THAT(at(0, secondary_facts(NodeState::active, 7)), ElementsAre("TakenOver Raised"));
}

TEST_F(MattersTest, AnotherTakeoverEndsTheOneBefore) {
  static_cast<void>(at(0, secondary_facts(NodeState::active, 4)));
  EXPECT_THAT(at(1, secondary_facts(NodeState::activating, 5)),
              ElementsAre("GivenBack Cleared", "Takeover Raised"));
  EXPECT_EQ(last[0].epoch, 4U);
}

TEST_F(MattersTest, AConditionIsToldOnceItHasLastedAndItsEndAsWell) {
  auto facts = secondary_facts(NodeState::standby);
  facts.conditions["SecondaryFit"] = told_condition("SecondaryFit", Truth::no, "no disk is free");
  EXPECT_THAT(at(0, facts), IsEmpty());
  EXPECT_THAT(at(119, facts), IsEmpty());
  EXPECT_THAT(at(120, facts), ElementsAre("SecondaryNotFit Raised"));
  EXPECT_EQ(last[0].text, "no disk is free");
  restart();
  EXPECT_THAT(at(121, facts), IsEmpty());
  EXPECT_THAT(at(500, facts), IsEmpty()) << "it was told before the restart";
  facts.conditions["SecondaryFit"].status = Truth::unknown;
  EXPECT_THAT(at(501, facts), IsEmpty());
  EXPECT_THAT(at(900, facts), IsEmpty()) << "not known is no all-clear";
  facts.conditions["SecondaryFit"].status = Truth::yes;
  EXPECT_THAT(at(901, facts), IsEmpty());
  EXPECT_THAT(at(961, facts), ElementsAre("SecondaryNotFit Cleared"));
}

TEST_F(MattersTest, WhatComesAndGoesWithinItsTimeIsNotTold) {
  auto facts = secondary_facts(NodeState::standby);
  for (int second = 0; second < 1000; second += 100) {
    const bool even = second % 200 == 0;
    facts.conditions["SecondaryFit"] =
        told_condition("SecondaryFit", even ? Truth::no : Truth::yes, "");
    EXPECT_THAT(at(second, facts), IsEmpty());
  }
}

TEST_F(MattersTest, AdviceIsNotTold) {
  auto facts = secondary_facts(NodeState::standby);
  facts.conditions["DowntimeObjectiveMet"] =
      told_condition("DowntimeObjectiveMet", Truth::no, "nobody acts");
  facts.conditions["DowntimeObjectiveMet"].advisory = true;
  facts.conditions["DowntimeObjectiveMet"].reason = "NobodyActs";
  facts.conditions["SecondaryFit"] = told_condition("SecondaryFit", Truth::no, "a trial");
  facts.conditions["SecondaryFit"].advisory = true;
  EXPECT_THAT(at(0, facts), IsEmpty());
  EXPECT_THAT(at(10'000, facts), IsEmpty());
}

TEST_F(MattersTest, TheSecondaryLeavesWhatBothSeeToAPrimaryThatTellsIt) {
  auto facts = secondary_facts(NodeState::standby);
  facts.conditions["DowntimeObjectiveMet"] =
      told_condition("DowntimeObjectiveMet", Truth::no, "too long");
  facts.peer = PeerWord{};
  facts.peer->not_well = {"DowntimeObjectiveMet"};
  EXPECT_THAT(at(0, facts), IsEmpty());
  EXPECT_THAT(at(5000, facts), IsEmpty());
  // Its mails do not arrive.
  facts.peer->not_well.emplace_back("NotificationsDelivered");
  EXPECT_THAT(at(5001, facts), IsEmpty());
  EXPECT_THAT(at(5301, facts), ElementsAre("BoundOverObjective Raised"));
}

TEST_F(MattersTest, TheSecondaryTellsWhatBothSeeWhereThePrimaryIsSilent) {
  auto facts = secondary_facts(NodeState::standby);
  facts.conditions["DowntimeObjectiveMet"] =
      told_condition("DowntimeObjectiveMet", Truth::no, "too long");
  EXPECT_THAT(at(0, facts), IsEmpty());
  EXPECT_THAT(at(299, facts), IsEmpty());
  EXPECT_THAT(at(301, facts), ElementsAre("BoundOverObjective Raised"));
}

// As the engine makes it, which is advice: nothing is broken, and the promise does not hold.
TEST_F(MattersTest, TellsThatTheBoundIsOverTheObjective) {
  NotifyFacts facts;
  facts.role = Role::primary;
  facts.state = NodeState::serving;
  BoundFigures figures;
  figures.actor = Actor::tandem;
  figures.expiry = 60min;
  figures.objective = 5min;
  const Condition over = objective_met(figures);
  ASSERT_FALSE(is_well(over));
  facts.conditions["DowntimeObjectiveMet"] = over;
  EXPECT_THAT(at(0, facts), IsEmpty());
  EXPECT_THAT(at(300, facts), ElementsAre("BoundOverObjective Raised"));
}

TEST_F(MattersTest, APrimaryAsksNobodyWhetherToTell) {
  NotifyFacts facts;
  facts.role = Role::primary;
  facts.state = NodeState::serving;
  facts.conditions["DowntimeObjectiveMet"] =
      told_condition("DowntimeObjectiveMet", Truth::no, "too long");
  EXPECT_THAT(at(0, facts), IsEmpty());
  EXPECT_THAT(at(300, facts), ElementsAre("BoundOverObjective Raised"));
}

TEST_F(MattersTest, ANodeThatIsCutOffSaysSoAndWhenItIsNot) {
  EXPECT_THAT(at(0, secondary_facts(NodeState::isolated)), IsEmpty());
  EXPECT_THAT(at(30, secondary_facts(NodeState::isolated)), ElementsAre("Isolated Raised"));
  EXPECT_THAT(at(31, secondary_facts(NodeState::suspect)), IsEmpty());
  EXPECT_THAT(at(500, secondary_facts(NodeState::suspect)), IsEmpty());
  EXPECT_THAT(at(501, secondary_facts(NodeState::standby)), IsEmpty());
  EXPECT_THAT(at(561, secondary_facts(NodeState::standby)), ElementsAre("Isolated Cleared"));
}

TEST_F(MattersTest, ASilentPrimaryIsToldByTheTakeoverAndNotByThePeerLink) {
  auto facts = secondary_facts(NodeState::active);
  facts.conditions["PeerLinkUp"] = told_condition("PeerLinkUp", Truth::no, "silent");
  static_cast<void>(at(0, facts));
  EXPECT_THAT(at(5000, facts), IsEmpty());
  facts.state = NodeState::standby;
  EXPECT_THAT(at(5001, facts), ElementsAre("GivenBack Cleared"));
  EXPECT_THAT(at(5601, facts), ElementsAre("PeerSilent Raised"));
}

TEST_F(MattersTest, WhatNobodyTellsAnyMoreIsForgotten) {
  auto facts = secondary_facts(NodeState::standby);
  facts.conditions["SecondaryFit"] = told_condition("SecondaryFit", Truth::no, "");
  static_cast<void>(at(0, facts));
  EXPECT_THAT(at(120, facts), ElementsAre("SecondaryNotFit Raised"));
  facts.conditions.clear();
  EXPECT_THAT(at(121, facts), IsEmpty());
  EXPECT_THAT(at(800, facts), IsEmpty());
  EXPECT_THAT(told.raised, IsEmpty());
}

// No row names a condition twice, and each has what it needs.
TEST_F(MattersTest, TheTableIsSound) {
  std::set<std::string_view> names;
  for (const MatterRow& row : matter_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.raised.empty() || row.cleared.empty()) << row.name;
    EXPECT_NE(row.severity, Notice::Severity::info) << row.name;
  }
}

}  // namespace
}  // namespace tandem
