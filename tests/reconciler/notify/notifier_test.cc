#include "reconciler/notify/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/guillotine.h"
#include "tests/reconciler/notify/notify_world.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = NotifyTold::Kind;

const NotifyTarget kRoot = MailTarget{"root@localhost"};
const NotifyTarget kHook = WebhookTarget{"https://hooks.example.com/T0/secret"};

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() { outside.pair.notify = {kRoot, kHook}; }

  NotifyWorld& world() {
    if (!life) life = std::make_unique<NotifyWorld>(outside);
    return *life;
  }
  void restart() { life.reset(); }
  void become(NodeState state) {
    outside.facts.state = state;
    outside.facts.epoch = state == NodeState::standby ? outside.facts.epoch : 4;
  }

  NotifyOutside outside;
  std::unique_ptr<NotifyWorld> life;
};

TEST_F(NotifierTest, TellsEachReceiverOfATakeoverOnce) {
  world().pass(5s);
  become(NodeState::activating);
  world().pass(10s);
  become(NodeState::active);
  world().pass(1h);
  ASSERT_THAT(outside.mails, SizeIs(2));
  EXPECT_THAT(outside.mails[0], HasSubstr("takes over for pbx-a"));
  EXPECT_THAT(outside.mails[1], HasSubstr("serves for pbx-a"));
  EXPECT_THAT(outside.documents, SizeIs(2));
  EXPECT_EQ(world().told.count(Kind::delivered), 4U);
  EXPECT_EQ(world().process.journal[0], "/usr/sbin/sendmail -i -f root -- root@localhost");
}

TEST_F(NotifierTest, ARestartTellsNothingAgain) {
  world().pass(5s);
  become(NodeState::active);
  world().pass(10s);
  restart();
  world().pass(1h);
  EXPECT_THAT(outside.mails, SizeIs(1));
  EXPECT_THAT(outside.documents, SizeIs(1));
}

TEST_F(NotifierTest, WhatCouldNotBeToldBeforeARestartIsToldAfterIt) {
  outside.statuses["hooks.example.com"] = 503;
  world().pass(5s);
  become(NodeState::active);
  world().pass(100s);
  EXPECT_THAT(outside.documents, IsEmpty());
  restart();
  outside.statuses.clear();
  world().pass(10s);
  ASSERT_THAT(outside.documents, SizeIs(1));
  EXPECT_EQ(outside.documents[0]["id"], "pbx-b-5f3a90c1-1");
}

TEST_F(NotifierTest, OneThatHangsHoldsUpNobodyElse) {
  world().process.durations["/usr/sbin/sendmail"] = 24h;
  become(NodeState::active);
  world().pass(20s);
  EXPECT_THAT(outside.documents, SizeIs(1));
  EXPECT_EQ(world().told.count(Kind::failed), 0U);
  world().pass(60s);
  EXPECT_EQ(world().told.count(Kind::failed), 1U) << "at its deadline";
  EXPECT_THAT(world().notifier.conditions(), SizeIs(1));
  EXPECT_EQ(world().notifier.conditions()[0].status, Truth::yes);
  world().pass(10min);
  EXPECT_EQ(world().notifier.conditions()[0].reason, "NotDelivered");
  EXPECT_THAT(world().notifier.conditions()[0].message, HasSubstr("mail root@localhost"));
}

TEST_F(NotifierTest, ARefusalIsToldAtOnceAndNotTriedAgain) {
  outside.statuses["hooks.example.com"] = 404;
  become(NodeState::active);
  world().pass(1h);
  EXPECT_THAT(world().http.sent, SizeIs(1));
  EXPECT_EQ(world().told.count(Kind::dropped), 1U);
  const Condition condition = world().notifier.conditions().at(0);
  EXPECT_EQ(condition.reason, "Refused");
  EXPECT_THAT(condition.message, HasSubstr("HTTP 404"));
  EXPECT_THAT(condition.message, testing::Not(HasSubstr("secret")));
  outside.statuses.clear();
  const auto tested = run(world().io, world().notifier.test());
  ASSERT_TRUE(tested.ok());
  EXPECT_EQ(world().notifier.conditions().at(0).reason, "Delivered");
}

TEST_F(NotifierTest, AnEditTakesEffectAtOnceAndARemovedOneLosesItsQueue) {
  outside.statuses["hooks.example.com"] = 503;
  become(NodeState::active);
  world().pass(20s);
  outside.pair.notify = {kRoot};
  world().pass(5s);
  EXPECT_EQ(world().told.count(Kind::removed), 1U);
  outside.statuses.clear();
  outside.pair.notify = {kHook, kRoot};
  world().pass(1h);
  EXPECT_THAT(outside.documents, IsEmpty()) << "its queue went with it";
  EXPECT_THAT(outside.mails, SizeIs(1)) << "the other one noticed nothing";
  become(NodeState::standby);
  world().pass(10s);
  EXPECT_THAT(outside.documents, SizeIs(1));
  EXPECT_THAT(outside.mails, SizeIs(2));
}

TEST_F(NotifierTest, WhoIsDeclaredLaterHearsWhatIsSoNow) {
  outside.pair.notify.clear();
  become(NodeState::active);
  world().pass(10s);
  EXPECT_THAT(world().notifier.conditions(), IsEmpty());
  outside.pair.notify = {kRoot};
  world().pass(10s);
  EXPECT_THAT(outside.mails, SizeIs(1));
}

TEST_F(NotifierTest, ADiskThatRefusesKeepsNobodyFromBeingTold) {
  outside.disk.write_error = Error{Fault::unavailable, "no space left on device"};
  become(NodeState::active);
  world().pass(20s);
  EXPECT_THAT(outside.mails, SizeIs(1));
  EXPECT_EQ(world().notifier.conditions().at(0).reason, "JournalNotKept");
  outside.disk.write_error.reset();
  world().pass(60s);
  EXPECT_EQ(world().notifier.conditions().at(0).reason, "Delivered");
  restart();
  world().pass(60s);
  EXPECT_THAT(outside.mails, SizeIs(1));
}

TEST_F(NotifierTest, ADamagedJournalIsBegunAnew) {
  outside.disk.content = "{ torn";
  become(NodeState::active);
  world().pass(20s);
  EXPECT_THAT(outside.mails, SizeIs(1));
  EXPECT_THAT(world().notifier.conditions().at(0).message, HasSubstr("damaged"));
}

TEST_F(NotifierTest, AtRestNothingIsWritten) {
  world().pass(1min);
  const int before = outside.disk.writes;
  world().pass(1h);
  EXPECT_EQ(outside.disk.writes, before);
}

TEST_F(NotifierTest, ATestTellsOfEachWhatCameOfIt) {
  outside.pair.notify.push_back(ExecTarget{{"/usr/bin/tell", "secret"}});
  outside.statuses["hooks.example.com"] = 500;
  world().process.programs["/usr/bin/tell"] = [](const Command& command) {
    EXPECT_THAT(command.environment, testing::Contains("TANDEM_EVENT_STATUS=Test"));
    EXPECT_EQ(nlohmann::json::parse(command.input)["notices"][0]["matter"], "Test");
    return fakes::exits(3, "", "the password is secret");
  };
  world().pass(5s);
  const auto tested = run(world().io, world().notifier.test());
  ASSERT_TRUE(tested.ok());
  ASSERT_THAT(tested.value(), SizeIs(3));
  EXPECT_EQ(tested.value()[0].attempt.result, Attempt::Result::delivered);
  EXPECT_EQ(tested.value()[1].attempt.why, "it answered HTTP 500");
  EXPECT_EQ(tested.value()[2].attempt.why, "/usr/bin/tell: exit status 3");
  EXPECT_THAT(tested.value()[2].remedy, HasSubstr("by hand"));
}

TEST_F(NotifierTest, StoppingWritesDownWhatArrived) {
  become(NodeState::active);
  world().pass(3s);
  world().notifier.stop();
  run(world().io, world().notifier.ended());
  restart();
  world().pass(1min);
  EXPECT_THAT(outside.mails, SizeIs(1));
}

// Killed at every write of the journal and at every delivery, then started again: each receiver
// hears everything, and twice only under an id that it has seen.
TEST_F(NotifierTest, AKillAtAnyMomentLosesNothingAndRepeatsOnlyWhatItCanTell) {
  const std::vector<NodeState> course = {NodeState::standby, NodeState::activating,
                                         NodeState::active, NodeState::failback_hold,
                                         NodeState::standby};
  const int cuts = fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
    outside.disk.content.reset();
    outside.mails.clear();
    outside.documents.clear();
    outside.facts = secondary_facts(NodeState::standby);
    const auto moment = [&](const char* where) {
      if (!guillotine.fell()) guillotine.moment(where);
    };
    outside.disk.moment = moment;
    restart();
    for (const NodeState state : course) {
      become(state);
      for (int life_number = 0; life_number < 2; ++life_number) {
        world().moment = moment;
        try {
          world().pass(20s);
          break;
        } catch (const fakes::Killed&) {
          restart();
        }
      }
    }
    world().pass(20min);
    std::map<std::string, std::set<std::string>> heard;  // ids, by subject
    for (const auto& document : outside.documents)
      heard[document["notices"][0]["matter"]].insert(document["id"].get<std::string>());
    ASSERT_THAT(heard, SizeIs(3)) << guillotine.where();
    for (const auto& [matter, ids] : heard)
      EXPECT_THAT(ids, SizeIs(1)) << matter << " " << guillotine.where();
    // One kill repeats at most what each receiver had just taken and the journal did not hold yet.
    EXPECT_LE(outside.documents.size(), 4U) << guillotine.where();
    EXPECT_LE(outside.mails.size(), 4U) << guillotine.where();
    std::set<std::string> mails;
    for (const std::string& mail : outside.mails) {
      const auto at = mail.find("Message-ID:");
      mails.insert(mail.substr(at, mail.find('\n', at) - at));
    }
    EXPECT_THAT(mails, SizeIs(3)) << guillotine.where();
    outside.disk.moment = [](const char*) {};
    restart();
  });
  EXPECT_TRUE(fakes::is_enough(cuts, 30)) << cuts;
}

}  // namespace
}  // namespace tandem
