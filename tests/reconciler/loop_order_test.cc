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

// Takes its time, as an answer of the other node does.
class Slow : public Managed {
 public:
  Slow(Clock& clock, bool afar, std::string_view name = "slow")
      : clock_(clock), afar_(afar), name_(name) {}
  std::string_view name() const override { return name_; }
  std::set<std::string> watched(const Goal&) const override { return {}; }
  std::set<std::string> watched_units(const Goal&) const override { return {}; }
  bool follows_stance() const override { return false; }
  bool looks_afar() const override { return afar_; }
  std::optional<Instant> began;  // to look

  Task<Report> reconcile(const Goal&, Permission, Turn) override {
    if (!began) began = clock_.now();
    auto signal = clock_.make_signal();
    co_await clock_.wait(*signal, clock_.now() + std::chrono::seconds{10});
    Report report;
    report.resource = name_;
    report.outcome = Outcome::in_sync;
    co_return report;
  }

 private:
  Clock& clock_;
  bool afar_;
  std::string_view name_;
};

TEST_F(LoopOrderTest, IsReadyBeforeWhatLooksAfarHasItsAnswer) {
  for (const bool afar : {false, true}) {
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    resources.push_back(std::make_unique<Slow>(clock, afar));
    start(std::move(resources));
    pass(std::chrono::seconds{1});
    EXPECT_EQ(loop->passed_once(), afar);
    pass(std::chrono::seconds{10});
    EXPECT_TRUE(loop->passed_once());
    loop->stop();
    pass(std::chrono::seconds{11});
  }
}

// Changes telephony at once, when it is its turn.
class Telephony : public Managed {
 public:
  explicit Telephony(Clock& clock) : clock_(clock) {}
  std::optional<Instant> acted;
  std::chrono::seconds looks_for{0};

  std::string_view name() const override { return "services"; }
  std::set<std::string> watched(const Goal&) const override { return {}; }
  std::set<std::string> watched_units(const Goal&) const override { return {}; }
  bool follows_stance() const override { return true; }
  bool looks_afar() const override { return false; }
  Task<Report> reconcile(const Goal&, Permission, Turn turn) override {
    auto signal = clock_.make_signal();
    co_await clock_.wait(*signal, clock_.now() + looks_for);
    const auto other = co_await turn.await();
    if (!acted && (!other || other->act)) acted = clock_.now();
    Report report;
    report.resource = "services";
    report.outcome = Outcome::repaired;
    co_return report;
  }

 private:
  Clock& clock_;
};

// An operator that starts anew after its takeover does not leave the phones without a server until
// what comes before in the role's order has answered.
TEST_F(LoopOrderTest, LetsTheTelephonyOfATakeoverWaitForNobody) {
  for (const Stance stance : {Stance::serving, Stance::standing_by}) {
    LoopParts parts{clock, node, disk, specs, surroundings, {&journal}, "pbx-b"};
    parts.shape = [stance](Goal& goal) { goal.stance = stance; };
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<Slow>(clock, true, "postgres-access"));
    auto services = std::make_unique<Telephony>(clock);
    const Telephony& telephony = *services;
    resources.push_back(std::move(services));
    loop = std::make_unique<Loop>(std::move(parts), std::move(resources));
    const Instant began = clock.now();
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
    ASSERT_TRUE(order_structural().ok());
    pass(std::chrono::seconds{30});
    ASSERT_TRUE(telephony.acted.has_value());
    if (stance == Stance::serving)
      EXPECT_LT(*telephony.acted, began + Loop::kNearFirst);
    else
      EXPECT_GE(*telephony.acted, began + std::chrono::seconds{10});
    loop->stop();
    pass(std::chrono::seconds{11});
  }
}

// A look that waits for a slow service, and an order to suspend or an upgrade in the meantime.
TEST_F(LoopOrderTest, HoldsBackWhatItFoundBeforeItsHandsWereTied) {
  for (const bool by_order : {true, false}) {
    std::optional<Suspension> suspension;
    LoopParts parts{clock, node, disk, specs, surroundings, {&journal}, "pbx-a"};
    parts.suspension_by_order = [&suspension] { return suspension; };
    std::vector<std::unique_ptr<Managed>> resources;
    auto services = std::make_unique<Telephony>(clock);
    Telephony& slow = *services;
    resources.push_back(std::move(services));
    loop = std::make_unique<Loop>(std::move(parts), std::move(resources));
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
    ASSERT_TRUE(order_structural().ok());
    pass(std::chrono::seconds{1});
    slow.acted.reset();
    slow.looks_for = std::chrono::seconds{5};
    loop->request();
    pass(std::chrono::seconds{1});
    if (by_order)
      suspension = Suspension{"works", clock.wall() + std::chrono::hours{1}};
    else
      surroundings.signs.packages_locked = true;
    loop->turn_soon();
    pass(std::chrono::seconds{10});
    EXPECT_FALSE(slow.acted.has_value()) << by_order;
    surroundings.signs.packages_locked = false;
    loop->stop();
    pass(std::chrono::seconds{11});
  }
}

// So that a start is not slowed down by what starts programs.
TEST_F(LoopOrderTest, BeginsToLookAfarWhenTheOthersHaveLookedOrASecondIsOver) {
  for (const bool answers_soon : {true, false}) {
    std::vector<std::unique_ptr<Managed>> resources;
    auto afar = std::make_unique<Slow>(clock, true);
    const Slow& asked = *afar;
    resources.push_back(std::move(afar));
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    if (!answers_soon) resources.push_back(std::make_unique<Slow>(clock, false));
    const Instant began = clock.now();
    start(std::move(resources));
    pass(std::chrono::seconds{2});
    ASSERT_TRUE(asked.began.has_value());
    if (answers_soon)
      EXPECT_LT(*asked.began, began + Loop::kNearFirst);
    else
      EXPECT_EQ(*asked.began, began + Loop::kNearFirst);
    loop->stop();
    pass(std::chrono::seconds{11});
  }
}

// It looks at once, and acts when the one before it has been through.
TEST_F(LoopOrderTest, ActsInTheOrderOfTheRole) {
  node.files[kHaConf].content = "broken";
  std::vector<std::unique_ptr<Managed>> resources;
  resources.push_back(std::make_unique<ManagedAs<Sentinels>>(node));
  resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
  start(std::move(resources));
  ASSERT_TRUE(order_structural().ok());
  pass(std::chrono::seconds{1});
  EXPECT_EQ(node.files[kHaConf].content, kMasterConf);
  const auto at = [&](const std::string& path) {
    const auto found =
        std::find_if(node.journal.begin(), node.journal.end(),
                     [&](const auto& line) { return line.find(path) != std::string::npos; });
    return found - node.journal.begin();
  };
  EXPECT_LT(at(kIsPrimary), at(kHaConf)) << "sentinels go first on a primary";
  EXPECT_LT(at(kHaConf), static_cast<std::ptrdiff_t>(node.journal.size()));
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
