#include "resources/ha_conf.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/resources/ha_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using Lines = std::vector<std::string>;

class HaConfTest : public testing::Test {
 protected:
  HaConfTest() { disk_.directories = {"/etc/xivo"}; }

  Report become(Role role) { return look(role, Permission::up_to(Reach::file)); }
  Report plan(Role role) { return look(role, Permission::observe_only("a dry run")); }

  // The plan from this content to a primary, a line a change.
  Lines drift_from(const std::string& content) {
    disk_.files[kHaConf] = fakes::File(content);
    Lines lines;
    for (const Change& change : plan(Role::primary).drift)
      lines.push_back(change.field + ": " + change.from + " -> " + change.to);
    return lines;
  }

  fakes::MemoryFilesystem disk_;
  HaConf ha_conf_{disk_};

 private:
  Report look(Role role, const Permission& permission) {
    const Goal goal = goal_of(role);
    return run(reconcile(ha_conf_, goal, permission));
  }
};

TEST_F(HaConfTest, WritesTheVendorsBytesForEachRole) {
  EXPECT_EQ(become(Role::primary).outcome, Outcome::repaired);
  EXPECT_EQ(disk_.files[kHaConf].content, ha_conf("master", kB));
  EXPECT_EQ(disk_.files[kHaConf].mode, 0644u);
  EXPECT_EQ(become(Role::secondary).outcome, Outcome::repaired);
  EXPECT_EQ(disk_.files[kHaConf].content, ha_conf("slave", kA));
  EXPECT_EQ(become(Role::off).outcome, Outcome::repaired);
  EXPECT_EQ(disk_.files[kHaConf].content, ha_conf("disabled", ""));
}

TEST_F(HaConfTest, HasNothingToDoTheSecondTime) {
  for (const Role role : {Role::primary, Role::secondary, Role::off}) {
    become(role);
    disk_.journal.clear();
    EXPECT_EQ(become(role).outcome, Outcome::in_sync);
    EXPECT_EQ(disk_.journal, Lines{});
  }
}

TEST_F(HaConfTest, ShowsThePlanInADryRunAndTouchesNothing) {
  disk_.files[kHaConf] = fakes::File(ha_conf("slave", kB));
  const Report report = plan(Role::primary);
  const std::vector<Change> expected{
      {"node_type", "slave", "master", "nothing", "spec.primary is this node", Reach::file}};
  EXPECT_EQ(report.drift, expected);
  EXPECT_EQ(report.outcome, Outcome::drifted);
  EXPECT_EQ(disk_.journal, Lines{});
}

TEST_F(HaConfTest, NamesEachFieldThatDiffers) {
  EXPECT_EQ(drift_from(ha_conf("slave", kA)),
            (Lines{"node_type: slave -> master", "remote_address: 10.0.0.1 -> 10.0.0.2"}));
  EXPECT_EQ(drift_from(ha_conf("master", "10.0.0.9")),
            Lines{"remote_address: 10.0.0.9 -> 10.0.0.2"});
  EXPECT_EQ(drift_from(ha_conf("primary", kB)), Lines{"node_type: primary -> master"});
  EXPECT_EQ(drift_from(R"({"remote_address": "10.0.0.2"})"), Lines{"node_type: missing -> master"});
  EXPECT_EQ(drift_from(R"({"node_type": "master", "remote_address": null})"),
            Lines{"remote_address: null -> 10.0.0.2"});
}

TEST_F(HaConfTest, NamesTheContentWhereOnlyTheBytesDiffer) {
  const auto content = [](const std::string& how) {
    return Lines{"content: " + how + " -> the vendor's own bytes"};
  };
  const std::string right = ha_conf("master", kB);
  EXPECT_EQ(drift_from(right), Lines{});
  EXPECT_EQ(drift_from(right + "\n"), content("other spacing, spelling or order"));
  EXPECT_EQ(drift_from(R"({"node_type":"master","remote_address":"10.0.0.2"})"),
            content("other spacing, spelling or order"));
  EXPECT_EQ(drift_from(R"({"remote_address": "10.0.0.2", "node_type": "master"})"),
            content("other spacing, spelling or order"));
  EXPECT_EQ(drift_from(R"({"node_type": "master", "remote_address": "10.0.0.2", "note": "x"})"),
            content("another key: note"));
  EXPECT_EQ(
      drift_from(R"({"node_type": "slave", "node_type": "master", "remote_address": "10.0.0.2"})"),
      content("node_type twice"));
}

TEST_F(HaConfTest, TellsADamagedFileFromAnAbsentOne) {
  const auto both = [](const std::string& from) {
    return Lines{"node_type: " + from + " -> master", "remote_address: " + from + " -> 10.0.0.2"};
  };
  EXPECT_EQ(drift_from(""), both("damaged: empty"));
  EXPECT_EQ(drift_from(R"({"node_type": "mas)"), both("damaged: not JSON"));
  EXPECT_EQ(drift_from("[1]"), both("damaged: JSON, but not an object"));
  EXPECT_EQ(drift_from("\xEF\xBB\xBF" + ha_conf("master", kB)),
            both("damaged: a byte order mark before the JSON"));
  EXPECT_EQ(drift_from(std::string(70'000, ' ')), both("damaged: too large"));
  EXPECT_EQ(become(Role::primary).outcome, Outcome::repaired);

  disk_.files.clear();
  const Report report = plan(Role::primary);
  ASSERT_EQ(report.drift.size(), 2u);
  EXPECT_EQ(report.drift[0].from, "absent");
  EXPECT_EQ(report.drift[1].from, "absent");
}

TEST_F(HaConfTest, NeverShowsMuchOfAForeignFile) {
  const std::string secret(5000, 's');
  for (const std::string& foreign :
       {secret, ha_conf(secret, secret), R"({"node_type": "master", ")" + secret + R"(": 1})"}) {
    disk_.files[kHaConf] = fakes::File(foreign);
    for (const Change& change : plan(Role::primary).drift) EXPECT_LE(change.from.size(), 60u);
  }
}

TEST_F(HaConfTest, IsContentWithNoFileWhereTheRoleIsOff) {
  EXPECT_EQ(become(Role::off).outcome, Outcome::in_sync);
  EXPECT_FALSE(disk_.files.contains(kHaConf));
}

TEST_F(HaConfTest, RewritesAnOffFileThatIsNotTheVendors) {
  for (const char* other : {"", "{}", R"({"node_type":"disabled","remote_address":""})",
                            R"({"node_type": "disabled", "remote_address": "10.0.0.2"})"}) {
    disk_.files[kHaConf] = fakes::File(other);
    EXPECT_EQ(become(Role::off).outcome, Outcome::repaired) << other;
    EXPECT_EQ(disk_.files[kHaConf].content, ha_conf("disabled", ""));
  }
}

TEST_F(HaConfTest, SpellsTheEmptyAddressOut) {
  disk_.files[kHaConf] = fakes::File(ha_conf("disabled", kB));
  const Report report = plan(Role::off);
  ASSERT_EQ(report.drift.size(), 1u);
  EXPECT_EQ(report.drift[0].from, "10.0.0.2");
  EXPECT_EQ(report.drift[0].to, R"("")");
}

TEST_F(HaConfTest, MendsTheModeAfterTheContent) {
  disk_.files[kHaConf] = fakes::File("{}", 0600);
  const Report report = become(Role::primary);
  EXPECT_EQ(report.outcome, Outcome::repaired);
  EXPECT_EQ(disk_.journal, (Lines{"replace " + kHaConf, "mode " + kHaConf}));
  EXPECT_EQ(disk_.files[kHaConf].mode, 0644u);
  ASSERT_EQ(report.done.size(), 3u);
  EXPECT_EQ(report.done[2].field, "mode");
  EXPECT_EQ(report.done[2].from, "0600");
  EXPECT_EQ(report.done[2].to, "0644");
}

TEST_F(HaConfTest, LeavesARightContentAloneWhereOnlyTheModeIsWrong) {
  disk_.files[kHaConf] = fakes::File(ha_conf("master", kB), 0666);
  EXPECT_EQ(become(Role::primary).outcome, Outcome::repaired);
  EXPECT_EQ(disk_.journal, Lines{"mode " + kHaConf});
}

TEST_F(HaConfTest, SaysThatTheProductIsNotInstalledHere) {
  disk_.directories.clear();
  const Report report = become(Role::primary);
  ASSERT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(report.error->fault, Fault::not_found);
  EXPECT_EQ(report.error->message,
            "the folder /etc/xivo is missing: Wazo does not seem to be installed under this root; "
            "install it, or correct spec.root in operator.yaml");
  EXPECT_EQ(become(Role::off).outcome, Outcome::in_sync);
}

TEST_F(HaConfTest, PassesOnWhatThePortSaysOfAFolderOrAPipe) {
  disk_.directories.insert(kHaConf);
  Report report = become(Role::primary);
  ASSERT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(*report.error, (Error{Fault::invalid, kHaConf + ": is a directory"}));

  disk_.directories.erase(kHaConf);
  disk_.fifos.insert(kHaConf);
  report = become(Role::off);
  ASSERT_EQ(report.outcome, Outcome::failed);
  EXPECT_EQ(*report.error, (Error{Fault::invalid, kHaConf + ": is not a regular file"}));
  EXPECT_EQ(disk_.journal, Lines{});
}

TEST_F(HaConfTest, PassesOnThatItMayNotReadOrWrite) {
  disk_.files[kHaConf] = fakes::File("{}");
  disk_.read_errors[kHaConf] = Error{Fault::denied, "no reading"};
  EXPECT_EQ(become(Role::primary).error->message, "no reading");
  disk_.read_errors.clear();
  disk_.change_errors[kHaConf] = Error{Fault::unavailable, "no space"};
  EXPECT_EQ(become(Role::primary).error->message, "no space");
  disk_.change_errors.clear();
  disk_.errors[kHaConf] = Error{Fault::denied, "no looking"};
  EXPECT_EQ(become(Role::primary).error->message, "no looking");
  disk_.errors.clear();
  disk_.files.clear();
  disk_.errors["/etc/xivo"] = Error{Fault::denied, "no looking at the folder"};
  EXPECT_EQ(become(Role::primary).error->message, "no looking at the folder");
}

TEST_F(HaConfTest, WatchesItsFile) {
  EXPECT_EQ(HaConf::watched(goal_of(Role::primary)), std::set<std::string>{kHaConf});
}

}  // namespace
}  // namespace tandem
