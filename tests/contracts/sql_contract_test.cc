// One suite for the Sql of functions and the real one against a PostgreSQL 15 of its own.
#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <memory>
#include <thread>

#include "ports/pqxx_sql.h"
#include "tests/fakes/fake_sql.h"
#include "tests/ports/test_postgres.h"
#include "tests/ports/test_server.h"
#include "tests/run.h"

namespace tandem {
namespace {

using Row = std::vector<std::optional<std::string>>;

// A cluster takes a second to make: all tests of this file share one.
TestPostgres& server() {
  static TestPostgres cluster;
  return cluster;
}

constexpr const char* kPassword = "correct-horse-battery";

struct RealWorld {
  RealWorld() {
    static const bool made = [] {
      server().psql(std::string("create role alice login password '") + kPassword + "'");
      return true;
    }();
    EXPECT_TRUE(made);
  }
  std::string dsn() const { return server().dsn("alice"); }
  std::string nobody() const {
    return "host=127.0.0.1 dbname=asterisk user=alice port=" + std::to_string(free_port());
  }

  boost::asio::io_context io;
  PqxxSql sql;
};

// What the statements of the suite do on a server, by hand.
Result<SqlRows> alices_server(const SqlTarget& target, const SqlStatement& statement) {
  const auto& text = statement.text;
  if (target.password != kPassword)
    return Error{Fault::denied, "password authentication failed (SQLSTATE 28P01)"};
  if (text.find("$1::text") != std::string::npos)
    return SqlRows{{"echo", "nothing"}, {{statement.parameters.at(0), std::nullopt}}};
  if (text.find("no_such_table") != std::string::npos)
    return Error{Fault::not_found, "relation \"no_such_table\" does not exist (SQLSTATE 42P01)"};
  if (text.find("pg_authid") != std::string::npos)
    return Error{Fault::denied, "permission denied (SQLSTATE 42501)"};
  if (text.find("pg_sleep") != std::string::npos) return Error{Fault::timed_out, "no answer"};
  if (text.find("generate_series") != std::string::npos)
    return SqlRows{{"n"}, std::vector<Row>(Sql::kRowsMax + 1, Row{"1"})};
  if (text.find("wrong") != std::string::npos)
    return Error{Fault::invalid, "syntax error (SQLSTATE 42601)"};
  return SqlRows{{"n"}, {}};
}

struct FakeWorld {
  FakeWorld() { sql.servers["the server"] = alices_server; }
  std::string dsn() const { return "the server"; }
  std::string nobody() const { return "nobody"; }

  boost::asio::io_context io;
  fakes::FakeSql sql;
};

template <class World>
class SqlContract : public testing::Test {
 protected:
  Result<SqlRows> ask(const std::string& text, std::vector<std::string> parameters = {}) {
    return ask(SqlTarget{world_.dsn(), kPassword}, text, std::move(parameters));
  }
  Result<SqlRows> ask(SqlTarget target, const std::string& text,
                      std::vector<std::string> parameters = {},
                      std::chrono::milliseconds deadline = std::chrono::seconds{10}) {
    return run(world_.io, world_.sql.query(std::move(target),
                                           SqlStatement{text, std::move(parameters), deadline}));
  }
  void expect_fault(const Result<SqlRows>& answer, Fault fault) {
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(fault_name(answer.error().fault), fault_name(fault)) << answer.error().message;
    EXPECT_NE(answer.error().message, "");
    EXPECT_EQ(answer.error().message.find(kPassword), std::string::npos);
  }

  World world_;
};

struct Name {
  template <class T>
  static std::string GetName(int) {
    return std::is_same_v<T, RealWorld> ? "Real" : "Fake";
  }
};
using Worlds = testing::Types<RealWorld, FakeWorld>;
TYPED_TEST_SUITE(SqlContract, Worlds, Name);

TYPED_TEST(SqlContract, BindsParametersAndTellsNullFromEmpty) {
  for (const std::string text : {"", "o'clock; drop table x --", "\xC3\xA9 \"\\ \n"}) {
    const auto answer = this->ask("select $1::text as echo, null as nothing", {text});
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer.value().columns, (std::vector<std::string>{"echo", "nothing"}));
    EXPECT_EQ(answer.value().rows, (std::vector<Row>{{text, std::nullopt}}));
  }
}

TYPED_TEST(SqlContract, AnswersColumnsWithoutRows) {
  const auto answer = this->ask("select 1 as n where false");
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer.value().columns, std::vector<std::string>{"n"});
  EXPECT_TRUE(answer.value().rows.empty());
}

TYPED_TEST(SqlContract, TellsARefusedPassword) {
  this->expect_fault(this->ask(SqlTarget{this->world_.dsn(), "wrong"}, "select 1"), Fault::denied);
}

TYPED_TEST(SqlContract, TellsThatNobodyListens) {
  this->expect_fault(this->ask(SqlTarget{this->world_.nobody(), kPassword}, "select 1"),
                     Fault::connection_refused);
}

TYPED_TEST(SqlContract, TellsErrorsOfTheStatementApart) {
  this->expect_fault(this->ask("select * from no_such_table"), Fault::not_found);
  this->expect_fault(this->ask("select * from pg_authid"), Fault::denied);
  this->expect_fault(this->ask("selec wrong"), Fault::invalid);
}

TYPED_TEST(SqlContract, EndsAtTheDeadline) {
  this->expect_fault(this->ask(SqlTarget{this->world_.dsn(), kPassword}, "select pg_sleep(60)", {},
                               std::chrono::milliseconds{300}),
                     Fault::timed_out);
}

TYPED_TEST(SqlContract, RefusesMoreRowsThanTheLimit) {
  this->expect_fault(this->ask("select * from generate_series(1, 100001) as n"), Fault::too_large);
}

TYPED_TEST(SqlContract, RefusesANulThatWouldCutAParameter) {
  this->expect_fault(this->ask("select $1::text as echo", {std::string("a\0b", 3)}),
                     Fault::invalid);
}

// ---- what only a real server does

class RealSql : public SqlContract<RealWorld> {};

TEST_F(RealSql, CommitsWhatSucceedsAndNothingOfWhatFails) {
  server().psql("create table if not exists t (n int); truncate t; grant all on t to alice");
  ASSERT_TRUE(ask("insert into t values ($1::int)", {"1"}).ok());
  expect_fault(ask("insert into t select 1 / (n - 1) from t"), Fault::invalid);
  expect_fault(ask("insert into t values (2); insert into t values (3)"), Fault::invalid);
  EXPECT_EQ(server().psql("select string_agg(n::text, ',') from t"), "1");
}

TEST_F(RealSql, TellsTheServersWordsAndItsSqlstate) {
  const auto answer = ask("select * from no_such_table");
  EXPECT_NE(answer.error().message.find("no_such_table"), std::string::npos);
  EXPECT_NE(answer.error().message.find("SQLSTATE 42P01"), std::string::npos);
  const auto refused = ask(SqlTarget{server().dsn("nobody"), kPassword}, "select 1");
  EXPECT_NE(refused.error().message.find("SQLSTATE 28"), std::string::npos)
      << refused.error().message;
  const std::string elsewhere = "host=127.0.0.1 dbname=no_such_database user=alice port=";
  const SqlTarget target{elsewhere + std::to_string(server().port()), kPassword};
  const auto missing = ask(target, "select 1");
  expect_fault(missing, Fault::not_found);
}

TEST_F(RealSql, CutsAServerThatStandsStill) {
  server().freeze();
  const auto answer =
      ask(SqlTarget{world_.dsn(), kPassword}, "select 1", {}, std::chrono::milliseconds{300});
  server().thaw();
  expect_fault(answer, Fault::timed_out);
  EXPECT_TRUE(ask("select 1").ok()) << "and asks it again once it moves";
}

TEST_F(RealSql, CutsAHostThatSwallowsWhatIsSent) {
  FullListener silent;
  const SqlTarget target{"host=127.0.0.1 user=a port=" + std::to_string(silent.port()), kPassword};
  expect_fault(ask(target, "select 1", {}, std::chrono::milliseconds{300}), Fault::timed_out);
}

TEST_F(RealSql, TellsALostConnection) {
  server().psql(
      "create or replace function end_me() returns void language sql security definer as "
      "'select pg_terminate_backend(pg_backend_pid())'");
  const auto answer = ask("select end_me()");
  ASSERT_FALSE(answer.ok());
  EXPECT_TRUE(worth_retrying(answer.error())) << answer.error().message;
}

TEST_F(RealSql, KeepsAConnectionOnlyForThoseThatSaySo) {
  const auto pid = [&](bool on_kept, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
    SqlStatement statement;
    statement.text = "select pg_backend_pid()";
    statement.deadline = limit;
    statement.on_kept = on_kept;
    const auto rows =
        run(world_.io, world_.sql.query(SqlTarget{world_.dsn(), kPassword}, statement));
    EXPECT_TRUE(rows.ok()) << rows.error().message;
    return rows.ok() ? rows.value().rows.at(0).at(0).value_or("") : "";
  };
  const std::string kept = pid(true);
  EXPECT_EQ(pid(true), kept);
  EXPECT_NE(pid(false), kept) << "being let in may be the question";
  EXPECT_NE(pid(true, std::chrono::seconds{9}), kept) << "the limit belongs to the connection";
  EXPECT_EQ(pid(true), kept);

  server().psql("select pg_terminate_backend(" + kept + ", 5000)");
  const std::string next = pid(true);
  EXPECT_NE(next, kept) << "the server may end it at any time";
  EXPECT_EQ(pid(true), next);
  SqlTarget wrong{world_.dsn(), "wrong"};
  SqlStatement statement;
  statement.text = "select 1";
  statement.on_kept = true;
  statement.deadline = std::chrono::seconds{10};
  expect_fault(run(world_.io, world_.sql.query(std::move(wrong), std::move(statement))),
               Fault::denied);
}

TEST_F(RealSql, KeepsAFewConnectionsAndClosesThemWhenItEnds) {
  const std::string count = "select count(*) from pg_stat_activity where usename = 'alice'";
  const auto are_open = [&](const std::string& wanted) {
    for (int i = 0; i < 50 && server().psql(count) != wanted; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    return server().psql(count);
  };
  {
    PqxxSql sql;
    for (int i = 0; i < 7; ++i) {
      SqlStatement statement;
      statement.text = "select 1";
      statement.deadline = std::chrono::milliseconds{9'000 + i};
      statement.on_kept = true;
      ASSERT_TRUE(run(world_.io, sql.query(SqlTarget{world_.dsn(), kPassword}, statement)).ok());
    }
    EXPECT_EQ(are_open(std::to_string(PqxxSql::kKeptMax)), std::to_string(PqxxSql::kKeptMax));
  }
  EXPECT_EQ(are_open("0"), "0");
}

TEST_F(RealSql, RefusesADsnThatIsNone) {
  expect_fault(ask(SqlTarget{"host=127.0.0.1 colour=blue", ""}, "select 1"), Fault::invalid);
}

Task<void> ask_and_count(PqxxSql& sql, SqlTarget target, SqlStatement statement, int* answered,
                         int* unavailable) {
  const auto rows = co_await sql.query(std::move(target), std::move(statement));
  ++*(rows.ok() ? answered : unavailable);
}

TEST_F(RealSql, RunsManyStatementsAtOnceAndBoundsTheirNumber) {
  int answered = 0, unavailable = 0;
  for (int i = 0; i < PqxxSql::kStatementsMax + 10; ++i) {
    boost::asio::co_spawn(
        world_.io,
        ask_and_count(world_.sql, SqlTarget{world_.dsn(), kPassword},
                      SqlStatement{"select pg_sleep(0.01)", {}, std::chrono::seconds{30}},
                      &answered, &unavailable),
        boost::asio::detached);
  }
  world_.io.restart();
  world_.io.run();
  EXPECT_EQ(answered, PqxxSql::kStatementsMax);
  EXPECT_EQ(unavailable, 10);
}

TEST_F(RealSql, EndsWithWhatIsUnderWay) {
  int answered = 0, unavailable = 0;
  boost::asio::io_context io;
  {
    PqxxSql sql;
    boost::asio::co_spawn(
        io,
        ask_and_count(sql, SqlTarget{world_.dsn(), kPassword},
                      SqlStatement{"select pg_sleep(60)", {}, std::chrono::seconds{60}}, &answered,
                      &unavailable),
        boost::asio::detached);
    io.run_for(std::chrono::milliseconds{200});
  }
  SUCCEED() << "its destructor returned, long before the statement would have";
}

}  // namespace
}  // namespace tandem
