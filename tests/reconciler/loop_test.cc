#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class LoopTest : public World {};

TEST_F(LoopTest, ConvergesFromABareNodeOnceOrdered) {
  start_in_force();
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
  EXPECT_TRUE(node.files.contains(kIsPrimary));
  EXPECT_EQ(condition("Converged").status, Truth::yes);
  EXPECT_EQ(condition("Ready").status, Truth::yes) << condition("Ready").message;
}

TEST_F(LoopTest, ChangesNothingBeforeTheFirstOrder) {
  start();
  pass(minutes{2});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_EQ(condition("StructuralChangePending").status, Truth::yes);
  EXPECT_EQ(condition("Converged").status, Truth::no) << "what would change is seen all the same";
}

TEST_F(LoopTest, RepairsAChangedFileAtOnce) {
  start_in_force();
  edit(kHaConf, R"({"node_type": "slave", "remote_address": "192.0.2.11"})");
  pass(milliseconds{50});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
}

TEST_F(LoopTest, RepairsWithinTheHalfMinuteWhatNoEventAnnounced) {
  start_in_force();
  node.files[kHaConf].content = "{}";
  pass(Schedule::kPeriod + seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
}

TEST_F(LoopTest, WritesNothingWhereNothingDrifted) {
  start_in_force();
  node.journal.clear();
  pass(minutes{10});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
}

TEST_F(LoopTest, LooksAtOnceWhenAsked) {
  start_in_force();
  node.files[kHaConf].content = "{}";
  loop->request();
  pass(milliseconds{50});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
}

TEST_F(LoopTest, PollsWhereNothingCanBeWatchedAndSaysSo) {
  node.watch_error = Error{Fault::unavailable, "no inotify watches are left"};
  start_in_force();
  EXPECT_EQ(condition("FilesWatched").status, Truth::no);
  edit(kHaConf, "{}");
  pass(Schedule::kPeriod + seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
  node.watch_error.reset();
  pass(Schedule::kPeriod * 2);
  EXPECT_EQ(condition("FilesWatched").status, Truth::yes) << "watching is tried again";
}

TEST_F(LoopTest, ObservesOnlyWhereTheAddressIsNotOurs) {
  start_in_force();
  surroundings.address = {Verdict::bad, "PeerAddressIsLocal", "this is the other node"};
  node.journal.clear();
  edit(kHaConf, "{}");
  pass(minutes{1});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_EQ(condition("AddressIsOurs").status, Truth::no);
  surroundings.address = {Verdict::good, "AddressFound", ""};
  pass(Schedule::kPeriod * 2);
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
}

TEST_F(LoopTest, DoesNotActBeforeTheWizardPassed) {
  surroundings.wizard_reading = {Verdict::bad, "NotConfigured", "the wizard has not passed"};
  start();
  ASSERT_TRUE(order_structural().ok());
  pass(minutes{1});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  surroundings.wizard_reading = {Verdict::good, "Configured", "passed"};
  pass(minutes{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf) << "it is asked again by itself";
}

// As after a boot: we are up before the vendor's services, and remember that the wizard has passed.
TEST_F(LoopTest, AsksForItsRightsUntilTheyAreKnown) {
  surroundings.rights = {Verdict::unknown, "NotAnswered", "nobody listens there"};
  start_in_force();
  EXPECT_EQ(condition("PermissionsComplete").status, Truth::unknown);
  surroundings.rights = {Verdict::good, "AllHeld", "every right is held"};
  pass(Loop::kWizardRetry * 2);
  EXPECT_EQ(condition("PermissionsComplete").status, Truth::yes);
  EXPECT_EQ(condition("Ready").status, Truth::yes);
}

TEST_F(LoopTest, StopsAfterTheRunningLookAndLeavesEverythingAsItIs) {
  start_in_force();
  node.journal.clear();
  loop->stop();
  pass(milliseconds{10});
  edit(kHaConf, "{}");
  pass(minutes{5});
  EXPECT_EQ(node.journal, std::vector<std::string>{});
  EXPECT_TRUE(loop->stopping());
}

TEST_F(LoopTest, ApplySaysWhatItDid) {
  start_in_force();
  node.watch_error = Error{Fault::unavailable, "off"};
  node.files[kHaConf].content = "{}";
  const auto result = run(io, loop->apply({}));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().converged);
  std::size_t done = 0;
  for (const Report& report : result.value().reports) done += report.done.size();
  EXPECT_GE(done, 1U);
}

TEST_F(LoopTest, ApplyTwiceWritesNothingTheSecondTime) {
  start_in_force();
  node.journal.clear();
  EXPECT_TRUE(run(io, loop->apply({})).value().converged);
  EXPECT_TRUE(run(io, loop->apply({true, false, ""})).value().converged);
  EXPECT_EQ(node.journal, std::vector<std::string>{});
}

TEST_F(LoopTest, ApplyIsNotConvergedWhereOneResourceFails) {
  start_in_force();
  node.change_errors[kHaConf] = Error{Fault::denied, "immutable"};
  edit(kHaConf, "{}");
  const auto result = run(io, loop->apply({}));
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result.value().converged);
}

// Of the other node, say: what is told beside the resources counts as long as it is told.
TEST_F(LoopTest, TellsWhatOthersTellAndForgetsItWithThem) {
  std::vector<Condition> told{{"PeerLinkUp", Truth::no, "Silent", "not heard", true}};
  LoopParts parts{clock, node, disk, specs, surroundings, {&journal}, "pbx-a"};
  parts.tellers = {[&] { return told; }};
  loop = std::make_unique<Loop>(std::move(parts), std::vector<std::unique_ptr<Managed>>());
  spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
  pass(std::chrono::seconds{1});
  EXPECT_EQ(condition("PeerLinkUp").reason, "Silent");
  EXPECT_NE(condition("Ready").message.find("PeerLinkUp"), std::string::npos);
  told[0].status = Truth::yes;
  loop->turn_soon();
  pass(std::chrono::milliseconds{1});
  EXPECT_EQ(condition("PeerLinkUp").status, Truth::yes) << "without waiting for the next period";
  told.clear();
  loop->turn_soon();
  pass(std::chrono::milliseconds{1});
  EXPECT_EQ(condition("PeerLinkUp").type, "");
}

TEST_F(LoopTest, AStructuralChangeStaysPendingWhereItIsVetoed) {
  std::optional<std::string> veto = "the nodes hold different declarations";
  LoopParts parts{clock, node, disk, specs, surroundings, {&journal}, "pbx-a"};
  parts.structural_veto = [&] { return veto; };
  loop = std::make_unique<Loop>(std::move(parts), std::vector<std::unique_ptr<Managed>>());
  spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
  const auto refused = order_structural();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, *veto);
  EXPECT_FALSE(specs.view().accepted);
  veto.reset();
  EXPECT_TRUE(order_structural().ok());
  EXPECT_TRUE(specs.view().accepted);
}

}  // namespace
}  // namespace tandem
