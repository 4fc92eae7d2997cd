// Two PostgreSQL clusters of the tests' own, with a schema like Wazo's: a primary and a secondary
// as `tandem init` and postgres-access leave them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ports/libpq_databases.h"
#include "ports/pqxx_sql.h"
#include "ports/real_clock.h"
#include "replication/copy/database_copy.h"
#include "replication/database/direction.h"
#include "replication/undo/undo.h"
#include "tests/ports/test_postgres.h"
#include "tests/replication/link.h"
#include "tests/run.h"

namespace tandem {

inline const std::string kTandemPassword = "0123456789abcdef0123456789abcdef";

// A cluster takes a second to make, and a schema half of one: all tests of a program share two
// clusters, and their databases are copies of one that was made once.
class CopyWorld {
 public:
  TestPostgres primary, secondary;

  CopyWorld() {
    for (auto* cluster : {&primary, &secondary}) {
      trust_loopback(*cluster);
      cluster->psql("create role tandem login password '" + kTandemPassword +
                    "'; grant asterisk, pg_signal_backend to tandem; "
                    "grant set on parameter session_replication_role to tandem");
    }
  }

  // What `make` does to a new database is done once.
  void make_anew(TestPostgres& cluster, const std::function<void()>& make) {
    if (made_.insert(&cluster).second) {
      make();
      cluster.psql("create database made template asterisk owner asterisk");
    }
    cluster.psql("drop database asterisk with (force)");
    cluster.psql("create database asterisk template made owner asterisk strategy file_copy");
  }

  static CopyWorld& shared() {
    static CopyWorld world;
    return world;
  }

 private:
  // What is tested is the copy: to prove a password takes a server and a client 35 ms, for each of
  // some thousand sessions. The role asterisk must.
  static void trust_loopback(TestPostgres& cluster) {
    std::ofstream(cluster.hba_path()) << "local all all trust\n"
                                         "host all asterisk 127.0.0.1/32 scram-sha-256\n"
                                         "host all all 127.0.0.1/32 trust\n";
    cluster.reload();
  }

  std::set<const TestPostgres*> made_;
};

// The content of every table that is copied, and of no other, row by row in the order of its text.
inline std::string content_of(const TestPostgres& cluster, const std::string& left_out) {
  return cluster.psql(
      "set timezone = 'UTC'; do $$ declare t text; r text; all_rows text := ''; begin for t in "
      "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' "
      "and relname !~ '" +
      left_out +
      "' order by relname collate \"C\" loop execute format('select "
      "coalesce(string_agg(t::text, E''\\n'' order by t::text collate \"C\"), '''') from public.%I "
      "t', t) into r; all_rows := all_rows || t || E':\\n' || r || E'\\n'; end loop; perform "
      "set_config('tandem.content', all_rows, false); end $$; select "
      "current_setting('tandem.content')");
}

inline const std::string kLeftOut =
    "^(cel|queue_log|stat_queue|call_logd_tenant|call_logd_call_log|auth_session|auth_token|"
    "alembic_version)$";

class CopyTest : public testing::Test {
 protected:
  CopyTest() {
    for (auto* cluster : {&primary_, &secondary_})
      if (!cluster->runs()) cluster->start();
    direction_.pair = "montreal";
    direction_.node = "pbx-b";
    direction_.role = "secondary";
    direction_.state = "Standby";
    direction_.standing_by = true;
    direction_.accepted_primary = "pbx-a";
    direction_.wizard_passed = true;
    direction_.disk_free_bytes = 10LL << 30U;
    const auto with_schema = [](TestPostgres& cluster, const auto& filled) {
      CopyWorld::shared().make_anew(cluster, [&] {
        cluster.psql("drop schema public cascade; create schema public authorization asterisk");
        cluster.psql(
            content_of(std::string(TANDEM_SOURCE_DIR) + "/tests/replication/wazo_like.sql"));
        cluster.psql("insert into alembic_version values ('1e0f')");
        filled();
      });
    };
    with_schema(primary_, [this] { fill(primary_, kUsers); });
    with_schema(secondary_, [this] {
      secondary_.psql("insert into infos values ('own', '26.08', true)");
      write_row();  // makes the schema tandem
    });
    write_row();
    order_.primary = target(primary_.dsn("tandem"));
    order_.secondary = target(secondary_.dsn("tandem"));
    order_.pair = "montreal";
    order_.primary_name = "pbx-a";
    order_.secondary_name = "pbx-b";
  }

  static constexpr int kUsers = 300;

  static std::string content_of(const std::string& path) { return tandem::content_of(path); }
  static std::string content(const TestPostgres& cluster) {
    return tandem::content_of(cluster, kLeftOut);
  }

  static SqlTarget target(const std::string& dsn) {
    return {dsn + " sslmode=disable", kTandemPassword};
  }

  void write_row() {
    const auto written =
        tandem::run(io_, write_direction(sql_, target(secondary_.dsn("tandem")), direction_));
    ASSERT_TRUE(written.ok()) << written.error().message;
  }

  static void fill(TestPostgres& cluster, int users) {
    const std::string n = std::to_string(users);
    cluster.psql(
        "set session_replication_role = replica; insert into infos values ('a', '26.08', true); "
        "insert into tenant select 't' || i, 'slug' || i from generate_series(1, 3) i; "
        "insert into auth_tenant select 't' || i, 'name', 'slug' || i from generate_series(1, 3) "
        "i; "
        "insert into userfeatures (uuid, firstname, email, tenant_uuid, description, bsfilter) "
        "select 'u' || i, 'Ünal ' || i, 'u' || i || '@example.org', 't' || 1 + i % 3, "
        "E'a\\\\b\\t\"' || i, 'boss' from generate_series(1, " +
        n +
        ") i; "
        "insert into linefeatures (name) select 'line' || i from generate_series(1, " +
        n +
        ") i; "
        "insert into user_line select i, i from generate_series(1, " +
        n +
        ") i; "
        "insert into extensions (context, exten) select 'default', 1000 + i from "
        "generate_series(1, " +
        n +
        ") i; "
        "insert into endpoint_sip select md5(i::text)::uuid, 'l', 'n' || i, 't1' from "
        "generate_series(1, " +
        n +
        ") i; "
        "insert into endpoint_sip_section_option select md5(i::text)::uuid, 'key', 'v' || i, "
        "md5((i % 100)::text)::uuid from generate_series(1, 10 * " +
        n +
        ") i; "
        "insert into dialaction select 'noanswer', 'user', i, 'queue', i, null from "
        "generate_series(1, " +
        n +
        ") i; "
        "insert into voicemail (mailbox, context, options, deliver, opens) select 1000 + i, 'd', "
        "array['a', null, 'b \"c\"'], i * interval '1 min', '08:00' from generate_series(1, 40) i; "
        "insert into moh select md5(i::text)::uuid, 'm', null, '{\"a\": [1, null]}', "
        "decode(md5(i::text), 'hex'), '<a/>' from generate_series(1, 5) i; "
        "insert into schedule_time (hours) select 'h' || i from generate_series(1, 5) i; "
        "insert into pickup_note select 'same', 1 from generate_series(1, 3) i; "
        "insert into queuefeatures (name, ratio) select 'COPY queue ' || i, i / 3.0 from "
        "generate_series(1, 5) i; "
        "insert into auth_user select 'u' || i, 'n' || i, 'h', 't' || 1 + i % 3 from "
        "generate_series(1, " +
        n +
        ") i; "
        "insert into cel (eventtype) select 'CHAN_START' from generate_series(1, 10); "
        "select setval('loose_numbers', 77)");
  }

  CopyOutcome copy() {
    CopyOutcome outcome = DatabaseCopy(databases_, clock_).run(order_, stop_.get_token(), sink_);
    return outcome;
  }

  void expect_copied() {
    const CopyOutcome outcome = copy();
    EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
    EXPECT_EQ(content(primary_), content(secondary_));
  }

  UndoOutcome undo() {
    UndoOrder order;
    order.secondary = order_.secondary;
    order.pair = order_.pair;
    order.primary_name = order_.primary_name;
    order.secondary_name = order_.secondary_name;
    order.by = "root on pbx-a";
    order.reason = "a test";
    return DatabaseUndo(databases_, clock_).run(order, stop_.get_token(), sink_);
  }

  void expect_refused(CopyReason reason) {
    const std::string before = content(secondary_);
    const CopyOutcome outcome = copy();
    ASSERT_TRUE(outcome.failure) << describe(outcome);
    EXPECT_EQ(row_of(outcome.failure->reason).word, row_of(reason).word) << describe(outcome);
    EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::refused);
    EXPECT_EQ(content(secondary_), before);
  }

  TestPostgres& primary_ = CopyWorld::shared().primary;
  TestPostgres& secondary_ = CopyWorld::shared().secondary;
  boost::asio::io_context io_;
  PqxxSql sql_;
  LibpqDatabases databases_;
  RealClock clock_;
  Direction direction_;
  CopyOrder order_;
  std::stop_source stop_;
  ProgressSink sink_;
};

}  // namespace tandem
