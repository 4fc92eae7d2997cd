#include "reconciler/failover/order_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/event_recorder.h"
#include "reconciler/failover/memory.h"
#include "reconciler/failover/order_words.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_event_store.h"
#include "tests/run.h"
// keep the order
#include "ports/spawn.h"

namespace tandem {
namespace {

using Answer = OrderAnswer::Kind;
using Kind = Order::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

class FakeLink : public PeerLink {
 public:
  bool is_up = true;
  Result<std::string> answer = std::string("as ordered");
  std::vector<Order> forwarded;

  std::function<Task<void>()> meanwhile;  // what the other node does before it answers

  Task<Result<std::string>> forward(Order order) override {
    forwarded.push_back(std::move(order));
    if (meanwhile) co_await meanwhile();
    co_return answer;
  }
  bool up() const override { return is_up; }
};

class OrderDeskTest : public testing::Test {
 protected:
  OrderDeskTest() {
    facts.node = "pbx-b";
    facts.peer = "pbx-a";
    facts.role = Role::secondary;
    facts.state = NodeState::standby;
    facts.verdict = PrimaryVerdict::host_down;
    facts.peer_link = facts.peer_fit = true;
  }

  OrderDesk::Parts parts() {
    OrderDesk::Parts made{clock,
                          [this] { return facts; },
                          [this](Order one) { return carry_out(std::move(one)); },
                          {},
                          &link,
                          {&recorder}};
    made.result_of = [this](const std::string& id) -> std::optional<std::string> {
      if (id == remembered_id) return remembered;
      return std::nullopt;
    };
    return made;
  }

  Task<Result<std::string>> carry_out(Order one) {
    carried_out.push_back(std::move(one));
    if (gate) co_await clock.wait(*gate, Instant::max());
    co_return outcome;
  }

  Order order(Kind kind, const std::string& id = "0123456789abcdef") {
    Order one;
    one.kind = kind;
    one.id = id;
    one.reason = "a test";
    one.by = "root on pbx-b";
    one.at = clock.wall();
    if (has_end(kind)) one.until = clock.wall() + std::chrono::hours{1};
    return one;
  }
  OrderAnswer take(Order one, std::string node = "") {
    return run(io, desk.take(std::move(one), std::move(node)));
  }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::MemoryEventStore events;
  EventRecorder recorder{events, clock, "pbx-b"};
  OrderFacts facts;
  FakeLink link;
  std::vector<Order> carried_out;
  Result<std::string> outcome = std::string("pbx-b takes over");
  std::unique_ptr<Signal> gate;
  std::string remembered_id, remembered = "done before the restart";
  OrderDesk desk{parts()};
};

TEST_F(OrderDeskTest, CarriesOutTheSameOrderOnce) {
  const auto first = take(order(Kind::takeover));
  EXPECT_EQ(first.kind, Answer::accepted);
  facts.state = NodeState::active;
  EXPECT_EQ(take(order(Kind::takeover)), first);
  EXPECT_EQ(carried_out.size(), 1U);
  EXPECT_EQ(take(order(Kind::takeover, "another-id")).kind, Answer::needless);
}

TEST_F(OrderDeskTest, CarriesOutNothingThatWasDoneBeforeARestart) {
  remembered_id = "0123456789abcdef";
  const auto answer = take(order(Kind::takeover));
  EXPECT_TRUE(answer.good());
  EXPECT_EQ(answer.sentence, "done before the restart");
  EXPECT_TRUE(carried_out.empty());
}

TEST_F(OrderDeskTest, TakesNoIdForTwoOrders) {
  ASSERT_TRUE(take(order(Kind::takeover)).good());
  EXPECT_EQ(take(order(Kind::ack)).kind, Answer::refused);
}

TEST_F(OrderDeskTest, CarriesOutOnceWhatComesTwiceAtTheSameTime) {
  gate = clock.make_signal();
  std::optional<OrderAnswer> second;
  const auto again = [](OrderDesk& at, Order one, std::optional<OrderAnswer>& told) -> Task<void> {
    told = co_await at.take(std::move(one), "");
  };
  const auto opened = [](Signal& which, std::optional<OrderAnswer>& told,
                         fakes::FakeClock& time) -> Task<void> {
    auto pause = time.make_signal();
    while (!told) co_await time.wait(*pause, time.now() + std::chrono::seconds{1});
    which.notify();
  };
  spawn(io.get_executor(), again(desk, order(Kind::takeover), second),
        [](const std::string& why) { FAIL() << why; });
  spawn(io.get_executor(), opened(*gate, second, clock),
        [](const std::string& why) { FAIL() << why; });
  const auto answered = take(order(Kind::takeover));
  EXPECT_TRUE(answered.good());
  EXPECT_EQ(carried_out.size(), 1U);
}

TEST_F(OrderDeskTest, SaysWhatTheEngineRefuses) {
  outcome = Error{Fault::invalid, "the wizard has not passed"};
  const auto refused = take(order(Kind::takeover));
  EXPECT_EQ(refused.kind, Answer::refused);
  EXPECT_EQ(refused.sentence, "the wizard has not passed");
}

TEST_F(OrderDeskTest, AFailureThatMayPassCanBeOrderedAgainWithTheSameId) {
  outcome = Error{Fault::unavailable, "no room on the disk"};
  EXPECT_EQ(take(order(Kind::takeover)).kind, Answer::refused);
  outcome = std::string("taken");
  EXPECT_EQ(take(order(Kind::takeover)).kind, Answer::accepted);
}

TEST_F(OrderDeskTest, ForwardsWhatIsForTheOtherNode) {
  const auto answer = take(order(Kind::switchover));
  EXPECT_EQ(answer.kind, Answer::accepted);
  EXPECT_EQ(answer.sentence, "pbx-a: as ordered");
  ASSERT_EQ(link.forwarded.size(), 1U);
  EXPECT_EQ(link.forwarded[0], order(Kind::switchover)) << "with the same id and reason";
  EXPECT_TRUE(carried_out.empty());
}

TEST_F(OrderDeskTest, NamesTheNodeToUseWhereItIsNotHeard) {
  for (const bool there_is_a_link : {true, false}) {
    auto unheard = parts();
    link.is_up = false;
    if (!there_is_a_link) unheard.link = nullptr;
    OrderDesk alone(std::move(unheard));
    const auto answer = run(io, alone.take(order(Kind::switchover), ""));
    EXPECT_EQ(answer.kind, Answer::elsewhere);
    EXPECT_THAT(answer.sentence, HasSubstr("order it on pbx-a"));
  }
  EXPECT_TRUE(link.forwarded.empty());
}

TEST_F(OrderDeskTest, SendsNothingBackThatWasForwarded) {
  const auto answer = run(io, desk.take_forwarded(order(Kind::switchover)));
  EXPECT_EQ(answer.kind, Answer::elsewhere);
  EXPECT_TRUE(run(io, desk.take_forwarded(order(Kind::suspend, "suspend-id"))).good());
  EXPECT_TRUE(link.forwarded.empty());
  EXPECT_EQ(carried_out.size(), 1U);
}

TEST_F(OrderDeskTest, ChecksWhatTheOtherNodeForwards) {
  Order bad = order(Kind::takeover);
  bad.reason = "a\x1b[2Jb";
  EXPECT_EQ(run(io, desk.take_forwarded(bad)).kind, Answer::refused);
  EXPECT_TRUE(carried_out.empty());
}

TEST_F(OrderDeskTest, SuspendsBothNodesAndSaysWhereItCouldNot) {
  EXPECT_THAT(take(order(Kind::suspend)).sentence, HasSubstr("both nodes"));
  EXPECT_EQ(link.forwarded.size(), 1U);
  EXPECT_EQ(carried_out.size(), 1U);
  link.answer = Error{Fault::timed_out, "no answer"};
  const auto half = take(order(Kind::suspend, "suspend-two"));
  EXPECT_TRUE(half.good());
  EXPECT_THAT(half.sentence, HasSubstr("order it there too"));
}

// Who ended the suspension of the other node may never have looked at this one.
TEST_F(OrderDeskTest, AResumeFromElsewhereEndsNoSuspensionOfALoss) {
  facts.suspension = Suspension{std::string(kMemoryLost), clock.wall() + std::chrono::hours{1}};
  const auto answer = run(io, desk.take_forwarded(order(Kind::resume)));
  EXPECT_EQ(answer.kind, Answer::refused);
  EXPECT_THAT(answer.sentence, HasSubstr("look at both nodes first"));
  EXPECT_TRUE(carried_out.empty());
  EXPECT_TRUE(take(order(Kind::resume, "resume-here")).good());
  EXPECT_EQ(carried_out.size(), 1U);
  facts.suspension->reason = "works on the network";
  EXPECT_TRUE(run(io, desk.take_forwarded(order(Kind::resume, "resume-there"))).good());
}

TEST_F(OrderDeskTest, GoesToTheNodeThatAPersonNames) {
  EXPECT_EQ(take(order(Kind::maintenance), "pbx-a").sentence, "pbx-a: as ordered");
  EXPECT_TRUE(carried_out.empty());
  const auto nobody = take(order(Kind::maintenance, "another-id"), "pbx-c");
  EXPECT_EQ(nobody.kind, Answer::refused);
  EXPECT_THAT(nobody.sentence, HasSubstr("pbx-a"));
}

TEST_F(OrderDeskTest, DoesNotHideThatAForwardedOrderMayHaveArrived) {
  link.answer = Error{Fault::timed_out, "no answer within 5 s"};
  const auto answer = take(order(Kind::switchover));
  EXPECT_EQ(answer.kind, Answer::refused);
  EXPECT_THAT(answer.sentence, HasSubstr("may have taken"));
  link.answer = std::string("as ordered");
  EXPECT_TRUE(take(order(Kind::switchover)).good()) << "the same id may be tried again";
}

TEST_F(OrderDeskTest, KeepsAnEventOfEachOrderWithWhoAndWhy) {
  take(order(Kind::takeover));
  link.is_up = false;
  take(order(Kind::switchover, "another-id"));
  ASSERT_EQ(events.kept.size(), 2U);
  EXPECT_EQ(events.kept[0].reason, "OrderAccepted");
  EXPECT_EQ(events.kept[0].object, "order/takeover");
  EXPECT_THAT(events.kept[0].message, HasSubstr("root on pbx-b"));
  EXPECT_THAT(events.kept[0].message, HasSubstr("a test"));
  EXPECT_EQ(events.kept[1].reason, "OrderElsewhere");
  EXPECT_EQ(events.kept[1].type, Event::Type::warning);
}

TEST_F(OrderDeskTest, TellsHowFarAnOrderIs) {
  EXPECT_FALSE(desk.progress("0123456789abcdef"));
  take(order(Kind::takeover));
  EXPECT_EQ(desk.progress("0123456789abcdef")->kind, OrderProgress::Kind::under_way);
  facts.state = NodeState::active;
  EXPECT_EQ(desk.progress("0123456789abcdef")->kind, OrderProgress::Kind::done);
}

TEST_F(OrderDeskTest, TellsThatAnAcceptedOrderCameToNothing) {
  const Order one = order(Kind::takeover);
  ASSERT_TRUE(take(one).good());
  remembered_id = one.id;
  remembered = not_carried_out("suspended");
  const auto told = desk.progress(one.id);
  EXPECT_EQ(told->kind, OrderProgress::Kind::failed);
  EXPECT_EQ(told->sentence, remembered);
  OrderDesk restarted(parts());
  EXPECT_EQ(run(io, restarted.take(one, "")).kind, Answer::refused);
}

TEST_F(OrderDeskTest, KeepsAnEventOfAnOrderThatCameToNothing) {
  recorder.order_lost(order(Kind::takeover), "suspended");
  ASSERT_EQ(events.kept.size(), 1U);
  EXPECT_EQ(events.kept[0].reason, "OrderFailed");
  EXPECT_EQ(events.kept[0].type, Event::Type::warning);
  EXPECT_EQ(events.kept[0].object, "order/takeover");
  EXPECT_THAT(events.kept[0].message, HasSubstr("not carried out: suspended (by root on pbx-b"));
}

// Typed on the secondary, it is forwarded to the primary, which has this node take over before it
// answers.
TEST_F(OrderDeskTest, TakesOverWithinTheSwitchoverThatItForwarded) {
  std::optional<OrderAnswer> inner;
  const auto told = [](OrderDesk& at, Order one, std::optional<OrderAnswer>& answer) -> Task<void> {
    answer = co_await at.take_forwarded(std::move(one));
  };
  link.meanwhile = [&] { return told(desk, takeover_within(link.forwarded.back()), inner); };
  EXPECT_EQ(take(order(Kind::switchover)).kind, Answer::accepted);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->kind, Answer::accepted) << inner->sentence;
  ASSERT_EQ(carried_out.size(), 1U) << "the takeover was begun, not taken for the switchover";
  EXPECT_EQ(carried_out[0].kind, Kind::takeover);
}

TEST_F(OrderDeskTest, NamesTheVendorsScriptWhereNoOperatorCanTakeTheOrder) {
  facts.node = "pbx-a";
  facts.peer = "pbx-b";
  facts.role = Role::primary;
  facts.state = NodeState::serving;
  link.is_up = false;
  EXPECT_THAT(take(order(Kind::takeover)).sentence,
              HasSubstr("on pbx-b: `/usr/sbin/xivo-manage-slave-services start`"));
  EXPECT_THAT(take(order(Kind::failback, "another-id")).sentence,
              HasSubstr("`/usr/sbin/xivo-manage-slave-services stop`"));
}

TEST_F(OrderDeskTest, ForwardsTheEndOfAMaintenanceToTheNodeThatIsInOne) {
  facts.peer_state = NodeState::maintenance;
  EXPECT_EQ(take(order(Kind::end_maintenance)).sentence, "pbx-a: as ordered");
  link.is_up = false;
  facts.peer_state = NodeState::off;
  facts.peer_maintenance = Maintenance{"new memory", clock.wall(), true, true};
  const auto answer = take(order(Kind::end_maintenance, "another-id"));
  EXPECT_EQ(answer.kind, Answer::elsewhere) << "it needs it, and can not be told";
  EXPECT_THAT(answer.sentence, HasSubstr("pbx-a"));
}

TEST_F(OrderDeskTest, ForgetsTheOldest) {
  for (std::size_t i = 0; i < 2 * OrderDesk::kRememberedMax; ++i)
    take(order(Kind::takeover, "order-id-" + std::to_string(i)));
  EXPECT_FALSE(desk.progress("order-id-0"));
  EXPECT_TRUE(desk.progress("order-id-63"));
}

}  // namespace
}  // namespace tandem
