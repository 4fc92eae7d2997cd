#include "resources/cc_replication.h"

#include <gtest/gtest.h>

#include "reconciler/reconcile.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/guillotine.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::exits;
using Lines = std::vector<std::string>;

constexpr const char* kEnvironment = "/etc/docker/xivo/custom.env";
constexpr const char* kLogFolder = "/var/log/xivo-db-replication";
constexpr const char* kMarker = "/var/lib/xivo/xc_enabled";
constexpr const char* kOwed = "/var/lib/tandem/owed";

// As an administrator may have written it.
const std::string kBefore =
    "# the contact centre\nXIVO_HOST=10.0.0.2\nPLAY_SECRET=\"a b#c\" # "
    "keep\n\nELASTICSEARCH=old\r\n";
const std::string kAfter =
    "# the contact centre\nXIVO_HOST=10.0.0.2\nPLAY_SECRET=\"a b#c\" # keep\n\nELASTICSEARCH=cc\r\n"
    "REPORTING_DB_HOST=10.0.0.9\r\nIS_HA_SLAVE=true\r\n";

class CcReplicationTest : public testing::Test {
 protected:
  CcReplicationTest() {
    disk_.files["/etc/passwd"] = "root:x:0:0:::\ndaemon:x:1:1:::\n";
    disk_.files["/etc/group"] = "root:x:0:\ndaemon:x:3:\n";
    disk_.files[kEnvironment] = fakes::File(kBefore, 0640);
    disk_.directories = {"/var/log", "/var/lib/xivo"};
    goal_.product = Product::xivo;
    goal_.role = Role::secondary;
    goal_.standing_by = true;
    goal_.interconnection = Interconnection{"10.0.0.9", "cc"};
    for (const char* program :
         {"/usr/bin/apt-get", "/usr/bin/xivo-service", "/usr/sbin/xivo-monitoring-update"})
      commands_.programs[program] = [](const Command&) { return exits(0); };
  }

  // `tandem apply --now`, which alone runs the commands.
  Report order() {
    return run(reconcile(centre_, goal_, Permission::on_request(Reach::telephony)));
  }
  Report pass(Reach allow = Reach::reload) {
    return run(reconcile(centre_, goal_, Permission::up_to(allow)));
  }
  static Condition told(const Report& report) {
    return report.conditions.empty() ? Condition{} : report.conditions[0];
  }
  Condition told() { return told(pass(Reach::none)); }
  bool owes() { return disk_.files.contains(kOwed); }

  fakes::MemoryFilesystem disk_;
  fakes::FakeProcess commands_;
  Unconfirmed owed_{disk_, kOwed};
  CcReplication centre_{disk_, commands_, owed_};
  Goal goal_;
};

TEST_F(CcReplicationTest, PreparesTheSecondaryAndLeavesEveryOtherByte) {
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::waiting) << "the commands wait for an order";
  EXPECT_EQ(disk_.files[kEnvironment].content, kAfter);
  EXPECT_EQ(disk_.files[kEnvironment].mode, 0640U);
  const auto folder = disk_.status(kLogFolder).value();
  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->owner, 1U);
  EXPECT_EQ(folder->group, 3U) << "by the names of the root, not of this host";
  EXPECT_TRUE(disk_.files.contains(kMarker));
  EXPECT_EQ(commands_.journal, Lines{});
  EXPECT_EQ(told(report).reason, "CommandsOwed");
  for (const char* command :
       {"apt-get install --yes xivocc-docker-components", "xivo-service start",
        "/usr/sbin/xivo-monitoring-update", "tandem apply --now"})
    EXPECT_NE(told(report).message.find(command), std::string::npos) << command;
}

TEST_F(CcReplicationTest, RunsTheCommandsOnOrderAndOnce) {
  pass();
  const Report ordered = order();
  EXPECT_EQ(ordered.outcome, Outcome::repaired);
  EXPECT_EQ(commands_.journal, (Lines{"/usr/bin/apt-get install --yes xivocc-docker-components",
                                      "/usr/sbin/xivo-monitoring-update"}))
      << "and no start of telephony on a node that stands by";
  EXPECT_EQ(told(ordered).reason, "Prepared");
  EXPECT_FALSE(owes());
  EXPECT_EQ(order().outcome, Outcome::in_sync);
  EXPECT_EQ(commands_.journal.size(), 2U);
}

TEST_F(CcReplicationTest, NeverRunsTheCommandsWithoutARequest) {
  for (const Reach allow : {Reach::restart, Reach::telephony}) {
    EXPECT_EQ(pass(allow).outcome, Outcome::waiting);
    EXPECT_EQ(commands_.journal, Lines{}) << "spec.changes.allow is no request";
  }
}

TEST_F(CcReplicationTest, HasNothingToDoTheSecondTime) {
  order();
  disk_.journal.clear();
  commands_.journal.clear();
  EXPECT_EQ(order().outcome, Outcome::in_sync);
  EXPECT_EQ(disk_.journal, Lines{});
  EXPECT_EQ(commands_.journal, Lines{});
}

TEST_F(CcReplicationTest, OwesNothingWhereAllWasRightBefore) {
  disk_.files[kEnvironment] = kAfter;
  disk_.files[kMarker] = "";
  disk_.directories.insert(kLogFolder);
  disk_.directory_owners[kLogFolder] = {1, 3};
  EXPECT_EQ(order().outcome, Outcome::in_sync);
  EXPECT_EQ(told().reason, "Prepared");
  EXPECT_EQ(commands_.journal, Lines{});
}

TEST_F(CcReplicationTest, NeverRunsTheCommandsOnANodeThatServes) {
  pass();
  goal_.standing_by = false;
  EXPECT_EQ(order().outcome, Outcome::in_sync);
  EXPECT_EQ(told().reason, "CommandsWait");
  EXPECT_EQ(told().status, Truth::no);
  EXPECT_EQ(commands_.journal, Lines{});
}

TEST_F(CcReplicationTest, SaysWhichCommandFailedAndRunsAllAgain) {
  const char* const program = "/usr/sbin/xivo-monitoring-update";
  commands_.programs[program] = [](const Command&) { return exits(1, "", "no docker"); };
  const Report report = order();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->message, "`/usr/sbin/xivo-monitoring-update` ended with 1: no docker");
  EXPECT_TRUE(owes());
  commands_.programs[program] = [](const Command&) { return exits(0); };
  EXPECT_EQ(order().outcome, Outcome::repaired);
  EXPECT_EQ(commands_.journal.size(), 4U);
}

TEST_F(CcReplicationTest, TakesTheStandbysKeyFromANodeThatIsNone) {
  order();
  goal_.role = Role::primary;
  goal_.standing_by = false;
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::repaired);
  ASSERT_EQ(report.done.size(), 1U);
  EXPECT_EQ(report.done[0].field, "IS_HA_SLAVE");
  const std::string& text = disk_.files[kEnvironment].content;
  EXPECT_EQ(text, kAfter.substr(0, kAfter.find("IS_HA_SLAVE")));
  EXPECT_TRUE(disk_.files.contains(kMarker)) << "the contact centre is in use all the same";
  EXPECT_EQ(told().reason, "NoStandby");
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  goal_.role = Role::off;
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
}

// Who declares nothing may have written all of it by hand.
TEST_F(CcReplicationTest, LeavesEverythingAndSaysSoWhereNothingIsDeclared) {
  order();
  disk_.journal.clear();
  goal_.interconnection.reset();
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(told().reason, "NotDeclared");
  EXPECT_EQ(told().status, Truth::yes);
  goal_.role = Role::primary;
  EXPECT_EQ(told().reason, "StandbyKeyLeft");
  EXPECT_EQ(told().status, Truth::no);
  EXPECT_EQ(disk_.journal, Lines{});
  disk_.files[kEnvironment] = kBefore;
  EXPECT_TRUE(pass().conditions.empty());
}

TEST_F(CcReplicationTest, IsNoMatterOnWazo) {
  goal_.product = Product::wazo;
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_TRUE(pass().conditions.empty());
  EXPECT_TRUE(CcReplication::watched(goal_).empty());
}

TEST_F(CcReplicationTest, SaysThatThereAreNoContainersAndMakesNone) {
  disk_.files.erase(kEnvironment);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(told().reason, "NoContainers");
  EXPECT_EQ(told().status, Truth::no);
  disk_.directories.insert("/etc/docker/xivo");
  pass();
  EXPECT_EQ(disk_.files[kEnvironment].content,
            "REPORTING_DB_HOST=10.0.0.9\nELASTICSEARCH=cc\nIS_HA_SLAVE=true\n");
  EXPECT_EQ(disk_.files[kEnvironment].mode, 0600U);
}

TEST_F(CcReplicationTest, KeepsWhatSomebodyWroteSinceTheLook) {
  const auto seen = run(centre_.observe(goal_));
  const auto steps = CcReplication::diff(CcReplication::desired(goal_), seen.value());
  disk_.files[kEnvironment].content = "NEW=1\n" + kBefore;
  for (const auto& step : steps)
    if (step.verb == CcReplication::Step::Verb::write_settings) {
      ASSERT_TRUE(run(centre_.apply(step)).ok());
      ASSERT_TRUE(run(centre_.apply(step)).ok());
    }
  EXPECT_EQ(disk_.files[kEnvironment].content, "NEW=1\n" + kAfter);
}

TEST_F(CcReplicationTest, NamesWhatItCouldNotDo) {
  struct Trouble {
    const char* path;
    Fault fault;
    const char* text;
  };
  for (const Trouble& trouble :
       {Trouble{kLogFolder, Fault::denied, "permission denied"},
        Trouble{kOwed, Fault::unavailable, "no space left on device"},
        Trouble{kEnvironment, Fault::unavailable, "no space left on device"},
        Trouble{kMarker, Fault::denied, "read-only file system"}}) {
    disk_.change_errors = {{trouble.path, Error{trouble.fault, trouble.text}}};
    const Report report = pass();
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_NE(report.error->message.find(trouble.text), std::string::npos) << trouble.path;
    EXPECT_EQ(told(report).reason, "NotPrepared");
    EXPECT_EQ(disk_.files.contains(kMarker), false) << "before all else is there";
  }
  disk_.change_errors.clear();
  disk_.files["/etc/passwd"] = "root:x:0:0:::\n";
  EXPECT_EQ(pass().error->message,
            "the owner of /var/log/xivo-db-replication: /etc/passwd has no daemon");
  disk_.files["/etc/passwd"] = "daemon:x:1:1:::\n";
  EXPECT_EQ(order().outcome, Outcome::repaired) << "without a restart of ours";
}

// Killed at any call of a port: what was owed is never forgotten, and the next start finishes.
TEST_F(CcReplicationTest, RecoversFromAKillAnywhere) {
  const auto files = disk_.files;
  const auto directories = disk_.directories;
  const int cuts = fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
    disk_.files = files;
    disk_.directories = directories;
    disk_.directory_owners.clear();
    fakes::KilledFilesystem killed(disk_, guillotine);
    Unconfirmed owed(killed, kOwed);
    CcReplication first(killed, commands_, owed);
    try {
      run(reconcile(first, goal_, Permission::up_to(Reach::reload)));
    } catch (const fakes::Killed&) {
    }
    if (disk_.files[kEnvironment].content != kBefore || disk_.files.contains(kMarker)) {
      EXPECT_TRUE(owes()) << guillotine.where();
    }
    if (disk_.files.contains(kMarker)) {
      EXPECT_EQ(disk_.files[kEnvironment].content, kAfter) << guillotine.where();
    }
    commands_.journal.clear();
    EXPECT_EQ(order().outcome, Outcome::repaired) << guillotine.where();
    EXPECT_EQ(commands_.journal.size(), 2U);
    EXPECT_EQ(disk_.files[kEnvironment].content, kAfter);
    EXPECT_EQ(order().outcome, Outcome::in_sync);
  });
  EXPECT_TRUE(fakes::is_enough(cuts, 30)) << cuts;
}

}  // namespace
}  // namespace tandem
