// The loop and systemd's signals.
#include "tests/fakes/fake_units.h"
#include "tests/reconciler/world.h"

namespace tandem {

// Looks at one unit, and can change it where the stance says so.
class UnitResource {
 public:
  static constexpr std::string_view name = "services";
  static constexpr bool follows_stance = true;
  using Desired = int;
  using Observed = int;
  struct Step {
    int number = 0;
  };
  struct Script {
    int looks = 0;
    int repairs = 0;
    int drift = 0;
    std::set<std::string> units{"asterisk.service"};
  };
  static Script& script() {
    static Script one;
    return one;
  }

  static std::set<std::string> watched(const Goal&) { return {}; }
  static std::set<std::string> watched_units(const Goal&) { return script().units; }
  static Desired desired(const Goal&) { return 0; }
  Task<Result<Observed>> observe(const Goal&) {
    ++script().looks;
    co_return script().drift;
  }
  static std::vector<Step> diff(const Desired&, const Observed& seen) {
    return seen == 0 ? std::vector<Step>{} : std::vector<Step>{Step{seen}};
  }
  Task<Status> apply(const Step&) {
    ++script().repairs;
    co_return success();
  }
};

std::vector<Change> describe(const UnitResource::Step&) {
  return {{"telephony", "stopped", "serving", "calls", "a test", Reach::telephony}};
}

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class LoopUnitsTest : public World {
 protected:
  LoopUnitsTest() {
    UnitResource::script() = {};
    units.units["asterisk.service"] = fakes::running_unit();
  }

  void start_units() {
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<UnitResource>>());
    loop = std::make_unique<Loop>(
        LoopParts{clock, node, disk, specs, surroundings, {&journal}, "pbx-a", &units},
        std::move(resources));
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
    ASSERT_TRUE(order_structural().ok());
    pass(seconds{1});
  }

  int looks() const { return UnitResource::script().looks; }

  fakes::FakeUnits units;
};

TEST_F(LoopUnitsTest, LooksAtOnceWhenAUnitChanges) {
  start_units();
  const int before = looks();
  units.set("asterisk.service", fakes::failed_unit("signal"));
  pass(milliseconds{20});
  EXPECT_EQ(looks(), before + 1);
}

TEST_F(LoopUnitsTest, IgnoresUnitsThatNobodyWatches) {
  start_units();
  const int before = looks();
  units.set("cron.service", fakes::failed_unit());
  pass(seconds{1});
  EXPECT_EQ(looks(), before);
}

TEST_F(LoopUnitsTest, AStormOfSignalsCostsFewLooks) {
  start_units();
  const int before = looks();
  for (int i = 0; i < 1'000; ++i) {
    units.touched("asterisk.service");
    pass(milliseconds{1});
  }
  EXPECT_LE(looks() - before, 7) << "one in " << Loop::kUnitsGap.count() << " ms";
  EXPECT_GE(looks() - before, 2);
}

TEST_F(LoopUnitsTest, LooksAgainWhenTheBusIsBack) {
  start_units();
  units.lose_bus();
  units.set("asterisk.service", fakes::failed_unit());
  pass(seconds{1});
  const int before = looks();
  units.find_bus();
  pass(milliseconds{250});
  EXPECT_EQ(looks(), before + 1);
}

TEST_F(LoopUnitsTest, WatchesOtherUnitsOnceTheGoalHasOthers) {
  start_units();
  UnitResource::script().units = {"freeswitch.service"};
  loop->request();
  pass(seconds{1});
  EXPECT_EQ(units.watches_open(), 1U);
  const int before = looks();
  units.set("asterisk.service", fakes::failed_unit());
  pass(seconds{1});
  EXPECT_EQ(looks(), before);
  units.set("freeswitch.service", fakes::running_unit());
  pass(milliseconds{250});
  EXPECT_EQ(looks(), before + 1);
}

TEST_F(LoopUnitsTest, EndsTheWatchWhenItStops) {
  start_units();
  loop->stop();
  pass(seconds{1});
  EXPECT_EQ(units.watches_open(), 0U);
}

// Where nothing is decided the resource has no steps; here it has one, and only the gate holds it.
// `apply --now` makes no difference in either direction: what it may do follows from the stance.
TEST_F(LoopUnitsTest, AnOrderAddsNothingToWhatTheStanceAllows) {
  start_units();
  surroundings.wizard_reading = {Verdict::bad, "WizardNotPassed", "not passed"};
  pass(minutes{6});
  UnitResource::script().drift = 1;
  UnitResource::script().repairs = 0;
  EXPECT_FALSE(run(io, loop->apply({true, false, ""})).value().converged);
  EXPECT_EQ(UnitResource::script().repairs, 0);
}

}  // namespace
}  // namespace tandem
