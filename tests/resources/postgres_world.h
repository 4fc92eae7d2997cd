// A node with a PostgreSQL server in memory, and postgres-access on it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pbx/postgres_password.h"
#include "reconciler/reconcile.h"
#include "resources/postgres_access/postgres_access.h"
#include "tests/fakes/fake_postgres.h"
#include "tests/fakes/fake_sql.h"
#include "tests/run.h"

namespace tandem::postgres_world {

inline const std::string kPassword = "0123456789abcdef0123456789abcdef";
inline const std::string kPasswordFile = "/etc/tandem/pgpass";
inline const std::string kStandbyMarker = "/var/lib/wazo/disabled";
inline const std::string kA = "10.0.0.1";  // the primary
inline const std::string kB = "10.0.0.2";

inline const std::string kHead =
    "# PostgreSQL Client Authentication Configuration File\n"
    "local   all             postgres                                peer\n";
inline const std::string kTail =
    "# IPv4 local connections:\n"
    "host    all             all             127.0.0.1/32            scram-sha-256\n";
inline const std::string kOurs =
    "host asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem\n";
inline const std::string kVendors = "host asterisk postgres 10.0.0.1/32 trust\n";
inline const std::string kListen = "listen_addresses = 'localhost, 10.0.0.2' # kept by Tandem\n";

inline Goal goal_of(Role role, Owner replication = Owner::vendor) {
  Goal goal;
  goal.role = role;
  goal.standing_by = role == Role::secondary;
  goal.own_address = role == Role::secondary ? kB : kA;
  goal.peer_address = role == Role::secondary ? kA : kB;
  goal.peer_addresses = {goal.peer_address};
  goal.replication_owner = replication;
  return goal;
}

// What a kill leaves: the disk and the server.
struct Machine {
  explicit Machine(bool with_password = true) {
    disk.directories = {"/var/lib/wazo", "/etc/tandem", "/var/lib/tandem"};
    disk.files[kStandbyMarker] = fakes::File("");
    if (with_password)
      disk.files[kPasswordFile] = fakes::File("*:*:*:tandem:" + kPassword + "\n", 0600);
  }

  fakes::MemoryFilesystem disk;
  fakes::FakePostgres server{disk};
};

// What it does not: the operator's own objects. `files` may be a guillotine's.
struct Start {
  Start(Machine& machine, Filesystem& files, std::string root = "/") : files_(files) {
    machine.server.answer_through(programs);
    sql.servers["host=10.0.0.2 user=tandem"] = [](const SqlTarget&, const SqlStatement&) {
      return SqlRows{{"pg_has_role"}, {{"t"}}};
    };
    places.root = std::move(root);
    places.password_file = kPasswordFile;
    places.peer_dsn = "host=PEER-ADDRESS user=tandem";
  }

  Report pass(const Goal& goal, const Permission& permission, Process* commands = nullptr) {
    PostgresServer server(commands == nullptr ? programs : *commands,
                          "host=127.0.0.1 port=5432 user=tandem");
    Unconfirmed reloads(files_, "/var/lib/tandem/postgres");
    PostgresAccess access(files_, files_, server, sql, reloads, places);
    return run(reconcile(access, goal, permission));
  }

  fakes::FakeProcess programs;
  fakes::FakeSql sql;
  PostgresAccess::Places places;

 private:
  Filesystem& files_;
};

class Node : public Machine {
 public:
  using Machine::Machine;

  Report pass(const Goal& goal, Reach allow = Reach::restart) {
    return start_.pass(goal, Permission::up_to(allow));
  }
  Report plan(const Goal& goal) { return start_.pass(goal, Permission::observe_only("a dry run")); }
  void expect_mended(const Goal& goal) {
    const Report report = pass(goal);
    EXPECT_TRUE(report.outcome == Outcome::in_sync || report.outcome == Outcome::repaired)
        << (report.error ? report.error->message : report.note);
    expect_nothing_to_do(goal);
  }
  void expect_nothing_to_do(const Goal& goal) {
    disk.journal.clear();
    server.journal.clear();
    const Report again = pass(goal);
    EXPECT_EQ(again.outcome, Outcome::in_sync) << (again.error ? again.error->message : "");
    EXPECT_EQ(disk.journal, std::vector<std::string>{});
    EXPECT_EQ(server.journal, std::vector<std::string>{});
  }

  Start start_{*this, disk};
};

inline const Condition& condition(const Report& report, const std::string& type) {
  for (const Condition& each : report.conditions)
    if (each.type == type) return each;
  static const Condition kNone;
  ADD_FAILURE() << "no condition " << type;
  return kNone;
}

inline std::string ready(const Report& report) {
  const Condition& found = condition(report, "PostgresAccessReady");
  return std::string(truth_name(found.status)) + " " + found.reason;
}

inline std::string restart(const Report& report) {
  const Condition& found = condition(report, "PostgresRestartPending");
  return std::string(truth_name(found.status)) + " " + found.reason;
}

}  // namespace tandem::postgres_world
