// A kill at every call of a port within every change of role, owner and method: the files are
// whole, nobody but the declared is let in, and the next start finishes.
#include <iostream>

#include "tests/fakes/guillotine.h"
#include "tests/resources/postgres_world.h"

namespace tandem {
namespace {

using namespace postgres_world;

// A program is killed with us before it does anything, or goes on and has done it all.
class KilledProcess : public Process {
 public:
  KilledProcess(Process& programs, fakes::Guillotine& guillotine)
      : programs_(programs), guillotine_(guillotine) {}

  Task<Result<CommandOutcome>> run(Command command) override {
    const std::string name = command.argv[0] + " of " + std::to_string(runs_++);
    guillotine_.moment("before " + name);
    auto outcome = co_await programs_.run(std::move(command));
    guillotine_.moment("after " + name);
    co_return outcome;
  }

  Task<Status> end_job(Command kept) override { return programs_.end_job(std::move(kept)); }

 private:
  Process& programs_;
  fakes::Guillotine& guillotine_;
  int runs_ = 0;
};

// One node beside one other.
Goal in_role(Role role, Owner owner, HAPair::PostgresMethod method) {
  Goal goal = goal_of(role, owner);
  goal.own_address = kB;
  goal.peer_address = kA;
  goal.peer_addresses = {kA};
  goal.postgres_method = method;
  return goal;
}

std::vector<Goal> every_goal() {
  using enum HAPair::PostgresMethod;
  return {in_role(Role::off, Owner::vendor, scram), in_role(Role::primary, Owner::vendor, scram),
          in_role(Role::secondary, Owner::vendor, scram),
          in_role(Role::secondary, Owner::tandem, scram),
          in_role(Role::secondary, Owner::tandem, trust)};
}

const Permission kAll = Permission::up_to(Reach::restart);

// The lines of a text that let somebody in from another host.
std::set<std::string> admitting(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with("host asterisk")) lines.insert(line);
  return lines;
}

std::string text(const Goal& goal) {
  return std::string(role_name(goal.role)) +
         (goal.replication_owner == Owner::vendor ? " vendor" : " tandem") +
         (goal.postgres_method == HAPair::PostgresMethod::scram ? " scram" : " trust");
}

void settle(Machine& machine, const Goal& goal) {
  Start start(machine, machine.disk);
  const Report report = start.pass(goal, kAll);
  ASSERT_TRUE(report.outcome == Outcome::in_sync || report.outcome == Outcome::repaired)
      << (report.error ? report.error->message : report.note);
}

void die_within(Machine& machine, const Goal& goal, fakes::Guillotine& guillotine) {
  fakes::KilledFilesystem files(machine.disk, guillotine);
  Start start(machine, files);
  KilledProcess commands(start.programs, guillotine);
  try {
    start.pass(goal, kAll, &commands);
  } catch (const fakes::Killed&) {
  }
}

void expect_known_lines(const std::string& seen, const std::string& before,
                        const std::string& after) {
  auto known = admitting(before);
  known.merge(admitting(after));
  for (const auto& line : admitting(seen)) EXPECT_TRUE(known.contains(line)) << line;
}

struct End {
  std::string hba, conf, rules;
  bool has_role;
  bool operator==(const End&) const = default;
};
End end_of(Machine& machine) {
  return {machine.server.hba(), machine.server.conf(), machine.server.rules,
          machine.server.role.has_value()};
}

int cut(const Goal& from, const Goal& to) {
  Machine before, after;
  settle(before, from);
  settle(after, from);
  settle(after, to);
  return fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
    Machine machine;
    settle(machine, from);
    die_within(machine, to, guillotine);
    SCOPED_TRACE("killed " + guillotine.where());
    EXPECT_TRUE(machine.server.up);
    expect_known_lines(machine.server.hba(), before.server.hba(), after.server.hba());
    expect_known_lines(machine.server.rules, before.server.rules, after.server.rules);

    settle(machine, to);
    EXPECT_TRUE(end_of(machine) == end_of(after)) << machine.server.hba() << machine.server.rules;
    Start again(machine, machine.disk);
    machine.disk.journal.clear();
    EXPECT_EQ(again.pass(to, kAll).outcome, Outcome::in_sync);
    EXPECT_EQ(machine.disk.journal, std::vector<std::string>{});
  });
}

TEST(PostgresAccessCrash, IsFinishedByTheNextStartWhereverItWasKilled) {
  int cuts = 0;
  for (const Goal& from : every_goal())
    for (const Goal& to : every_goal()) {
      SCOPED_TRACE(text(from) + " to " + text(to));
      cuts += cut(from, to);
      if (HasFailure()) return;
    }
  std::cout << "postgres-access: " << cuts << " kills examined\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 500)) << cuts;
}

// The other way round, as an administrator changes his mind.
TEST(PostgresAccessCrash, TurnsBackWhereverItWasKilled) {
  const auto goals = every_goal();
  for (const Goal& from : {goals[0], goals[2]})
    for (const Goal& to : {goals[1], goals[3]}) {
      SCOPED_TRACE(text(from) + " to " + text(to));
      Machine whole;
      settle(whole, from);
      fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
        Machine machine;
        settle(machine, from);
        die_within(machine, to, guillotine);
        SCOPED_TRACE("killed " + guillotine.where());
        settle(machine, from);
        EXPECT_TRUE(end_of(machine) == end_of(whole)) << machine.server.hba();
      });
      if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace tandem
