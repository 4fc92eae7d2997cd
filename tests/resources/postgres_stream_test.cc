// What postgres-access does for a stream, on the node that gives it.
#include "tests/resources/postgres_world.h"

namespace tandem {
namespace {

using namespace postgres_world;

Goal streaming(Role role) {
  Goal goal = goal_of(role, Owner::tandem);
  goal.streams = true;
  return goal;
}

const std::string kRule =
    "host asterisk tandem_stream 10.0.0.2/32 scram-sha-256 # kept by Tandem\n";
const std::string kWal =
    "listen_addresses = 'localhost, 10.0.0.1' # kept by Tandem\n"
    "wal_level = 'logical' # kept by Tandem\n"
    "max_slot_wal_keep_size = '2GB' # kept by Tandem\n";

Condition condition(const Report& report, const std::string& type) {
  for (const Condition& each : report.conditions)
    if (each.type == type) return each;
  throw std::runtime_error("no condition " + type);
}

TEST(PostgresStream, LetsTheSecondaryFetchItAndNothingElse) {
  Node node;
  node.expect_mended(streaming(Role::primary));
  EXPECT_EQ(node.server.hba(), kHead + kRule + kTail);
  EXPECT_EQ(node.server.conf(), fakes::FakePostgres::kConf + kWal);
  ASSERT_TRUE(node.server.stream_role);
  EXPECT_TRUE(verifies(node.server.stream_role->verifier, stream_password(kPassword)));
  EXPECT_FALSE(verifies(node.server.stream_role->verifier, kPassword));
}

TEST(PostgresStream, IsNeverRestartedForOnANodeThatServes) {
  Node node;
  const Report report = node.pass(streaming(Role::primary));
  EXPECT_EQ(node.server.wal_level, "replica");
  const Condition waits = condition(node.pass(streaming(Role::primary)), "PostgresRestartPending");
  EXPECT_EQ(waits.status, Truth::yes);
  EXPECT_EQ(waits.reason, "NodeServes");
  EXPECT_TRUE(waits.message.starts_with("wal_level was changed")) << waits.message;
}

TEST(PostgresStream, IsRestartedForWhereTheNodeStandsByAndThatIsAllowed) {
  Node node;
  Goal goal = streaming(Role::primary);
  goal.standing_by = true;
  node.expect_mended(goal);
  EXPECT_EQ(node.server.wal_level, "logical");
}

TEST(PostgresStream, KeepsAnAdministratorsOwnBoundOfTheLog) {
  Node node;
  node.server.conf() += "max_slot_wal_keep_size = '512MB'\n";
  node.expect_mended(streaming(Role::primary));
  EXPECT_EQ(node.server.conf().find("2GB"), std::string::npos);
}

TEST(PostgresStream, AsksNothingMoreOfTheSecondary) {
  Node node;
  node.expect_mended(streaming(Role::secondary));
  EXPECT_EQ(node.server.hba(), kHead + kOurs + kTail);
  EXPECT_EQ(node.server.conf().find("wal_level"), std::string::npos);
  EXPECT_FALSE(node.server.stream_role);
}

TEST(PostgresStream, TakesAllOfItBackWhereNoneIsDeclaredAnyMore) {
  Goal released = streaming(Role::primary);
  released.released = true;
  released.streams = false;
  released.replication_owner = Owner::vendor;
  for (const Goal& goal : {goal_of(Role::primary, Owner::tandem), goal_of(Role::off), released,
                           streaming(Role::secondary)}) {
    Node node;
    node.expect_mended(streaming(Role::primary));
    node.server.stream_slots = 1;
    (void)node.pass(goal);
    (void)node.pass(goal);
    EXPECT_EQ(node.server.hba().find("tandem_stream"), std::string::npos);
    EXPECT_EQ(node.server.conf().find("wal_level"), std::string::npos);
    EXPECT_FALSE(node.server.stream_role);
    EXPECT_EQ(node.server.stream_slots, 0);
  }
}

// PostgreSQL does not start with a logical slot and a log that can not be streamed.
TEST(PostgresStream, KeepsTheLogWhileASlotNeedsIt) {
  Node node;
  node.expect_mended(streaming(Role::primary));
  node.server.other_slots = 1;
  const Goal off = goal_of(Role::off);
  (void)node.pass(off);
  const auto told = node.pass(off);
  EXPECT_NE(node.server.conf().find("wal_level"), std::string::npos);
  EXPECT_EQ(told.conditions.at(0).reason, "LogKeptForOthers");
  node.server.up = false;
  node.server.other_slots = 0;
  (void)node.pass(off);
  EXPECT_NE(node.server.conf().find("wal_level"), std::string::npos) << "nobody can tell";
  node.server.up = true;
  (void)node.pass(off);
  (void)node.pass(off);
  EXPECT_EQ(node.server.conf().find("wal_level"), std::string::npos);
}

// Without its role nobody else could drop it, and it would keep the log for ever.
TEST(PostgresStream, DropsASlotThatWasLeftOver) {
  Node node;
  node.server.stream_slots = 1;
  (void)node.pass(goal_of(Role::primary, Owner::tandem));
  EXPECT_EQ(node.server.stream_slots, 0);
}

TEST(PostgresStream, TouchesNoRoleOfSomebodyElse) {
  Node node;
  node.server.stream_role = StreamRole{};
  const Report report = node.pass(streaming(Role::primary));
  EXPECT_EQ(condition(report, "PostgresAccessReady").reason, "RoleNotOurs");
  EXPECT_EQ(node.server.hba().find("tandem_stream"), std::string::npos);
  (void)node.pass(goal_of(Role::primary, Owner::tandem));
  EXPECT_TRUE(node.server.stream_role);
}

}  // namespace
}  // namespace tandem
