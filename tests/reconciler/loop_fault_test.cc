// The loop when things fail, or fight back.
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LoopFaultTest : public World {
 protected:
  void start_scripted() {
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<ScriptedResource>>(state));
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    start(std::move(resources));
    ASSERT_TRUE(order_structural().ok());
  }

  FakeState state;
};

TEST_F(LoopFaultTest, AFailingResourceNeverStopsTheOthers) {
  state.observe_error = Error{Fault::timed_out, "confd does not answer"};
  start_scripted();
  pass(seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
  edit(kHaConf, "{}");
  pass(seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
}

TEST_F(LoopFaultTest, RetriesLessAndLessOften) {
  state.observe_error = Error{Fault::timed_out, "confd does not answer"};
  start_scripted();
  pass(minutes{1});
  const int first_minute = state.looks;
  EXPECT_GE(first_minute, 5);
  EXPECT_LE(first_minute, 10);
  pass(minutes{30});
  EXPECT_LE(state.looks - first_minute, 12);
}

TEST_F(LoopFaultTest, RecoversByItselfWhenTheServiceIsBack) {
  state.observe_error = Error{Fault::timed_out, "confd does not answer"};
  start_scripted();
  pass(minutes{30});
  state.observe_error.reset();
  pass(Backoff::kLast + seconds{1});
  EXPECT_EQ(state.value, state.wanted);
}

TEST_F(LoopFaultTest, WaitsWithWhatReachesTooFarAndDoesItWhenOrdered) {
  state.reach = Reach::restart;
  start_scripted();
  pass(minutes{5});
  EXPECT_EQ(state.value, 0);
  EXPECT_FALSE(run(io, loop->apply({})).value().converged);
  EXPECT_EQ(state.value, 0);
  EXPECT_TRUE(run(io, loop->apply({true, false, ""})).value().converged);
  EXPECT_EQ(state.value, 1);
}

TEST_F(LoopFaultTest, AFightIsSeenToldAndDampened) {
  start_scripted();
  int undone = 0;
  for (int second = 0; second < 600; ++second) {
    if (state.value == state.wanted) {
      state.value = -7;
      ++undone;
      node.touched("/scripted");
    }
    pass(seconds{1});
  }
  EXPECT_GE(undone, 6);
  EXPECT_LE(undone, 17) << "from the sixth on one repair a minute";
  EXPECT_EQ(condition("Contested").status, Truth::yes);
  EXPECT_NE(condition("Contested").message.find("scripted"), std::string::npos);
  EXPECT_NE(condition("Contested").message.find("-7"), std::string::npos) << "what was found";

  pass(minutes{12});
  EXPECT_EQ(state.value, state.wanted);
  EXPECT_EQ(condition("Contested").status, Truth::no) << "a fight that ended is forgotten";
}

TEST_F(LoopFaultTest, AStormOfEventsCostsFewLooks) {
  start_scripted();
  pass(seconds{1});
  const int before = state.looks;
  for (int i = 0; i < 20'000; ++i) node.touched("/scripted");
  pass(seconds{1});
  EXPECT_LE(state.looks - before, 3);
}

TEST_F(LoopFaultTest, ARepairThatDoesNotHoldIsAFailureAndIsRetried) {
  state.forgets = true;
  start_scripted();
  pass(seconds{10});
  EXPECT_EQ(condition("Converged").status, Truth::no);
  EXPECT_NE(condition("Converged").message.find("scripted (Failed)"), std::string::npos);
}

}  // namespace
}  // namespace tandem
