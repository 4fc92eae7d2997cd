// The loop and the declaration: good, bad and structural edits.
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kCronMaster = "/etc/cron.d/xivo-ha-master";

class LoopSpecTest : public World {};

TEST_F(LoopSpecTest, AGoodEditTakesEffectWithoutARestart) {
  start_in_force();
  edit_pair(pair_yaml("  sip: { preset: fast }\n"));
  pass(seconds{1});
  EXPECT_EQ(loop->goal()->sip_expiry->maximum, minutes{4});
  EXPECT_EQ(journal.acceptances.back(), "an edit of the file");
}

TEST_F(LoopSpecTest, ABadEditChangesNothingAndIsTold) {
  start_in_force();
  node.journal.clear();
  edit_pair(pair_yaml("  replication: { owner: nobody }\n"));
  pass(minutes{2});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_EQ(condition("SpecAccepted").status, Truth::no);
  EXPECT_NE(condition("SpecAccepted").message.find("pair.yaml:9:"), std::string::npos);
  EXPECT_EQ(journal.rejections.size(), 1U);

  edit(kHaConf, "{}");
  pass(seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf) << "the last good one is still kept up";
}

TEST_F(LoopSpecTest, AStructuralEditWaitsForItsOrder) {
  start_in_force();
  node.journal.clear();
  edit_pair(pair_yaml("  enabled: false\n"));
  pass(minutes{2});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_EQ(condition("StructuralChangePending").status, Truth::yes);

  const auto plain = run(io, loop->apply({}));
  EXPECT_FALSE(plain.value().converged) << "an apply without the flag does not take it";
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);

  const auto ordered = order_structural();
  EXPECT_TRUE(ordered.value().converged);
  EXPECT_EQ(node.files[kHaConf].content, R"({"node_type": "disabled", "remote_address": ""})");
  EXPECT_FALSE(node.files.contains(kIsPrimary));
  EXPECT_FALSE(node.files.contains(kCronMaster));
}

// What acts by itself goes first, the mark of completion last.
TEST_F(LoopSpecTest, SwitchingOffGoesInTheDeclaredOrder) {
  start_in_force();
  node.journal.clear();
  edit_pair(pair_yaml("  enabled: false\n"));
  ASSERT_TRUE(order_structural().ok());
  const std::vector<std::string> expected{std::string("remove ") + kCronMaster,
                                          std::string("replace ") + kHaConf,
                                          std::string("remove ") + kIsPrimary};
  EXPECT_EQ(node.journal, expected);
}

// The declaration was observed while it waited: its order must start a pass of its own all the
// same.
TEST_F(LoopSpecTest, TheFirstSetUpGoesInTheOrderOfItsRole) {
  start();
  pass(minutes{1});
  ASSERT_TRUE(order_structural().ok());
  const std::vector<std::string> expected{std::string("replace ") + kIsPrimary,
                                          std::string("replace ") + kHaConf,
                                          std::string("replace ") + kCronMaster};
  EXPECT_EQ(node.journal, expected);
}

TEST_F(LoopSpecTest, TheEndOfASuspensionGoesInTheOrderOfItsRole) {
  start_in_force();
  edit_pair(pair_yaml("  suspend: { reason: upgrade, until: 2023-11-14T23:00:00Z }\n"));
  pass(seconds{1});
  for (const char* path : {kIsPrimary, kCronMaster, kHaConf}) node.files.erase(path);
  node.journal.clear();
  pass(std::chrono::hours{1});
  const std::vector<std::string> expected{std::string("replace ") + kIsPrimary,
                                          std::string("replace ") + kHaConf,
                                          std::string("replace ") + kCronMaster};
  EXPECT_EQ(node.journal, expected);
}

TEST_F(LoopSpecTest, ADeclarationThatWaitsForItsFirstOrderProtectsNobody) {
  start();
  pass(seconds{1});
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::unknown);
  EXPECT_EQ(condition("NobodyFailsOver").reason, "NothingInForce");
  ASSERT_TRUE(order_structural().ok());
  pass(seconds{1});
  EXPECT_EQ(condition("NobodyFailsOver").reason, "VendorFailsOver");
}

// A declaration that takes a duty from the vendor, and gives it to nobody, must not look healthy.
TEST_F(LoopSpecTest, SaysWhereNobodyFailsOver) {
  start_in_force();
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::no);
  edit_pair(
      pair_yaml("  failover: { owner: tandem, mode: advise }\n  replication: { owner: tandem }\n"));
  pass(minutes{1});
  EXPECT_TRUE(node.files.contains(kCronMaster)) << "a duty was taken from the vendor by an edit";
  EXPECT_EQ(condition("StructuralChangePending").status, Truth::yes);
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::no);

  ASSERT_TRUE(order_structural().ok());
  pass(seconds{1});
  EXPECT_FALSE(node.files.contains(kCronMaster));
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::yes);
  EXPECT_EQ(condition("Ready").status, Truth::no);

  // Back at once, without an order.
  edit_pair(pair_yaml());
  pass(seconds{1});
  EXPECT_TRUE(node.files.contains(kCronMaster));
  EXPECT_EQ(condition("NobodyFailsOver").status, Truth::no);
}

TEST_F(LoopSpecTest, ANodeWithoutAnyDeclarationWaitsQuietly) {
  disk.files.erase(kPairFile);
  start();
  pass(minutes{10});
  EXPECT_EQ(condition("SpecAccepted").status, Truth::no);
  EXPECT_FALSE(loop->goal().has_value());
  edit_pair(pair_yaml());
  pass(seconds{1});
  EXPECT_EQ(condition("StructuralChangePending").status, Truth::yes);
}

TEST_F(LoopSpecTest, BecomingTheSecondarySwapsEveryFile) {
  start_in_force();
  std::string swapped = pair_yaml();
  swapped.replace(swapped.find("primary:   { name: pbx-a, address: 192.0.2.10 }"), 47,
                  "primary:   { name: pbx-b, address: 192.0.2.11 }");
  swapped.replace(swapped.find("secondary: { name: pbx-b, address: 192.0.2.11 }"), 47,
                  "secondary: { name: pbx-a, address: 192.0.2.10 }");
  edit_pair(swapped);
  EXPECT_TRUE(order_structural().value().converged);
  EXPECT_EQ(node.files[kHaConf].content,
            R"({"node_type": "slave", "remote_address": "192.0.2.11"})");
  EXPECT_TRUE(node.files.contains("/var/lib/wazo/is-secondary"));
  EXPECT_FALSE(node.files.contains(kIsPrimary));
  EXPECT_TRUE(node.files.contains("/etc/cron.d/xivo-ha-slave"));
}

TEST_F(LoopSpecTest, AStartOnTheLastGoodDeclarationKeepsTheNodeUp) {
  start_in_force();
  loop->stop();
  pass(milliseconds{10});
  edit_pair("not a declaration\n");
  node.files.erase(kHaConf);

  SpecKeeper after(disk, kPairFile, "/var/lib/tandem", "pbx-a");
  ASSERT_TRUE(after.load().ok());
  std::vector<std::unique_ptr<Managed>> resources;
  resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
  Loop next({clock, node, disk, after, surroundings, {&journal}, "pbx-a"}, std::move(resources));
  spawn(io.get_executor(), next.run(), [](const std::string& why) { FAIL() << why; });
  pass(seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
  EXPECT_EQ(next.board().condition("SpecAccepted")->condition.status, Truth::no);
  next.stop();
  pass(milliseconds{10});
}

TEST_F(LoopSpecTest, ASuspensionObservesAndReports) {
  start_in_force();
  edit_pair(pair_yaml("  suspend: { reason: upgrade, until: 2023-11-14T23:00:00Z }\n"));
  pass(seconds{1});
  node.journal.clear();
  edit(kHaConf, "{}");
  pass(seconds{40});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_EQ(condition("Suspended").status, Truth::yes);
  EXPECT_EQ(condition("Converged").status, Truth::no);
  pass(std::chrono::hours{1});
  EXPECT_EQ(condition("Suspended").status, Truth::no);
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf) << "it ends by itself";
}

}  // namespace
}  // namespace tandem
