#include "reconciler/spec_keeper.h"

#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

class SpecKeeperTest : public testing::Test {
 protected:
  SpecKeeperTest() { disk_.files[kPairFile] = pair_yaml(); }

  void accept_first() {
    keeper_.look(now_, true);
    ASSERT_TRUE(keeper_.accept_structural("first").ok());
  }
  void edit(const std::string& text) { disk_.files[kPairFile] = text; }
  SpecKeeper::Look look() { return keeper_.look(now_, true); }

  Instant now_{std::chrono::hours{1000}};
  fakes::MemoryFilesystem disk_;
  SpecKeeper keeper_{disk_, kPairFile, "/var/lib/tandem", "pbx-a"};
};

TEST_F(SpecKeeperTest, TheFirstDeclarationWaitsForItsOrder) {
  EXPECT_FALSE(look().accepted);
  EXPECT_FALSE(keeper_.view().accepted.has_value());
  EXPECT_TRUE(keeper_.view().pending.has_value());
  ASSERT_TRUE(keeper_.accept_structural("first").ok());
  EXPECT_TRUE(keeper_.view().accepted.has_value());
  EXPECT_EQ(keeper_.view().generation, 1);
}

TEST_F(SpecKeeperTest, ForgetsAllWhenTheNodeIsGivenBack) {
  disk_.files[SpecKeeper::imported_path("/var/lib/tandem")] = pair_yaml();
  EXPECT_TRUE(look().accepted) << "what import wrote needs no order";
  for (int changes = 0; changes < 4; ++changes) {
    disk_.changes_left = changes;
    const bool forgot = keeper_.forget().ok();
    disk_.changes_left = 1'000'000;
    SpecKeeper next(disk_, kPairFile, "/var/lib/tandem", "pbx-a");
    ASSERT_TRUE(next.load().ok());
    EXPECT_EQ(next.view().accepted.has_value(), changes < 2);
    EXPECT_EQ(forgot, changes >= 2) << changes;  // what the first call removed stays away
  }
  ASSERT_TRUE(keeper_.forget().ok());
  look();
  EXPECT_FALSE(keeper_.view().accepted.has_value());
  EXPECT_TRUE(keeper_.view().pending.has_value()) << "a later start waits for its order";
}

TEST_F(SpecKeeperTest, TakesAGoodEditByItself) {
  accept_first();
  edit(pair_yaml("  sip: { preset: fast }\n"));
  EXPECT_TRUE(look().accepted);
  EXPECT_EQ(keeper_.view().accepted->sip.preset, SipPolicy::Preset::fast);
  EXPECT_EQ(keeper_.view().generation, 2);
}

TEST_F(SpecKeeperTest, KeepsTheLastGoodOneOverABadEdit) {
  accept_first();
  edit(pair_yaml("  sip: { preset: fastest }\n"));
  EXPECT_TRUE(look().refused);
  EXPECT_EQ(keeper_.view().accepted->name, "montreal");
  ASSERT_TRUE(keeper_.view().refused.has_value());
  EXPECT_NE(keeper_.view().refused->message.find("pair.yaml:9:"), std::string::npos)
      << keeper_.view().refused->message;
  EXPECT_FALSE(look().refused) << "told once a version";
}

TEST_F(SpecKeeperTest, TellsAllErrorsInOneLine) {
  accept_first();
  edit(pair_yaml("  sip: { preset: fastest }\n  restart: never\n"));
  EXPECT_TRUE(look().refused);
  const auto told = spec_conditions(keeper_.view(), kPairFile)[0];
  EXPECT_EQ(told.message.find('\n'), std::string::npos) << told.message;
  EXPECT_NE(told.message.find("; /etc/tandem/pair.yaml:10:"), std::string::npos) << told.message;
}

TEST_F(SpecKeeperTest, KeepsTheLastGoodOneWhereTheFileIsGone) {
  accept_first();
  disk_.files.erase(kPairFile);
  EXPECT_TRUE(look().refused);
  EXPECT_TRUE(keeper_.view().accepted.has_value());
}

TEST_F(SpecKeeperTest, StartsOnTheLastGoodOneWhereTheFileIsBad) {
  accept_first();
  edit("not: a pair\n");
  SpecKeeper next(disk_, kPairFile, "/var/lib/tandem", "pbx-a");
  ASSERT_TRUE(next.load().ok());
  EXPECT_TRUE(next.look(now_, true).refused);
  ASSERT_TRUE(next.view().accepted.has_value());
  EXPECT_EQ(next.view().accepted->name, "montreal");
  EXPECT_EQ(next.view().generation, 1);
}

TEST_F(SpecKeeperTest, StructuralEditsWait) {
  accept_first();
  edit(pair_yaml("  enabled: false\n"));
  EXPECT_FALSE(look().accepted);
  EXPECT_TRUE(keeper_.view().accepted->enabled);
  EXPECT_EQ(keeper_.view().structural, std::vector<std::string>{"spec.enabled: true -> false"});
  ASSERT_TRUE(keeper_.accept_structural("closing down").ok());
  EXPECT_FALSE(keeper_.view().accepted->enabled);
}

TEST_F(SpecKeeperTest, TakingBackAStructuralEditEndsTheWaiting) {
  accept_first();
  edit(pair_yaml("  enabled: false\n"));
  look();
  edit(pair_yaml());
  look();
  EXPECT_FALSE(keeper_.view().pending.has_value());
  EXPECT_FALSE(keeper_.accept_structural("too late").ok());
  EXPECT_TRUE(keeper_.view().accepted->enabled);
}

// A file that an editor has half written must not come into force with the defaults of the missing
// half.
TEST_F(SpecKeeperTest, WaitsUntilAnEditHasSettled) {
  accept_first();
  edit(pair_yaml("  sip: { preset: fast }\n"));
  const auto first = keeper_.look(now_, false);
  EXPECT_FALSE(first.accepted);
  ASSERT_TRUE(first.look_again.has_value());
  edit(pair_yaml("  sip: { preset: fast }\n  restart: do\n"));
  EXPECT_FALSE(keeper_.look(*first.look_again, false).accepted) << "it changed meanwhile";
  EXPECT_TRUE(keeper_.look(*first.look_again + SpecKeeper::kSettle, false).accepted);
}

TEST_F(SpecKeeperTest, RefusesAPairWithoutThisNode) {
  SpecKeeper other(disk_, kPairFile, "/var/lib/tandem", "pbx-z");
  EXPECT_TRUE(other.look(now_, true).refused);
  EXPECT_NE(other.view().refused->message.find("pbx-z"), std::string::npos);
}

TEST_F(SpecKeeperTest, PutsADeclarationInForceThatTheDiskCanNotKeepAndSaysSo) {
  accept_first();
  disk_.changes_left = 0;
  edit(pair_yaml("  sip: { preset: fast }\n"));
  EXPECT_TRUE(look().accepted);
  EXPECT_TRUE(keeper_.view().not_kept.has_value());
  disk_.changes_left = 100;
  look();
  EXPECT_FALSE(keeper_.view().not_kept.has_value()) << "kept as soon as the disk takes it";
}

// A restart would undo an order that is not on the disk: with two nodes that makes two masters.
TEST_F(SpecKeeperTest, RefusesAnOrderThatItCanNotKeep) {
  accept_first();
  edit(pair_yaml("  enabled: false\n"));
  look();
  for (const int changes : {0, 1}) {
    disk_.changes_left = changes;
    EXPECT_FALSE(keeper_.accept_structural("closing down").ok());
    EXPECT_TRUE(keeper_.view().accepted->enabled);
    EXPECT_TRUE(keeper_.view().pending.has_value());
    EXPECT_EQ(disk_.files["/var/lib/tandem/accepted-pair.yaml"].content, pair_yaml())
        << "a restart must not carry out what was refused";
  }
  disk_.changes_left = 100;
  EXPECT_TRUE(keeper_.accept_structural("closing down").ok());
}

TEST_F(SpecKeeperTest, KeepsAgainWhatVanishedFromTheStateDirectory) {
  accept_first();
  disk_.files.erase("/var/lib/tandem/accepted-pair.yaml");
  look();
  EXPECT_EQ(disk_.files["/var/lib/tandem/accepted-pair.yaml"].content, pair_yaml());
}

// A secondary that serves would get the vendor's detector beside it.
TEST_F(SpecKeeperTest, ALostRecordHandsNoDutyOver) {
  edit(pair_yaml("  failover: { mode: automatic }\n"));  // and names no owner
  accept_first();
  ASSERT_EQ(keeper_.view().accepted->failover.owner, Owner::tandem);
  for (const char* left : {"", "{", "[]", "(gone)"}) {
    disk_.files["/var/lib/tandem/accepted.json"].content = left;
    if (std::string(left) == "(gone)") disk_.files.erase("/var/lib/tandem/accepted.json");
    SpecKeeper next(disk_, kPairFile, "/var/lib/tandem", "pbx-a");
    ASSERT_TRUE(next.load().ok());
    EXPECT_EQ(next.view().accepted->failover.owner, Owner::tandem) << left;
    next.look(now_, true);
    EXPECT_TRUE(next.view().structural.empty()) << left;
    EXPECT_NE(disk_.files["/var/lib/tandem/accepted.json"].content.find("owners"),
              std::string::npos)
        << left;
  }
}

TEST_F(SpecKeeperTest, TellsThatWhatWasKeptIsDamaged) {
  accept_first();
  disk_.files["/var/lib/tandem/accepted-pair.yaml"] = "x: [";
  SpecKeeper next(disk_, kPairFile, "/var/lib/tandem", "pbx-a");
  EXPECT_FALSE(next.load().ok());
  next.look(now_, true);
  const auto conditions = spec_conditions(next.view(), kPairFile);
  EXPECT_EQ(conditions[1].type, "SpecKept");
  EXPECT_EQ(conditions[1].status, Truth::no);
  EXPECT_EQ(conditions[1].reason, "KeptDamaged");
}

TEST_F(SpecKeeperTest, APreviewChangesNothing) {
  const auto before = disk_.files;
  keeper_.preview();
  EXPECT_TRUE(keeper_.view().pending.has_value());
  EXPECT_EQ(disk_.files, before);
  EXPECT_EQ(disk_.journal, std::vector<std::string>{});
}

TEST_F(SpecKeeperTest, WhatIsKeptIsForTheOwnerAlone) {
  accept_first();
  EXPECT_EQ(disk_.files["/var/lib/tandem/accepted-pair.yaml"].mode, 0600U);
  EXPECT_EQ(disk_.files["/var/lib/tandem/accepted-pair.yaml"].content, pair_yaml());
}

TEST(SpecConditions, TellTheRemedyOfAPendingChange) {
  SpecView view;
  view.pending = HAPair{};
  view.structural = {"the first declaration on this node"};
  const auto conditions = spec_conditions(view, kPairFile);
  EXPECT_EQ(conditions.back().status, Truth::yes);
  EXPECT_NE(conditions.back().message.find("tandem apply --structural --reason"),
            std::string::npos);
}

}  // namespace
}  // namespace tandem
