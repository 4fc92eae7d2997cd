#include "reconciler/event_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_event_store.h"

namespace tandem {
namespace {

using testing::HasSubstr;

class EventRecorderTest : public testing::Test {
 protected:
  std::vector<std::string> told() const {
    std::vector<std::string> result;
    for (const Event& event : store.kept)
      result.push_back(std::string(event_type_name(event.type)) + " " + event.reason + " " +
                       event.object);
    return result;
  }
  using Lines = std::vector<std::string>;

  fakes::FakeClock clock;
  fakes::MemoryEventStore store;
  EventRecorder recorder{store, clock, "pbx-a"};
};

TEST_F(EventRecorderTest, TellsEachRepairAndAFailureOnce) {
  Report report;
  report.resource = "ha-conf";
  report.outcome = Outcome::in_sync;
  recorder.reported(report);
  report.outcome = Outcome::repaired;
  report.done.push_back({"node_type", "slave", "master", "nothing", "", Reach::file});
  recorder.reported(report);
  recorder.reported(report);
  report.done.clear();
  report.outcome = Outcome::failed;
  report.error = Error{Fault::denied, "immutable"};
  recorder.reported(report);
  recorder.reported(report);
  report.outcome = Outcome::in_sync;
  report.error.reset();
  recorder.reported(report);
  recorder.reported(report);
  EXPECT_EQ(told(), (Lines{"Normal Repaired resource/ha-conf", "Normal Repaired resource/ha-conf",
                           "Warning ReconcileFailed resource/ha-conf",
                           "Normal Recovered resource/ha-conf"}));
  EXPECT_EQ(store.kept[0].message, "node_type: slave -> master");
  EXPECT_EQ(store.kept[0].at, clock.wall());
  EXPECT_EQ(store.kept[0].node, "pbx-a");
}

TEST_F(EventRecorderTest, TellsWhatIsNotWellAndWhatBecomesWellButNotHowAStartBegins) {
  Condition condition{"Ready", Truth::unknown, "Starting", "not looked yet", true};
  recorder.condition_changed(condition);
  condition.status = Truth::yes;
  condition.reason = "AllWell";
  EventRecorder fresh(store, clock, "pbx-a");
  fresh.condition_changed(condition);
  EXPECT_TRUE(store.kept.empty());
  condition.status = Truth::no;
  condition.reason = "NotWell";
  fresh.condition_changed(condition);
  condition.status = Truth::yes;
  condition.reason = "AllWell";
  fresh.condition_changed(condition);
  Condition bad{"Contested", Truth::yes, "RepairsUndone", "somebody", false};
  fresh.condition_changed(bad);
  EXPECT_EQ(told(), (Lines{"Warning NotWell condition/Ready", "Normal AllWell condition/Ready",
                           "Warning RepairsUndone condition/Contested"}));
}

TEST_F(EventRecorderTest, TellsStatesAndTakeoversWithTheirEpoch) {
  Transition transition;
  transition.from = NodeState::suspect;
  transition.to = NodeState::activating;
  transition.why = "the primary is down";
  transition.epoch = 5;
  recorder.state_changed(transition);
  TakeoverRecord record;
  record.epoch = 5;
  record.cause = TakeoverCause::host_down;
  record.downtime = std::chrono::milliseconds{14'200};
  record.evidence = "icmp silent";
  record.result = "own SIP answers";
  recorder.taken_over(record);
  recorder.spec_rejected("pair.yaml:1: bad\npair.yaml:2: worse");
  EXPECT_EQ(told(), (Lines{"Warning StateChanged failover", "Warning TakenOver failover",
                           "Warning SpecRejected pair"}));
  EXPECT_EQ(store.kept[0].message, "Suspect -> Activating: the primary is down");
  EXPECT_THAT(store.kept[1].message, HasSubstr("14.2 s"));
  EXPECT_EQ(store.kept[2].epoch, 5U);
  EXPECT_EQ(store.kept[2].message, "pair.yaml:1: bad; pair.yaml:2: worse") << "in one line";
  ASSERT_EQ(store.records.size(), 1U);
  EXPECT_EQ(store.records[0], record);
  record.result = "given back: the primary serves alone";
  recorder.taken_over(record);
  EXPECT_EQ(told().back(), "Normal GivenBack failover");
}

TEST_F(EventRecorderTest, TellsWhoHadACopyUndone) {
  UndoTold undo;
  undo.told.result = CopyResult::equal;
  undo.told.message = "it is as it was";
  undo.by = "root on pbx-b";
  undo.reason = "the wrong backup";
  recorder.undone(undo);
  undo.told.result = CopyResult::refused;
  undo.told.reason = "ChangedSince";
  undo.told.message = "table moh";
  recorder.undone(undo);
  EXPECT_EQ(told(), (std::vector<std::string>{"Warning CopyUndone replication/database",
                                              "Warning UndoRefused replication/database"}));
  EXPECT_THAT(store.kept[0].message, HasSubstr("root on pbx-b"));
  EXPECT_THAT(store.kept[0].message, HasSubstr("the wrong backup"));
}

TEST_F(EventRecorderTest, TellsWhatBecameOfHooksAndMessages) {
  recorder.hook_ran("/usr/bin/tell", true);
  recorder.hook_ran("/usr/bin/tell", false);
  NotifyTold message;
  message.receiver = "mail root@localhost";
  recorder.notified(message);
  message.kind = NotifyTold::Kind::failed;
  recorder.notified(message);
  message.is_new = false;
  recorder.notified(message);
  message.kind = NotifyTold::Kind::dropped;
  recorder.notified(message);
  EXPECT_EQ(told(), (Lines{"Normal HookRan hooks", "Warning HookFailed hooks",
                           "Normal Notified notify/mail root@localhost",
                           "Warning NotifyFailed notify/mail root@localhost",
                           "Warning NotifyGivenUp notify/mail root@localhost"}));
}

}  // namespace
}  // namespace tandem
