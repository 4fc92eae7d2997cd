// postgres-access against a PostgreSQL 15 of the test's own: what the server makes of the files,
// and whom it lets in.
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdio>

#include "pbx/postgres_password.h"
#include "ports/pqxx_sql.h"
#include "ports/real_filesystem.h"
#include "reconciler/reconcile.h"
#include "resources/postgres_access/postgres_access.h"
#include "tests/ports/relay.h"
#include "tests/ports/test_certificates.h"
#include "tests/ports/test_postgres.h"
#include "tests/resources/cluster_programs.h"
#include "tests/run.h"

namespace tandem {
namespace {

const std::string kPassword = "0123456789abcdef0123456789abcdef";
const std::string kPrimary = "127.0.0.11", kOwn = "127.0.0.12", kStranger = "127.0.0.13";
const std::string kMarker = "/var/lib/wazo/disabled";

struct Original {
  TestPostgres cluster;
  std::string hba = content_of(cluster.hba_path());
  std::string conf = content_of(cluster.conf_path());
};

class RealPostgresAccess : public testing::Test {
 protected:
  // The cluster of all tests, as it was made.
  static Original& original() {
    static Original made;
    return made;
  }
  static TestPostgres& cluster() { return original().cluster; }

  RealPostgresAccess() {
    cluster().stop();
    write_to(cluster().hba_path(), original().hba);
    write_to(cluster().conf_path(), original().conf);
    std::filesystem::remove(cluster().root() + "/data/postgresql.auto.conf");
    cluster().start();
    forget_role();
    std::filesystem::create_directories(cluster().root() + "/var/lib/wazo");
    write_to(cluster().root() + kMarker, "");
    write_to(folder_ / "runuser",
             "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nPGHOST=" +
                 cluster().socket_folder() + " PGPORT=" + std::to_string(cluster().port()) +
                 " PGUSER=postgres exec \"$@\"\n");
    std::filesystem::permissions(folder_ / "runuser", std::filesystem::perms{0755});
    places_.root = cluster().root();
    places_.password_file = folder_ / "pgpass";
    EXPECT_TRUE(write_postgres_password(disk_, places_.password_file, kPassword).ok());
    goal_.role = Role::secondary;
    goal_.standing_by = true;
    goal_.own_address = kOwn;
    goal_.peer_address = kPrimary;
    goal_.peer_addresses = {kPrimary};
    goal_.replication_owner = Owner::tandem;
  }

  static void forget_role() {
    if (cluster().psql("select count(*) from pg_roles where rolname = 'tandem'") == "1")
      cluster().psql(
          "revoke set on parameter session_replication_role from tandem; "
          "drop role tandem");
    cluster().psql("drop role if exists tandem_stream");
  }

  Report pass(Reach allow = Reach::restart) {
    PostgresServer server(programs_, "host=127.0.0.1 dbname=asterisk user=tandem");
    Unconfirmed reloads(disk_, folder_ / "reloads");
    PostgresAccess access(files_, disk_, server, sql_, reloads, places_);
    return run(io_, reconcile(access, goal_, Permission::up_to(allow)));
  }

  void expect_ready(const Report& report, const std::string& reason) {
    for (const Condition& each : report.conditions) {
      if (each.type == "PostgresAccessReady") {
        EXPECT_EQ(each.reason, reason) << each.message;
      }
    }
  }

  void expect_settled() {
    const Report report = pass();
    EXPECT_TRUE(report.outcome == Outcome::repaired || report.outcome == Outcome::in_sync)
        << (report.error ? report.error->message : report.note);
    expect_ready(report, "Ready");
    const Report again = pass();
    EXPECT_EQ(again.outcome, Outcome::in_sync)
        << (again.drift.empty() ? "" : again.drift.front().field);
  }

  // As from another host, over TLS or without.
  Result<SqlRows> ask_from(const std::string& source, const std::string& user,
                           const std::string& password, const std::string& text,
                           const std::string& more = " sslmode=disable") {
    Relay relay(source, kOwn, cluster().port());
    SqlTarget target;
    target.dsn = "host=127.0.0.1 dbname=asterisk user=" + user +
                 " port=" + std::to_string(relay.port()) + more;
    target.password = password;
    SqlStatement statement;
    statement.text = text;
    statement.deadline = std::chrono::seconds{20};
    return run(io_, sql_.query(std::move(target), std::move(statement)));
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  RealFilesystem disk_{io_.get_executor(), "/"};
  RealFilesystem files_{io_.get_executor(), cluster().root()};
  PqxxSql sql_;
  ClusterPrograms programs_{cluster(), folder_ / "runuser"};
  PostgresAccess::Places places_;
  Goal goal_;
};

TEST_F(RealPostgresAccess, LetsThePrimaryInAndNobodyElse) {
  expect_settled();
  EXPECT_EQ(programs_.restarts, 1);
  const auto in = ask_from(kPrimary, "tandem", kPassword, "select inet_client_addr()");
  ASSERT_TRUE(in.ok()) << in.error().message;
  EXPECT_EQ(in.value().rows[0][0], kPrimary);
  EXPECT_EQ(ask_from(kPrimary, "tandem", "wrong-wrong-wrong", "select 1").error().fault,
            Fault::denied);
  EXPECT_EQ(ask_from(kStranger, "tandem", kPassword, "select 1").error().fault, Fault::denied);
  for (const std::string user : {"postgres", "asterisk"})
    EXPECT_EQ(ask_from(kPrimary, user, "proformatique", "select 1").error().fault, Fault::denied);
}

TEST_F(RealPostgresAccess, GivesTheRoleReplicationsWorkAndNoMore) {
  expect_settled();
  cluster().psql("set role asterisk; create table if not exists t (n int); reset role");
  const auto may = [&](const std::string& text) {
    return ask_from(kPrimary, "tandem", kPassword, text).ok();
  };
  EXPECT_TRUE(may("insert into t values (1)"));
  EXPECT_TRUE(may("set session_replication_role = replica"));
  EXPECT_TRUE(may("select pg_terminate_backend(0)"));
  EXPECT_FALSE(may("select * from pg_authid"));
  EXPECT_FALSE(may("create role other"));
  EXPECT_FALSE(may("create database other"));
  EXPECT_FALSE(may("copy t to program 'true'"));
  EXPECT_FALSE(may("alter system set log_statement = 'all'"));
}

// kPrimary is the other node here: it fetches the stream.
TEST_F(RealPostgresAccess, GivesAStreamToTheOtherNodeAndTakesAllOfItBack) {
  goal_.role = Role::primary;
  goal_.streams = true;
  (void)pass();
  const std::string password = stream_password(kPassword);
  EXPECT_EQ(cluster().psql("show wal_level"), "logical") << "it stands by, and was restarted";
  EXPECT_EQ(cluster().psql("show max_slot_wal_keep_size"), "2GB");
  const auto in = ask_from(kPrimary, "tandem_stream", password,
                           "select slot_name from pg_create_logical_replication_slot("
                           "'tandem_00000000000000ab', 'pgoutput')");
  EXPECT_TRUE(in.ok()) << in.error().message;
  EXPECT_EQ(ask_from(kStranger, "tandem_stream", password, "select 1").error().fault,
            Fault::denied);
  EXPECT_EQ(ask_from(kPrimary, "tandem", kPassword, "select 1").error().fault, Fault::denied)
      << "the other node reads the stream here, and no table";
  cluster().psql("set role asterisk; create table if not exists t (n int); reset role");
  EXPECT_FALSE(ask_from(kPrimary, "tandem_stream", password, "select * from t").ok());
  EXPECT_EQ(cluster().log().find(password), std::string::npos);

  cluster().psql("select pg_create_logical_replication_slot('theirs', 'pgoutput')");
  goal_.streams = false;
  for (int i = 0; i < 2; ++i) (void)pass();
  EXPECT_EQ(cluster().psql("select count(*) from pg_roles where rolname = 'tandem_stream'"), "0");
  EXPECT_EQ(cluster().psql("select slot_name from pg_replication_slots"), "theirs");
  EXPECT_EQ(cluster().psql("show wal_level"), "logical") << "it would not start any more";
  cluster().psql("select pg_drop_replication_slot('theirs')");
  (void)pass();
  EXPECT_EQ(content_of(cluster().hba_path()), original().hba);
  EXPECT_EQ(content_of(cluster().conf_path()), original().conf);
}

// A role that owns parts of a stream goes with them.
TEST_F(RealPostgresAccess, EndsAStreamIntoTheNodeWithItsRole) {
  expect_settled();
  cluster().psql(
      "create subscription tandem connection 'host=127.0.0.1' publication tandem with (connect = "
      "false, enabled = false, slot_name = none, create_slot = false); alter role tandem "
      "superuser; alter subscription tandem owner to tandem; alter role tandem nosuperuser; grant "
      "execute on function pg_replication_origin_progress(text, boolean) to tandem");
  goal_.released = true;
  goal_.replication_owner = Owner::vendor;
  (void)pass();
  EXPECT_EQ(cluster().psql("select count(*) from pg_subscription"), "0");
  EXPECT_EQ(cluster().psql("select count(*) from pg_roles where rolname = 'tandem'"), "0");
}

TEST_F(RealPostgresAccess, TellsTheServersLogNoSecret) {
  expect_settled();  // the cluster logs every statement
  const std::string verifier =
      cluster().psql("select rolpassword from pg_authid where rolname = 'tandem'");
  ASSERT_TRUE(verifies(verifier, kPassword));
  EXPECT_NE(cluster().log().find("statement:"), std::string::npos);
  EXPECT_EQ(cluster().log().find(kPassword), std::string::npos);
  EXPECT_EQ(cluster().log().find("SCRAM-SHA-256$"), std::string::npos);
}

TEST_F(RealPostgresAccess, LetsTheVendorsCopyInAsLongAsItIsTheVendors) {
  goal_.replication_owner = Owner::vendor;
  expect_settled();
  EXPECT_TRUE(
      content_of(cluster().hba_path()).ends_with("host asterisk postgres 127.0.0.11/32 trust\n"));
  EXPECT_TRUE(ask_from(kPrimary, "postgres", "", "select 1").ok());
  goal_.replication_owner = Owner::tandem;
  expect_settled();
  EXPECT_EQ(ask_from(kPrimary, "postgres", "", "select 1").error().fault, Fault::denied);
}

// For the server: readable by its user alone.
void write_identity(const TlsIdentity& identity, const std::string& folder) {
  struct stat owner {};
  ASSERT_EQ(stat(folder.c_str(), &owner), 0);
  for (const char* name : {"/server.crt", "/server.key"}) {
    FILE* file = fopen((folder + name).c_str(), "w");
    ASSERT_NE(file, nullptr);
    if (std::string_view(name) == "/server.crt")
      PEM_write_X509(file, identity.certificate.get());
    else
      PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
    ASSERT_EQ(chown((folder + name).c_str(), owner.st_uid, owner.st_gid), 0);
    ASSERT_EQ(chmod((folder + name).c_str(), 0600), 0);
  }
}

TEST_F(RealPostgresAccess, RequiresTlsWhereTheServerHasIt) {
  const TestCa authority("a test's");
  write_identity(authority.issue("IP:127.0.0.12"), cluster().root() + "/data");
  std::ofstream(cluster().conf_path(), std::ios::app) << "ssl = on\n";
  cluster().psql("select pg_reload_conf()");
  expect_settled();
  EXPECT_NE(content_of(cluster().hba_path()).find("hostssl asterisk tandem"), std::string::npos);
  EXPECT_EQ(ask_from(kPrimary, "tandem", kPassword, "select 1").error().fault, Fault::denied);
  const auto in = ask_from(kPrimary, "tandem", kPassword,
                           "select ssl from pg_stat_ssl where pid = "
                           "pg_backend_pid()",
                           " sslmode=require channel_binding=require");
  ASSERT_TRUE(in.ok()) << in.error().message;
  EXPECT_EQ(in.value().rows[0][0], "t");
}

TEST_F(RealPostgresAccess, WaitsWithTheRestartAndNeverRestartsANodeThatServes) {
  EXPECT_EQ(pass(Reach::reload).outcome, Outcome::waiting);
  expect_ready(pass(Reach::reload), "RestartNeeded");
  goal_.standing_by = false;
  EXPECT_EQ(pass(Reach::telephony).outcome, Outcome::in_sync);
  EXPECT_EQ(programs_.restarts, 0);
  EXPECT_FALSE(ask_from(kPrimary, "tandem", kPassword, "select 1").ok()) << "nobody listens there";
  goal_.standing_by = true;
  expect_settled();
  EXPECT_EQ(programs_.restarts, 1);
}

TEST_F(RealPostgresAccess, TakesTheRulesByAReloadAlone) {
  std::ofstream(cluster().conf_path(), std::ios::app) << "listen_addresses = '*'\n";
  cluster().stop();
  cluster().start();
  expect_settled();
  EXPECT_EQ(programs_.restarts, 0);
  EXPECT_TRUE(ask_from(kPrimary, "tandem", kPassword, "select 1").ok());
  // Somebody takes the line away and reloads: it comes back.
  write_to(cluster().hba_path(), original().hba);
  cluster().psql("select pg_reload_conf()");
  expect_settled();
  EXPECT_TRUE(ask_from(kPrimary, "tandem", kPassword, "select 1").ok());
}

TEST_F(RealPostgresAccess, LetsAnAdministratorsBadLineBe) {
  expect_settled();
  const std::string right = content_of(cluster().hba_path());
  const std::string bad = original().hba + "host all all 10.0.0.0/8 nonsense\n";
  write_to(cluster().hba_path(), bad);
  expect_ready(pass(), "HbaRejected");
  EXPECT_EQ(content_of(cluster().hba_path()), bad);
  EXPECT_TRUE(ask_from(kPrimary, "tandem", kPassword, "select 1").ok()) << "by the old rules";
  write_to(cluster().hba_path(), original().hba);
  expect_settled();
  EXPECT_EQ(content_of(cluster().hba_path()), right);
}

TEST_F(RealPostgresAccess, KeepsAnAdministratorsAddressesWhereverTheyAreSet) {
  const std::string included = cluster().root() + "/etc/postgresql/15/main/conf.d/backup.conf";
  write_to(included, "listen_addresses = 'localhost, 127.0.0.5'\n");
  expect_settled();
  EXPECT_EQ(cluster().psql("show listen_addresses"), "localhost, 127.0.0.5, 127.0.0.12");
  EXPECT_EQ(
      content_of(cluster().conf_path()),
      original().conf + "listen_addresses = 'localhost, 127.0.0.5, 127.0.0.12' # kept by Tandem\n");
  std::filesystem::remove(included);

  cluster().psql("alter system set listen_addresses = 'localhost'");
  pass();
  cluster().stop();
  cluster().start();
  expect_ready(pass(), "ListenSetElsewhere");
}

TEST_F(RealPostgresAccess, IsDownAndComesBackWithoutOurs) {
  cluster().stop();
  expect_ready(pass(), "ServerDown");
  EXPECT_NE(content_of(cluster().hba_path()), original().hba) << "the rules are right all the same";
  cluster().start();
  expect_settled();
}

TEST_F(RealPostgresAccess, LeavesEverythingAsItWasOnceTheNodeIsOff) {
  expect_settled();
  goal_.role = Role::off;
  goal_.standing_by = false;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  EXPECT_EQ(content_of(cluster().hba_path()), original().hba);
  EXPECT_EQ(content_of(cluster().conf_path()), original().conf);
  EXPECT_EQ(cluster().psql("select count(*) from pg_roles where rolname = 'tandem'"), "0");
  EXPECT_EQ(ask_from(kPrimary, "tandem", kPassword, "select 1").error().fault, Fault::denied);
}

TEST_F(RealPostgresAccess, TakesTheSchemasOfTheCopiesWithTheRole) {
  expect_settled();
  cluster().psql(
      "create schema tandem authorization tandem; create schema tandem_undo authorization tandem; "
      "set role tandem; "
      "create table tandem.direction (n int); create table tandem.copy (n int); "
      "create table tandem_undo.generation (n int)");
  goal_.role = Role::off;
  goal_.standing_by = false;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(cluster().psql("select count(*) from pg_namespace where nspname like 'tandem%'"), "0");
  EXPECT_EQ(cluster().psql("select count(*) from pg_roles where rolname = 'tandem'"), "0");
}

TEST_F(RealPostgresAccess, TakesASettingThatWentForNoErrorOfTheFile) {
  expect_settled();
  const std::string ours = content_of(cluster().conf_path());
  goal_.role = Role::off;
  goal_.standing_by = false;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  // The server still runs with it, and says that it can not be changed without a restart.
  goal_.role = Role::secondary;
  goal_.standing_by = true;
  expect_settled();
  EXPECT_EQ(content_of(cluster().conf_path()), ours);
}

TEST_F(RealPostgresAccess, LeavesARoleThatSomebodyElseMade) {
  cluster().psql("create role tandem superuser login");
  expect_ready(pass(), "RoleNotOurs");
  goal_.role = Role::off;
  goal_.standing_by = false;
  pass();
  EXPECT_EQ(cluster().psql("select rolsuper from pg_roles where rolname = 'tandem'"), "t");
  cluster().psql("drop role tandem");
}

TEST_F(RealPostgresAccess, TellsHowARoleGoesThatWasGivenMore) {
  expect_settled();
  cluster().psql("create table if not exists given (n int); grant select on given to tandem");
  goal_.role = Role::off;
  goal_.standing_by = false;
  const Report report = pass();
  EXPECT_EQ(report.outcome, Outcome::failed);
  EXPECT_NE(report.error->message.find("drop owned by tandem"), std::string::npos)
      << report.error->message;
  cluster().psql("drop table given");
  EXPECT_EQ(pass().outcome, Outcome::repaired);
}

// The vendor's worst: it wrote null as the address, and its restart of PostgreSQL failed.
TEST_F(RealPostgresAccess, MendsTheFileThatKeepsTheServerFromStarting) {
  goal_.replication_owner = Owner::vendor;
  cluster().stop();
  write_to(cluster().hba_path(), original().hba + "host asterisk postgres None/32 trust\n");
  EXPECT_THROW(cluster().start(), std::runtime_error);
  expect_ready(pass(), "ServerDown");
  cluster().start();  // by whoever the condition tells
  expect_settled();
}

}  // namespace
}  // namespace tandem
