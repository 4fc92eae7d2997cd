#include "reconciler/failover/peer_conditions.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

const std::string kOne(64, '1'), kTwo(64, '2'), kThree(64, '3');

class PeerConditionsTest : public testing::Test {
 protected:
  PeerConditionsTest() {
    facts.set_up = true;
    facts.node = "pbx-a";
    facts.peer = "pbx-b";
    facts.role = Role::primary;
    facts.state = NodeState::serving;
    facts.spec_sha256 = facts.wanted_sha256 = kOne;
    facts.spec_since = WallTime{std::chrono::seconds{1000}};
    facts.sample.heard = Heard::answers;
    facts.sample.reason = "its operator answers";
    facts.word.emplace();
    facts.word->role = Role::secondary;
    facts.word->state = NodeState::standby;
    facts.word->spec_sha256 = facts.word->wanted_sha256 = kOne;
    facts.word->spec_since = WallTime{std::chrono::seconds{2000}};
  }
  Condition find(const std::string& type) const {
    for (const auto& condition : peer_conditions(facts))
      if (condition.type == type) return condition;
    ADD_FAILURE() << type;
    return {};
  }
  void silence() {
    facts.sample.heard = Heard::silent;
    facts.sample.reason = "nobody listens there";
    facts.word.reset();
  }

  PeerFacts facts;
};

TEST_F(PeerConditionsTest, AllIsWellWhereTheNodesAgree) {
  for (const auto& condition : peer_conditions(facts))
    EXPECT_TRUE(is_well(condition)) << condition.type << ": " << condition.message;
}

TEST_F(PeerConditionsTest, WithoutALinkItSaysWhatIsWeakerAndSpoilsNothing) {
  facts = PeerFacts{};
  const auto link = find("PeerLinkUp");
  EXPECT_EQ(link.reason, "NotSetUp");
  EXPECT_NE(link.message.find("confirmServiceDown"), std::string::npos);
  EXPECT_NE(link.message.find("tandem pki init"), std::string::npos);
  for (const auto& condition : peer_conditions(facts))
    EXPECT_TRUE(condition.advisory) << condition.type;
}

TEST_F(PeerConditionsTest, NamesThePortThatIsAsked) {
  facts.port = "9901";
  silence();
  EXPECT_NE(find("PeerLinkUp").message.find("TCP port 9901"), std::string::npos);
}

TEST_F(PeerConditionsTest, ASilentOtherIsNotWellAndAStrangerIsNoEvidence) {
  silence();
  EXPECT_EQ(find("PeerLinkUp").status, Truth::no);
  EXPECT_NE(find("PeerLinkUp").message.find("nobody listens there"), std::string::npos);
  EXPECT_EQ(find("SpecInSync").status, Truth::unknown);
  EXPECT_EQ(find("RoleConflict").status, Truth::unknown);
  facts.sample.heard = Heard::unknown;
  facts.sample.reason = "it is not of this pair";
  EXPECT_EQ(find("PeerLinkUp").status, Truth::unknown);
  EXPECT_EQ(find("PeerLinkUp").reason, "NotTheOtherNode");
}

TEST_F(PeerConditionsTest, DifferentSpecsAreNamedWithTheOlder) {
  facts.word->spec_sha256 = facts.word->wanted_sha256 = kTwo;
  const auto differ = find("SpecInSync");
  EXPECT_EQ(differ.status, Truth::no);
  EXPECT_NE(differ.message.find(kOne.substr(0, 12)), std::string::npos);
  EXPECT_NE(differ.message.find(kTwo.substr(0, 12)), std::string::npos);
  EXPECT_NE(differ.message.find("pbx-a has the older"), std::string::npos) << differ.message;
  facts.word->spec_since = WallTime{std::chrono::seconds{10}};
  EXPECT_NE(find("SpecInSync").message.find("pbx-b has the older"), std::string::npos);
  facts.word->spec_since = WallTime{};
  EXPECT_NE(find("SpecInSync").message.find("can not be told"), std::string::npos);
}

TEST_F(PeerConditionsTest, ItSaysWhatMakesTheSpecsAgree) {
  facts.word->spec_sha256 = kTwo;
  EXPECT_NE(find("SpecInSync").message.find("pbx-b asks for the same"), std::string::npos);
  facts.word->wanted_sha256 = kTwo;
  EXPECT_NE(find("SpecInSync").message.find("copy pair.yaml"), std::string::npos);
  facts.wanted_sha256 = kTwo;
  EXPECT_NE(find("SpecInSync").message.find("pbx-a asks for the same"), std::string::npos);
  facts.wanted_sha256 = kOne;
  facts.distribution = HAPair::Distribution::from_primary;
  EXPECT_NE(find("SpecInSync").message.find("fromPrimary"), std::string::npos);
}

TEST_F(PeerConditionsTest, OneRoleTwiceIsAConflict) {
  facts.word->role = Role::primary;
  EXPECT_EQ(find("RoleConflict").reason, "BothPrimary");
  facts.role = facts.word->role = Role::secondary;
  EXPECT_EQ(find("RoleConflict").reason, "BothSecondary");
  facts.role = facts.word->role = Role::off;
  EXPECT_EQ(find("RoleConflict").status, Truth::no) << "high availability is off on both";
}

// In a failback's hold both serve by design; a node that somebody started is another matter.
TEST_F(PeerConditionsTest, BothServingIsAConflictOnlyWhereNobodyMeantIt) {
  facts.word->state = NodeState::failback_hold;
  EXPECT_EQ(find("RoleConflict").status, Truth::no);
  EXPECT_NE(find("RoleConflict").message.find("both serve"), std::string::npos);
  facts.word->state = NodeState::active;
  facts.word->cause = TakeoverCause::by_hand;
  EXPECT_EQ(find("RoleConflict").reason, "BothServe");
  EXPECT_NE(find("RoleConflict").message.find("on pbx-b run: tandem failback"), std::string::npos);
  facts.state = NodeState::maintenance;
  EXPECT_EQ(find("RoleConflict").status, Truth::no);
}

TEST_F(PeerConditionsTest, AStructuralChangeNeedsTheSameFileOnBoth) {
  facts.wanted_sha256 = kTwo;
  ASSERT_TRUE(structural_refusal(facts));
  EXPECT_NE(structural_refusal(facts)->find("copy pair.yaml to pbx-b"), std::string::npos);
  facts.word->wanted_sha256 = kTwo;
  EXPECT_EQ(structural_refusal(facts), std::nullopt) << "it waits for its order there";
  facts.word->wanted_sha256 = facts.word->spec_sha256 = kTwo;
  EXPECT_EQ(structural_refusal(facts), std::nullopt) << "it is in force there";
  facts.word->wanted_sha256 = facts.word->spec_sha256 = kThree;
  EXPECT_TRUE(structural_refusal(facts));
}

TEST_F(PeerConditionsTest, AStructuralChangeWaitsForNobodyWhoIsNotHeard) {
  facts.wanted_sha256 = kTwo;
  silence();
  EXPECT_EQ(structural_refusal(facts), std::nullopt);
}

TEST_F(PeerConditionsTest, FromPrimaryThePrimaryGoesFirstAndNobodyElse) {
  facts.wanted_sha256 = kTwo;
  facts.distribution = HAPair::Distribution::from_primary;
  EXPECT_EQ(structural_refusal(facts), std::nullopt);
  facts.role = Role::secondary;
  facts.word->role = Role::primary;
  EXPECT_TRUE(structural_refusal(facts));
}

}  // namespace
}  // namespace tandem
