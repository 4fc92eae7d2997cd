// postgres-access where the other node, the server, a program or the disk does not do its part.
#include "tests/resources/postgres_world.h"

namespace tandem {
namespace {

using namespace postgres_world;
using Lines = std::vector<std::string>;

const Goal kOff = goal_of(Role::off);
const Goal kPrimary = goal_of(Role::primary);
const Goal kSecondary = goal_of(Role::secondary);

TEST(PostgresAccess, AsksTheOtherNodeAsAPrimary) {
  Node node;
  EXPECT_EQ(ready(node.pass(kPrimary)), "True Ready");
  auto& errors = node.start_.sql.errors["host=10.0.0.2 user=tandem"];
  errors = Error{Fault::denied, "no pg_hba.conf entry (SQLSTATE 28000)"};
  EXPECT_EQ(ready(node.pass(kPrimary)), "False PeerRefuses");
  errors = Error{Fault::timed_out, "no answer within 5000 ms"};
  EXPECT_EQ(ready(node.pass(kPrimary)), "Unknown PeerNotAsked");
}

TEST(PostgresAccess, IsOfNoConcernWithoutAServerToANodeThatAdmitsNobody) {
  Node node(false);
  node.start_.programs.programs.clear();
  node.disk.files.erase(node.server.hba_path());
  node.disk.files.erase(node.server.conf_path());
  for (const Goal& goal : {kPrimary, kOff}) {
    const Report report = node.pass(goal);
    EXPECT_EQ(report.outcome, Outcome::in_sync);
    EXPECT_EQ(ready(report), "True NotNeeded");
    EXPECT_EQ(restart(report), "False NothingWaits");
  }
  EXPECT_EQ(ready(node.pass(kSecondary)), "False FilesMissing");
}

TEST(PostgresAccess, TellsThatPsqlIsMissing) {
  Node node;
  node.start_.programs.programs.clear();
  EXPECT_EQ(ready(node.pass(kSecondary)), "Unknown NotAsked");
}

TEST(PostgresAccess, GoesOnBesideWhatFailsAndRecovers) {
  const Error full{Fault::unavailable, "no space left on device"};
  const Error refused{Fault::denied, "permission denied"}, read_only{Fault::denied, "read-only"};
  for (const Error& error : {full, refused, read_only}) {
    Node node;
    node.disk.change_errors[node.server.hba_path()] = error;
    const Report report = node.pass(kSecondary);
    EXPECT_EQ(report.outcome, Outcome::failed);
    EXPECT_NE(report.error->message.find(error.message), std::string::npos);
    EXPECT_TRUE(node.server.role) << "the others go on";
    EXPECT_EQ(node.server.listens, "localhost, 10.0.0.2");
    node.disk.change_errors.clear();
    node.expect_mended(kSecondary);
  }
}

TEST(PostgresAccess, WritesNothingWhereTheReloadCanNotBeWrittenDown) {
  Node node;
  node.disk.change_errors["/var/lib/tandem/postgres"] = Error{Fault::unavailable, "no space"};
  EXPECT_EQ(node.pass(kSecondary).outcome, Outcome::failed);
  EXPECT_EQ(node.server.hba(), fakes::FakePostgres::kHba);
  node.disk.change_errors.clear();
  node.expect_mended(kSecondary);
}

TEST(PostgresAccess, RecoversFromAServerThatRefusesStatements) {
  Node node;
  for (const int status : {1, 2, 3, 127}) {
    node.server.fails_with = status;
    EXPECT_NE(ready(node.pass(kSecondary)), "True Ready");
  }
  node.server.fails_with.reset();
  node.expect_mended(kSecondary);
}

TEST(PostgresAccess, TakesThePathsThatTheServerTells) {
  Machine machine;
  machine.server.named_under = "/work/lab/pbx-b/root";
  Start start(machine, machine.disk, "/work/lab/pbx-b/root");
  const auto all = Permission::up_to(Reach::restart);
  EXPECT_EQ(start.pass(kSecondary, all).outcome, Outcome::repaired);
  EXPECT_EQ(start.pass(kSecondary, all).outcome, Outcome::in_sync);
  EXPECT_EQ(machine.server.hba(), kHead + kOurs + kTail + kVendors);
}

TEST(PostgresAccess, ShowsNoSecret) {
  Node node;
  const Report report = node.pass(kSecondary);
  const std::string verifier = node.server.role->verifier;
  Lines told = node.start_.programs.journal;
  for (const Change& change : report.done) told.push_back(change.from + change.to + change.why);
  for (const Condition& each : report.conditions) told.push_back(each.message);
  for (const std::string& text : told) {
    EXPECT_EQ(text.find(kPassword), std::string::npos) << text;
    EXPECT_EQ(text.find(verifier), std::string::npos) << text;
  }
  for (const Command& command : node.start_.programs.commands)
    EXPECT_EQ(command.input.find(kPassword), std::string::npos) << "not even the server is told";
}

}  // namespace
}  // namespace tandem
