// The vendor's wrecks with their PostgreSQL part: the files of the role and the access to the
// database are mended together, each by its own resource.
#include "tests/resources/ha_world.h"
#include "tests/resources/postgres_world.h"

namespace tandem {
namespace {

using namespace ha_world;
using postgres_world::ready;
using postgres_world::Start;

const std::string kPeersLine = "host asterisk postgres 10.0.0.1/32 trust\n";
const std::string kListenAll = "listen_addresses = '*'\n";

// A secondary of 10.0.0.1, beside the vendor's own mechanism, after a call that stopped half way.
class WreckedNode {
 public:
  explicit WreckedNode(const World& wreck) : node_(wreck), server_(node_.disk) {
    node_.disk.directories.insert("/var/lib/tandem");
    server_.answer_through(programs_);
    goal_ = goal_of(Role::secondary);
    goal_.peer_addresses = {goal_.peer_address};
    goal_.standing_by = true;
  }

  fakes::FakePostgres& server() { return server_; }
  fakes::MemoryFilesystem& disk() { return node_.disk; }

  // One pass of all: the report of postgres-access.
  Report pass(const Permission& permission = Permission::up_to(Reach::reload)) {
    node_.pass(goal_, permission);
    PostgresServer server(programs_, "");
    fakes::FakeSql sql;
    Unconfirmed reloads(node_.disk, "/var/lib/tandem/postgres");
    PostgresAccess::Places places;
    places.password_file = "/etc/tandem/pgpass";  // there is none: tandem init has not been run
    PostgresAccess access(node_.disk, node_.disk, server, sql, reloads, places);
    return run(reconcile(access, goal_, permission));
  }

  // The files of the role are as the vendor's finished call leaves them.
  void expect_role() {
    for (const auto& [path, content] : vendor_world(goal_))
      EXPECT_EQ(node_.disk.files[path].content, content) << path;
    EXPECT_FALSE(node_.disk.files.contains(kCronMaster));
    EXPECT_FALSE(node_.disk.files.contains(kIsPrimary));
  }

 private:
  HaNode node_;
  fakes::FakePostgres server_;
  fakes::FakeProcess programs_;
  Goal goal_;
};

// ha.conf tells a slave, PostgreSQL's files are new, its restart failed: no cron file, no sentinel,
// and a database that nobody started.
World half_a_slave() {
  World wreck = vendor_world(goal_of(Role::off));
  wreck[kHaConf] = ha_conf("slave", kA);
  return wreck;
}

TEST(PostgresWrecks, FailedRestartInTheMiddleOfTheCallIsMendedAsFarAsFilesGo) {
  WreckedNode node(half_a_slave());
  node.server().hba() += kPeersLine;
  node.server().conf() += kListenAll;
  node.server().up = false;
  EXPECT_EQ(ready(node.pass()), "False ServerDown");
  node.expect_role();
  EXPECT_TRUE(node.server().hba().ends_with(kPeersLine));

  ASSERT_TRUE(node.server().start()) << "as the condition asks";
  EXPECT_EQ(ready(node.pass()), "True VendorOnly");
  EXPECT_EQ(node.server().listens, "*");
}

TEST(PostgresWrecks, FileThatMadeTheRestartFailIsMendedToo) {
  WreckedNode node(half_a_slave());
  node.server().hba() += "host asterisk postgres None/32 trust\n";  // remote_address was null
  node.server().conf() += kListenAll;
  ASSERT_FALSE(node.server().start());
  node.pass();
  node.expect_role();
  EXPECT_TRUE(node.server().start());
  EXPECT_EQ(ready(node.pass()), "True VendorOnly");
}

TEST(PostgresWrecks, PlanTellsAllOfItAndTouchesNothing) {
  WreckedNode node(half_a_slave());
  node.server().hba() += "host asterisk postgres /32 trust\n";
  node.disk().journal.clear();
  const Report report = node.pass(Permission::observe_only("a dry run"));
  EXPECT_EQ(node.disk().journal, std::vector<std::string>{});
  std::vector<std::string> drift;
  for (const Change& change : report.drift) drift.push_back(change.from + " -> " + change.to);
  EXPECT_NE(std::find(drift.begin(), drift.end(), "host asterisk postgres /32 trust -> absent"),
            drift.end());
  EXPECT_NE(
      std::find(drift.begin(), drift.end(), "absent -> host asterisk postgres 10.0.0.1/32 trust"),
      drift.end());
}

// "The line was removed while listen_addresses, cron and sentinel stayed": replication would break
// at the next reload, with no other sign.
TEST(PostgresWrecks, PartialBodyThatTookTheLineAwayIsMendedBeforeTheNextReload) {
  World wreck = vendor_world(goal_of(Role::secondary));
  wreck[kHaConf] = "{}";
  WreckedNode node(wreck);
  node.server().conf() += kListenAll;
  node.server().start();
  EXPECT_EQ(node.pass().outcome, Outcome::repaired);
  node.expect_role();
  EXPECT_TRUE(node.server().rules.ends_with(kPeersLine));
}

TEST(PostgresWrecks, MissingPgHbaIsToldAndTheRestMended) {
  WreckedNode node(half_a_slave());
  node.disk().files.erase(node.server().hba_path());
  node.server().up = false;
  EXPECT_EQ(ready(node.pass()), "False FilesMissing");
  node.expect_role();
}

}  // namespace
}  // namespace tandem
