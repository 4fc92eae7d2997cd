// When postgres-access asks the server by its superuser, and when it spares that.
#include "tests/fakes/fake_clock.h"
#include "tests/resources/postgres_world.h"

namespace tandem {
namespace {

using namespace postgres_world;

constexpr const char* kSocket = "/run/postgresql/.s.PGSQL.5432";
constexpr const char* kOwnDsn = "host=127.0.0.1 user=tandem";

class PostgresAccessSpared : public testing::Test {
 protected:
  PostgresAccessSpared() {
    machine_.disk.files[kSocket] = fakes::File("");
    start_.sql.servers[kOwnDsn] = [this](const SqlTarget&, const SqlStatement&) -> Result<SqlRows> {
      if (!machine_.server.role) return Error{Fault::denied, "no such role"};
      return SqlRows{{"pg_has_role"}, {{"t"}}};
    };
  }
  void SetUp() override {
    // The first answer tells where the files are; from the second on they are looked at before.
    for (int i = 0; i < 3; ++i) pass();
    ASSERT_FALSE(asks()) << "all is right, and nothing has changed";
  }

  PostgresAccess::Places places() {
    PostgresAccess::Places places = start_.places;
    places.own_dsn = kOwnDsn;
    places.clock = &clock_;
    return places;
  }
  Outcome pass() {
    return run(reconcile(access_, goal_, Permission::up_to(Reach::restart))).outcome;
  }
  bool asks() {
    start_.programs.journal.clear();
    EXPECT_EQ(pass(), Outcome::in_sync);
    return !start_.programs.journal.empty();
  }

  Machine machine_;
  fakes::FakeClock clock_;
  Start start_{machine_, machine_.disk};
  PostgresServer server_{start_.programs, "host=127.0.0.1 port=5432 user=tandem"};
  Unconfirmed reloads_{machine_.disk, "/var/lib/tandem/postgres"};
  PostgresAccess access_{machine_.disk, machine_.disk, server_, start_.sql, reloads_, places()};
  Goal goal_ = goal_of(Role::secondary, Owner::tandem);
};

TEST_F(PostgresAccessSpared, MakesADroppedRoleAtTheNextLook) {
  machine_.server.role.reset();
  EXPECT_EQ(pass(), Outcome::repaired);
  EXPECT_TRUE(machine_.server.role);
}

TEST_F(PostgresAccessSpared, AsksWhereAFileIsAnother) {
  machine_.disk.files[machine_.server.conf_path()].content += "work_mem = '8MB'\n";
  EXPECT_TRUE(asks());
  EXPECT_FALSE(asks());
}

TEST_F(PostgresAccessSpared, AsksAfterTheServerWasStartedAnew) {
  machine_.disk.files[kSocket].mtime += std::chrono::seconds{1};
  EXPECT_TRUE(asks());
}

TEST_F(PostgresAccessSpared, AsksAgainAfterAWhileAndForAnOrder) {
  clock_.time += PostgresAccess::kAskEvery;
  EXPECT_TRUE(asks());
  EXPECT_FALSE(asks());
  access_.look_anew();
  EXPECT_TRUE(asks());
}

TEST_F(PostgresAccessSpared, AsksForAnotherDeclaration) {
  goal_.role = Role::off;
  EXPECT_EQ(pass(), Outcome::repaired);
  EXPECT_FALSE(machine_.server.role);
}

// There are no facts to remember, and nothing is wrong.
TEST_F(PostgresAccessSpared, AsksEachTimeWhereThereIsNoServerAtAll) {
  fakes::MemoryFilesystem bare;
  fakes::FakeProcess none;
  PostgresServer server(none, "host=127.0.0.1 port=5432 user=tandem");
  Unconfirmed reloads(bare, "/var/lib/tandem/postgres");
  PostgresAccess access(bare, bare, server, start_.sql, reloads, places());
  goal_.role = Role::off;
  for (int i = 0; i < 2; ++i) {
    none.journal.clear();
    const auto report = run(reconcile(access, goal_, Permission::up_to(Reach::restart)));
    EXPECT_EQ(report.outcome, Outcome::in_sync);
    EXPECT_FALSE(none.journal.empty());
  }
}

TEST_F(PostgresAccessSpared, AsksWhereTheSocketIsNotSeen) {
  machine_.disk.files.erase(kSocket);
  EXPECT_TRUE(asks());
  EXPECT_TRUE(asks());
}

}  // namespace
}  // namespace tandem
