#include "reconciler/failover/orders.h"

#include <gtest/gtest.h>

#include "reconciler/failover/memory.h"
#include "tests/reconciler/order_samples.h"

namespace tandem {
namespace {

using Kind = Order::Kind;
using Answer = OrderAnswer::Kind;
using enum NodeState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Kind kKinds[] = {Kind::takeover, Kind::failback,       Kind::switchover,
                           Kind::suspend,  Kind::resume,         Kind::maintenance,
                           Kind::ack,      Kind::end_maintenance};

TEST(OrderForm, TakesWhatAPersonMeans) {
  for (const Kind kind : kKinds) EXPECT_TRUE(well_formed(order(kind), kNow).ok());
  Order french = order(Kind::takeover);
  french.reason = "panne \u00e9lectrique \u2014 salle 2";
  EXPECT_TRUE(well_formed(french, kNow).ok());
}

TEST(OrderForm, WantsAReasonOfOneReadableLine) {
  for (const std::string& reason :
       {std::string(), std::string("   "), std::string("a\nb"), std::string("a\x1b[2J"),
        std::string("a\xff"), std::string("a\0b", 3), std::string("\xc2\x9b"),
        std::string("a\u202eb"), std::string("a\u2028b"), std::string("a\u2066b"),
        std::string(kReasonCharactersMax + 1, 'x')}) {
    Order one = order(Kind::takeover);
    one.reason = reason;
    const Status status = well_formed(one, kNow);
    ASSERT_FALSE(status.ok()) << reason;
    EXPECT_NE(status.error().message.find("reason"), std::string::npos);
    one.reason = "a test";
    one.by = reason + "x";
    if (reason.find_first_not_of(" x") != std::string::npos) {
      EXPECT_FALSE(well_formed(one, kNow).ok()) << reason;
    }
  }
  Order longest = order(Kind::takeover);
  longest.reason.clear();
  for (std::size_t i = 0; i < kReasonCharactersMax; ++i) longest.reason += "\u00e9";
  EXPECT_TRUE(well_formed(longest, kNow).ok()) << "characters are counted, not bytes";
}

TEST(OrderForm, WantsAnEndWithinAWeekExactlyWhereThereIsOne) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(order_name(kind));
    Order one = order(kind);
    one.until = kNow + kOrderLastsMax;
    EXPECT_EQ(well_formed(one, kNow).ok(), has_end(kind));
    one.until = kNow + kOrderLastsMax + seconds{1};
    EXPECT_FALSE(well_formed(one, kNow).ok());
    one.until = kNow;
    EXPECT_FALSE(well_formed(one, kNow).ok());
    one.until = WallTime{};
    EXPECT_EQ(well_formed(one, kNow).ok(), !has_end(kind));
  }
}

TEST(OrderForm, WantsAnIdThatIsSafeEverywhere) {
  for (const std::string& id :
       {std::string(), std::string("short"), std::string(65, 'a'), std::string("with blank in it"),
        std::string("../../etc/x"), std::string("semicolon;x")}) {
    Order one = order(Kind::ack);
    one.id = id;
    EXPECT_FALSE(well_formed(one, kNow).ok()) << id;
  }
}

TEST(Orders, OfTheOtherRoleNameTheNodeToUse) {
  for (const Kind kind : {Kind::takeover, Kind::failback}) {
    const auto answer = judge(order(kind), primary());
    EXPECT_EQ(answer.kind, Answer::elsewhere);
    EXPECT_NE(answer.sentence.find("order it on pbx-b"), std::string::npos) << answer.sentence;
  }
  const auto answer = judge(order(Kind::switchover), secondary());
  EXPECT_EQ(answer.kind, Answer::elsewhere);
  EXPECT_NE(answer.sentence.find("order it on pbx-a"), std::string::npos) << answer.sentence;
}

TEST(Orders, OfANodeInNoPairAreRefused) {
  OrderFacts facts = secondary();
  facts.role = Role::off;
  for (const Kind kind : kKinds) {
    const auto answer = judge(order(kind), facts);
    EXPECT_EQ(answer.kind, Answer::refused);
    EXPECT_NE(answer.sentence.find("`tandem status`"), std::string::npos) << answer.sentence;
  }
}

TEST(Orders, AreRefusedWhereTheVendorFailsOverButForSuspending) {
  OrderFacts facts = secondary(active);
  facts.ours = false;
  for (const Kind kind : {Kind::takeover, Kind::failback, Kind::maintenance, Kind::ack})
    EXPECT_EQ(judge(order(kind), facts).kind, Answer::refused);
  EXPECT_EQ(judge(order(Kind::suspend), facts).kind, Answer::accepted);
}

struct Case {
  NodeState state;
  Answer takeover;
  Answer failback;
};

// Every state, so that a new one needs a thought.
TEST(Orders, TakeoverAndFailbackFollowTheState) {
  constexpr Case kCases[] = {
      {off, Answer::refused, Answer::needless},
      {rejoining, Answer::refused, Answer::needless},
      {standby, Answer::accepted, Answer::needless},
      {suspect, Answer::accepted, Answer::needless},
      {isolated, Answer::accepted, Answer::needless},
      {activating, Answer::needless, Answer::refused},
      {active, Answer::needless, Answer::accepted},
      {failback_hold, Answer::needless, Answer::accepted},
      {latched, Answer::needless, Answer::accepted},
      {deactivating, Answer::refused, Answer::needless},
      {faulted, Answer::accepted, Answer::refused},
      {maintenance, Answer::refused, Answer::needless},
      {serving, Answer::needless, Answer::needless},
      {degraded, Answer::needless, Answer::needless},
  };
  static_assert(std::size(kCases) == kNodeStates);
  for (const Case& one : kCases) {
    SCOPED_TRACE(state_name(one.state));
    EXPECT_EQ(judge(order(Kind::takeover), secondary(one.state)).kind, one.takeover);
    EXPECT_EQ(judge(order(Kind::failback), secondary(one.state)).kind, one.failback);
  }
}

TEST(Orders, FailbackIsRefusedUnlessThePrimaryAnswers) {
  for (const auto verdict :
       {PrimaryVerdict::unknown, PrimaryVerdict::service_down, PrimaryVerdict::host_down,
        PrimaryVerdict::isolated, PrimaryVerdict::maintenance})
    for (const NodeState state : {active, failback_hold, latched}) {
      const auto answer = judge(order(Kind::failback), secondary(state, verdict));
      EXPECT_EQ(answer.kind, Answer::refused);
      EXPECT_NE(answer.sentence.find("nobody would serve"), std::string::npos);
    }
}

TEST(Orders, ATakeoverBesideAServingPrimaryPointsToTheSwitchover) {
  const auto answer = judge(order(Kind::takeover), secondary());
  EXPECT_EQ(answer.kind, Answer::accepted);
  EXPECT_NE(answer.sentence.find("tandem switchover"), std::string::npos);
}

TEST(Orders, SwitchoverNeedsASecondaryThatCanServe) {
  EXPECT_EQ(judge(order(Kind::switchover), primary()).kind, Answer::accepted);
  OrderFacts facts = primary();
  facts.peer_link = false;
  EXPECT_EQ(judge(order(Kind::switchover), facts).kind, Answer::refused);
  facts = primary();
  facts.peer_fit = false;
  EXPECT_EQ(judge(order(Kind::switchover), facts).kind, Answer::refused);
  for (const NodeState state : {maintenance, rejoining, deactivating}) {
    facts = primary();
    facts.peer_state = state;
    EXPECT_EQ(judge(order(Kind::switchover), facts).kind, Answer::refused) << state_name(state);
  }
  facts = primary();
  facts.state = maintenance;
  facts.maintenance = Maintenance{"x", kNow + hours{1}, true, true};
  EXPECT_EQ(judge(order(Kind::switchover), facts).kind, Answer::needless);
  facts.maintenance->stopped = false;
  EXPECT_EQ(judge(order(Kind::switchover), facts).kind, Answer::refused);
}

TEST(Orders, MaintenanceIsRefusedWhereNobodyWouldServe) {
  const Order plain = order(Kind::maintenance);
  EXPECT_EQ(judge(plain, secondary()).kind, Answer::accepted);
  EXPECT_EQ(judge(plain, secondary(active)).kind, Answer::accepted) << "the primary serves too";
  for (const auto verdict : {PrimaryVerdict::unknown, PrimaryVerdict::host_down,
                             PrimaryVerdict::service_down, PrimaryVerdict::isolated})
    for (const NodeState state : {standby, suspect, isolated, active, failback_hold, latched})
      EXPECT_EQ(judge(plain, secondary(state, verdict)).kind, Answer::refused);
  for (const NodeState state : {activating, deactivating})
    EXPECT_EQ(judge(plain, secondary(state)).kind, Answer::refused);
  OrderFacts facts = primary();
  facts.peer_state = maintenance;
  EXPECT_EQ(judge(plain, facts).kind, Answer::refused);
}

TEST(Orders, MaintenanceOfThePrimarySaysWhetherTheOtherNodeIsTold) {
  Order one = order(Kind::maintenance);
  EXPECT_EQ(judge(one, primary()).kind, Answer::accepted);
  OrderFacts unheard = primary();
  unheard.peer_link = false;
  const auto answer = judge(one, unheard);
  EXPECT_EQ(answer.kind, Answer::accepted);
  EXPECT_NE(answer.sentence.find("it may take over"), std::string::npos);
  one.take_over = true;
  EXPECT_EQ(judge(one, unheard).kind, Answer::refused);
  EXPECT_EQ(judge(one, primary()).kind, Answer::accepted);
  OrderFacts unfit = primary();
  unfit.peer_fit = false;
  EXPECT_EQ(judge(one, unfit).kind, Answer::refused);
  unfit.peer_state = active;
  EXPECT_EQ(judge(one, unfit).kind, Answer::accepted) << "the other node serves already";
}

TEST(Orders, ResumeEndsTheOrderAndNamesTheDeclaration) {
  OrderFacts facts = secondary();
  facts.suspended_by_declaration = true;
  auto answer = judge(order(Kind::resume), facts);
  EXPECT_EQ(answer.kind, Answer::needless);
  EXPECT_NE(answer.sentence.find("spec.suspend"), std::string::npos);
  facts.suspension = Suspension{"works", kNow + hours{1}};
  answer = judge(order(Kind::resume), facts);
  EXPECT_EQ(answer.kind, Answer::accepted);
  EXPECT_NE(answer.sentence.find("spec.suspend"), std::string::npos);
}

TEST(Orders, ASuspensionMayBeChanged) {
  OrderFacts facts = secondary();
  const Order one = order(Kind::suspend);
  facts.suspension = Suspension{one.reason, one.until};
  EXPECT_EQ(judge(one, facts).kind, Answer::needless);
  facts.suspension->until += hours{1};
  EXPECT_EQ(judge(one, facts).kind, Answer::accepted);
}

// Else its end, or a restart within it, would have made a loss forgotten that nobody has looked at.
TEST(Orders, NoSuspensionTakesThePlaceOfTheOneOfALoss) {
  OrderFacts facts = secondary();
  facts.suspension = Suspension{std::string(kMemoryLost), facts.now + hours{1}};
  const auto answer = judge(order(Kind::suspend), facts);
  EXPECT_EQ(answer.kind, Answer::needless) << answer.sentence;
  EXPECT_NE(answer.sentence.find("tandem resume"), std::string::npos) << answer.sentence;
  EXPECT_EQ(judge(order(Kind::resume), facts).kind, Answer::accepted);
}

// An accepted order that could not be carried out would only be lost.
TEST(Orders, AreRefusedWhereNothingMayBeChanged) {
  const auto refuses = [](const OrderFacts& own, Order one, const char* why) {
    const auto answer = judge(one, own);
    EXPECT_EQ(answer.kind, Answer::refused) << order_name(one.kind);
    EXPECT_NE(answer.sentence.find(why), std::string::npos) << answer.sentence;
  };
  const auto all_refuse = [&](void (*spoil)(OrderFacts&), const char* why) {
    OrderFacts first = primary(), idle = secondary(standby, PrimaryVerdict::host_down),
               serves = secondary(active);
    for (OrderFacts* facts : {&first, &idle, &serves}) spoil(*facts);
    refuses(idle, order(Kind::takeover), why);
    refuses(serves, order(Kind::failback), why);
    refuses(first, order(Kind::switchover), why);
  };
  all_refuse(
      [](OrderFacts& facts) {
        facts.suspended = true;
        facts.suspension = Suspension{"works", kNow + hours{1}};
      },
      "`tandem resume --reason REASON` first");
  all_refuse([](OrderFacts& facts) { facts.suspended = facts.suspended_by_declaration = true; },
             "spec.suspend");
  all_refuse([](OrderFacts& facts) { facts.closed = "packages are being installed"; },
             "packages are being installed");
  all_refuse([](OrderFacts& facts) { facts.role_conflict = true; }, "both nodes are declared");
  OrderFacts suspended = primary();
  suspended.suspended = true;
  Order announced = order(Kind::maintenance);
  EXPECT_EQ(judge(announced, suspended).kind, Answer::accepted) << "nothing is done for it";
  announced.take_over = true;
  refuses(suspended, announced, "`tandem resume --reason REASON` first");
}

TEST(Orders, ASwitchoverThatWaitsIsWithdrawnByTheEndOfItsMaintenance) {
  OrderFacts facts = primary();
  facts.waiting = {Kind::switchover, "0123456789"};
  const auto answer = judge(order(Kind::end_maintenance), facts);
  EXPECT_EQ(answer.kind, Answer::accepted);
  EXPECT_NE(answer.sentence.find("withdrawn"), std::string::npos);
}

TEST(Orders, AckGoesWhereThereIsSomethingToAcknowledge) {
  const Order one = order(Kind::ack);
  EXPECT_EQ(judge(one, secondary()).kind, Answer::needless);
  EXPECT_EQ(judge(one, secondary(active)).kind, Answer::needless);
  EXPECT_EQ(judge(one, secondary(latched)).kind, Answer::accepted);
  EXPECT_EQ(judge(one, secondary(faulted)).kind, Answer::accepted);
  OrderFacts by_hand = secondary(active);
  by_hand.cause = TakeoverCause::by_hand;
  EXPECT_EQ(judge(one, by_hand).kind, Answer::accepted);
  OrderFacts other = primary();
  other.peer_state = latched;
  EXPECT_EQ(judge(one, other).kind, Answer::elsewhere);
}

TEST(Orders, AckIsNoSuccessWhereTheOtherNodeWaitsForIt) {
  OrderFacts other = primary();
  other.peer_state = active;
  other.peer_cause = TakeoverCause::by_hand;
  EXPECT_EQ(judge(order(Kind::ack), other).kind, Answer::elsewhere);
  other = primary();
  other.peer_link = false;
  other.peer_state = off;
  const auto unheard = judge(order(Kind::ack), other);
  EXPECT_EQ(unheard.kind, Answer::elsewhere);
  EXPECT_NE(unheard.sentence.find("order it on pbx-b"), std::string::npos) << unheard.sentence;
}

TEST(Orders, TheEndOfAMaintenanceGoesWhereThereIsOne) {
  const Order end = order(Kind::end_maintenance);
  OrderFacts facts = secondary();
  EXPECT_EQ(judge(end, facts).kind, Answer::needless);
  facts.peer_state = maintenance;
  EXPECT_EQ(judge(end, facts).kind, Answer::elsewhere);
  facts.state = maintenance;
  facts.maintenance = Maintenance{"x", kNow + hours{1}, false, false};
  EXPECT_EQ(judge(end, facts).kind, Answer::accepted) << "this node's own";
}

// Until when, why, and what ends it.
void expect_told(const OrderAnswer& answer, const std::string& node) {
  for (const std::string& part :
       {std::string("until 2023-11-14T23:13:20Z"), std::string("new disk"),
        "`tandem maintenance --end --reason REASON` on " + node})
    EXPECT_NE(answer.sentence.find(part), std::string::npos) << part << ": " << answer.sentence;
}

TEST(Orders, SayUntilWhenAMaintenanceStandsAgainstThemAndHowToEndIt) {
  const Maintenance its{"new disk", kNow + hours{1}, true, true};
  OrderFacts facts = secondary(active, PrimaryVerdict::maintenance);
  facts.peer_maintenance = its;
  expect_told(judge(order(Kind::failback), facts), "pbx-a");
  facts = secondary(maintenance);
  facts.maintenance = its;
  expect_told(judge(order(Kind::takeover), facts), "pbx-b");
  facts = primary();
  facts.state = maintenance;
  facts.maintenance = its;
  Order longer = order(Kind::switchover);
  longer.until = kNow + hours{2};
  const auto answer = judge(longer, facts);
  EXPECT_EQ(answer.kind, Answer::refused) << "nobody must hold that it was made longer";
  expect_told(answer, "pbx-a");
  facts = primary();
  facts.peer_state = maintenance;
  facts.peer_maintenance = its;
  expect_told(judge(order(Kind::switchover), facts), "pbx-b");
  expect_told(judge(order(Kind::maintenance), facts), "pbx-b");
}

TEST(Orders, NameTheVendorsScriptWhereTheDutyIsTheVendors) {
  OrderFacts facts = secondary(suspect, PrimaryVerdict::host_down);
  facts.ours = false;
  const auto takeover = judge(order(Kind::takeover), facts);
  EXPECT_NE(takeover.sentence.find("on pbx-b: `/usr/sbin/xivo-manage-slave-services start`"),
            std::string::npos)
      << takeover.sentence;
  EXPECT_NE(takeover.sentence.find("failover.owner: tandem"), std::string::npos);
}

TEST(Orders, DisturbOnlyWhereTelephonyMoves) {
  EXPECT_TRUE(disturbs(order(Kind::failback)));
  EXPECT_TRUE(disturbs(order(Kind::switchover)));
  EXPECT_FALSE(disturbs(order(Kind::takeover)));
  Order one = order(Kind::maintenance);
  EXPECT_FALSE(disturbs(one));
  one.take_over = true;
  EXPECT_TRUE(disturbs(one));
}

}  // namespace
}  // namespace tandem
