// Sessions of libpq against a PostgreSQL 15 of the test's own.
#include "ports/libpq_databases.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/ports/test_postgres.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

// A cluster takes a second to make: all tests of this file share one.
TestPostgres& server() {
  static TestPostgres cluster;
  return cluster;
}

class LibpqSessions : public testing::Test {
 protected:
  LibpqSessions() {
    static const bool made = [] {
      server().psql("create role alice login password 'correct-horse-battery'");
      return true;
    }();
    EXPECT_TRUE(made);
    target_.dsn = server().dsn("alice") + " sslmode=disable";
    target_.password = "correct-horse-battery";
  }

  std::unique_ptr<DatabaseSession> open() {
    auto opened = databases_.open(target_, stop_.get_token());
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(opened).value();
  }

  LibpqDatabases databases_;
  SqlTarget target_;
  std::stop_source stop_;
};

TEST_F(LibpqSessions, AnswerRowsOfAllStatements) {
  const auto session = open();
  const auto rows = session->ask("select 1, null; select 'a'; select generate_series(2, 3)");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows.value().rows.size(), 4U);
  EXPECT_EQ(rows.value().rows[0], (SqlRow{"1", std::nullopt}));
  EXPECT_EQ(rows.value().rows[3], (SqlRow{"3"}));
  EXPECT_GE(session->version(), 150'000);
  EXPECT_GT(session->bytes(), 100U);
}

TEST_F(LibpqSessions, GoOnAfterAFailedStatement) {
  const auto session = open();
  const auto failed = session->ask("select 1 / (n - 1) from generate_series(0, 5) n");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(session->state(), "22012");
  EXPECT_EQ(failed.error().fault, Fault::invalid);
  EXPECT_TRUE(session->ask("select 1").ok());
}

TEST_F(LibpqSessions, CarryCopyDataBothWays) {
  const auto session = open(), other = open();
  ASSERT_TRUE(other->ask("create temp table t (n int, v text)").ok());
  ASSERT_TRUE(session
                  ->begin_copy_out("copy (select n, repeat('x', 1000) from generate_series(1, "
                                   "20000) n) to stdout")
                  .ok());
  ASSERT_TRUE(other->begin_copy_in("copy t from stdin").ok());
  for (;;) {
    const auto data = session->next_copy_data();
    ASSERT_TRUE(data.ok());
    if (data.value().empty()) break;
    ASSERT_TRUE(other->put_copy_data(data.value()).ok());
  }
  const auto ended = other->end_copy_in();
  ASSERT_TRUE(ended.ok()) << ended.error().message;
  EXPECT_EQ(ended.value(), 20'000U);
  EXPECT_EQ(other->ask("select sum(n) from t").value().rows[0][0], "200010000");
  EXPECT_EQ(session->ask("select 1").value().rows.size(), 1U);
}

TEST_F(LibpqSessions, TellWhatTheServerRefusedOfACopy) {
  const auto session = open();
  ASSERT_TRUE(session->ask("create temp table t (n int)").ok());
  EXPECT_FALSE(session->begin_copy_in("copy no_such_table from stdin").ok());
  ASSERT_TRUE(session->begin_copy_in("copy t from stdin").ok());
  ASSERT_TRUE(session->put_copy_data("no number\n").ok());
  EXPECT_FALSE(session->end_copy_in().ok());
  EXPECT_EQ(session->state(), "22P02");
  EXPECT_TRUE(session->ask("select 1").ok());
}

TEST_F(LibpqSessions, RefuseWithAReasonAndNoPassword) {
  target_.password = "wrong-password";
  const auto denied = databases_.open(target_, {});
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error().fault, Fault::denied);
  EXPECT_EQ(denied.error().message.find("wrong-password"), std::string::npos);
  target_.dsn = "host=127.0.0.1 port=1 dbname=asterisk user=alice";
  EXPECT_EQ(databases_.open(target_, {}).error().fault, Fault::connection_refused);
}

TEST_F(LibpqSessions, EndWithinAMomentOfAStop) {
  const auto session = open();
  const std::jthread stopper([this] {
    std::this_thread::sleep_for(milliseconds{100});
    stop_.request_stop();
  });
  EXPECT_EQ(session->ask("select pg_sleep(60)").error().fault, Fault::cancelled);
  EXPECT_EQ(session->ask("select 1").error().fault, Fault::cancelled);
}

TEST_F(LibpqSessions, DoNotWaitForAServerThatStandsStill) {
  const auto session = open();
  session->set_patience(milliseconds{300});
  server().freeze();
  const auto answer = session->ask("select 1");
  server().thaw();
  EXPECT_EQ(answer.error().fault, Fault::timed_out);
}

TEST_F(LibpqSessions, KnowThatTheyWereEnded) {
  const auto session = open();
  server().psql(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = "
      "'tandem-replication'");
  EXPECT_EQ(session->ask("select 1").error().fault, Fault::connection_cut);
  EXPECT_EQ(session->ask("select 1").error().fault, Fault::connection_cut);
}

TEST_F(LibpqSessions, KeepNoMoreThanTheyShould) {
  const auto session = open();
  const auto rows = session->ask("select repeat('x', 100000) from generate_series(1, 1000)");
  EXPECT_EQ(rows.error().fault, Fault::too_large);
}

}  // namespace
}  // namespace tandem
