// What the loop is told from outside: a suspension by order, and further conditions.
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

class LoopOrderTest : public World {
 protected:
  void start_with_hooks() {
    LoopParts parts{clock, node, disk, specs, surroundings, {&journal}, "pbx-a"};
    parts.suspension_by_order = [this] { return ordered; };
    parts.tellers.push_back([this] { return std::vector<Condition>{told}; });
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    loop = std::make_unique<Loop>(std::move(parts), std::move(resources));
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
    ASSERT_TRUE(order_structural().ok());
    pass(std::chrono::seconds{1});
  }

  std::optional<Suspension> ordered;
  Condition told{"EventsKept", Truth::yes, "Kept", "kept", true};
};

TEST_F(LoopOrderTest, RepairsNothingWhileAnOrderSuspendsIt) {
  start_with_hooks();
  ASSERT_EQ(node.files[kHaConf].content, kMasterConf);
  ordered = Suspension{"works", clock.wall() + std::chrono::hours{1}};
  loop->request();
  pass(std::chrono::seconds{1});
  edit(kHaConf, "broken");
  pass(std::chrono::minutes{2});
  EXPECT_EQ(node.files[kHaConf].content, "broken");
  EXPECT_EQ(condition("Suspended").reason, "OrderedSuspended");
  ordered.reset();
  loop->request();
  pass(std::chrono::minutes{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
  EXPECT_EQ(condition("Suspended").reason, "NotSuspended");
}

TEST_F(LoopOrderTest, ShowsWhatOthersTellAndCountsItForReady) {
  start_with_hooks();
  EXPECT_EQ(condition("EventsKept").status, Truth::yes);
  told.status = Truth::no;
  told.reason = "NotWritten";
  loop->request();
  pass(std::chrono::seconds{1});
  EXPECT_EQ(condition("EventsKept").status, Truth::no);
  EXPECT_NE(condition("Ready").message.find("EventsKept"), std::string::npos);
}

}  // namespace
}  // namespace tandem
