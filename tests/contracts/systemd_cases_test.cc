// What only a real systemd, and a real bus, can show.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/bus_session.h"
#include "ports/dbus_units.h"
#include "ports/spawn.h"
#include "ports/transient_process.h"
#include "tests/contracts/systemd_machine.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Names = std::set<std::string>;

class SystemdCases : public testing::Test {
 protected:
  SystemdCases() {
    machine_.start_bus();
    std::filesystem::remove_all(machine_.path("work"));
    std::filesystem::create_directory(machine_.path("work"));
  }

  UnitState state(const std::string& name) {
    return run(io_, units_.states({name})).value().at(name);
  }
  Names next(const std::unique_ptr<UnitWatch>& watch) { return run(io_, watch->next()).value(); }
  void shell(const std::string& script) { machine_.run({"/bin/sh", "-c", script}); }
  std::string work(const std::string& name) const {
    return content_of(machine_.path("work/" + name));
  }
  Result<CommandOutcome> start(Command command) {
    return run(io_, programs_.run(std::move(command)));
  }
  static Command job(const std::string& script) {
    Command command;
    command.argv = {"/bin/sh", "-c", script};
    command.deadline = seconds{60};
    command.job = "case";
    return command;
  }
  // What a question is told that is asked for so short a time.
  Fault ask_shortly(SystemBus& bus) {
    std::function<bool(BusSession&)> question = [](BusSession& session) {
      session.manager("GetUnit", std::string("pbx-busy.service"));
      return true;
    };
    const auto answer = run(io_, bus.ask(std::move(question), milliseconds{200}));
    return answer.ok() ? Fault::cancelled : answer.error().fault;
  }

  SystemdMachine& machine_ = booted_machine();
  boost::asio::io_context io_;
  SystemBus bus_{io_.get_executor(), machine_.bus_address()};
  DbusUnits units_{bus_};
  TransientProcess programs_{bus_, machine_.path("")};
};

TEST_F(SystemdCases, TellsTheJobOfAUnitThatStarts) {
  machine_.systemctl({"start", "--no-block", "pbx-slow.service"});
  const auto slow = state("pbx-slow.service");
  EXPECT_EQ(slow.active, "activating");
  EXPECT_EQ(slow.job, "start");
  machine_.systemctl({"stop", "pbx-slow.service"});
}

// More questions than dbus-daemon lets a connection have without an answer.
TEST_F(SystemdCases, TellsTheStateOfAsManyUnitsAsMayBeAskedFor) {
  machine_.systemctl({"start", "pbx-busy.service", "pbx-many@7.service"});
  std::vector<std::string> names = {"pbx-busy.service", "pbx-enabled.service", "nobody.service"};
  while (names.size() < Units::kUnitsMax)
    names.push_back("pbx-many@" + std::to_string(names.size()) + ".service");
  const auto states = run(io_, units_.states(names));
  ASSERT_TRUE(states.ok()) << states.error().message;
  EXPECT_EQ(states.value().size(), Units::kUnitsMax);
  for (const auto& [name, state] : states.value()) {
    const bool is_up = name == "pbx-busy.service" || name == "pbx-many@7.service";
    const bool is_there = name != "nobody.service";
    EXPECT_EQ(state.load, is_there ? "loaded" : "not-found") << name;
    EXPECT_EQ(state.active, is_up ? "active" : "inactive") << name;
    EXPECT_EQ(state.active_since.has_value(), is_up) << name;
    EXPECT_EQ(state.result, is_there ? "success" : "") << name;
  }
  EXPECT_EQ(states.value().at("pbx-enabled.service").file, "enabled");
  EXPECT_EQ(states.value().at("pbx-many@9.service").file, "static");
  machine_.systemctl({"stop", "pbx-many@7.service"});
}

TEST_F(SystemdCases, SignalsThatAUnitIsEnabledAndDisabled) {
  const auto watch = units_.watch({"pbx-disabled.service"});
  next(watch);
  machine_.systemctl({"enable", "pbx-disabled.service"});
  while (state("pbx-disabled.service").file != "enabled") next(watch);
  machine_.systemctl({"disable", "pbx-disabled.service"});
  while (state("pbx-disabled.service").file != "disabled") next(watch);
}

TEST_F(SystemdCases, WatchesOnWhenSystemdRunsItselfAnew) {
  machine_.systemctl({"stop", "pbx-idle.service"});
  const auto watch = units_.watch({"pbx-idle.service"});
  next(watch);
  machine_.systemctl({"daemon-reexec"});
  machine_.systemctl({"start", "pbx-idle.service"});
  while (state("pbx-idle.service").active != "active") next(watch);
  machine_.systemctl({"stop", "pbx-idle.service"});
  while (state("pbx-idle.service").active != "inactive") next(watch);
}

// The library waits for 90 s for a bus that hangs when it is opened: the loop does not.
TEST_F(SystemdCases, DoesNotHangWithTheBus) {
  machine_.systemctl({"start", "pbx-busy.service"});
  while (ask_shortly(bus_) != Fault::cancelled) usleep(1000);  // until it is open
  shell("kill -STOP $(systemctl show -P MainPID dbus.service)");
  EXPECT_EQ(ask_shortly(bus_), Fault::timed_out) << "on a connection that is open";
  {
    SystemBus another(io_.get_executor(), machine_.bus_address());
    EXPECT_EQ(ask_shortly(another), Fault::timed_out) << "on one that would have to be opened";
  }
  shell("kill -CONT $(systemctl show -P MainPID dbus.service)");
  while (ask_shortly(bus_) != Fault::cancelled) usleep(1000);  // ctest's limit ends it
}

TEST_F(SystemdCases, IsRefusedToWhoMayNot) {
  const auto told = in_child([&] {
    if (setgid(65534) != 0 || setuid(65534) != 0) return kNotPermitted;
    boost::asio::io_context io;
    SystemBus bus(io.get_executor(), machine_.bus_address());
    DbusUnits units(bus);
    const auto seen = run(io, units.states({"pbx-busy.service"}));
    return seen.ok() ? 1 : seen.error().fault == Fault::denied ? 0 : 2;
  });
  EXPECT_EQ(told, 0);
}

Task<void> keep_outcome(Process& programs, Command command,
                        std::optional<Result<CommandOutcome>>& kept) {
  auto outcome = co_await programs.run(std::move(command));
  kept.emplace(std::move(outcome));
}

TEST_F(SystemdCases, LearnsHowACommandEndedThoughTheBusWasLostMeanwhile) {
  std::optional<Result<CommandOutcome>> outcome;
  spawn(io_.get_executor(),
        keep_outcome(programs_,
                     job("echo 1 > /work/begun; while [ ! -e /work/go ]; do "
                         "sleep 0.05; done; exit 7"),
                     outcome),
        [](const std::string& why) { FAIL() << why; });
  while (work("begun").empty()) io_.run_for(milliseconds{5});
  machine_.stop_bus();
  io_.run_for(seconds{2});
  EXPECT_FALSE(outcome.has_value());
  machine_.start_bus();
  while (ask_shortly(bus_) != Fault::cancelled) usleep(1000);
  io_.restart();
  io_.run_for(seconds{3});  // in which it takes hold of the unit again
  write_to(machine_.path("work/go"), "");
  while (!outcome) io_.run_for(milliseconds{5});
  ASSERT_TRUE(outcome->ok()) << outcome->error().message;
  EXPECT_EQ(outcome->value().exit_status, 7);
}

// `systemctl disable` in the vendor's script reloads systemd, which then reads the unit from the
// file that it made of what was asked for.
TEST_F(SystemdCases, GoesOnWithAJobThatReloadsSystemd) {
  const auto reloads = [&] {
    return start(
        job("systemctl daemon-reload\n"
            "systemctl show -P LoadState tandem-job-case > /work/loaded; exit 7"));
  };
  for (int round = 0; round < 2; ++round) {
    const auto outcome = reloads();
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    EXPECT_EQ(outcome.value().exit_status, 7);
    EXPECT_EQ(work("loaded"), "loaded\n") << "round " << round;
  }
}

TEST_F(SystemdCases, LeavesNoUnitOfACommand) {
  Command failing;
  failing.argv = {"/bin/false"};
  EXPECT_EQ(start(failing).value().exit_status, 1);
  EXPECT_TRUE(start(job("true")).value().succeeded());
  shell("systemctl list-units --all --no-legend 'tandem-*' > /work/list");
  EXPECT_EQ(work("list"), "");
}

// The unit that is shipped may ask for what its own sandbox denies it.
TEST_F(SystemdCases, StartsACommandFromWithinTheShippedUnit) {
  const auto units = machine_.path("etc/systemd/system/");
  std::filesystem::create_directories(units + "tandem.service.d");
  for (const auto* folder : {"etc/xivo", "etc/cron.d"})
    std::filesystem::create_directories(machine_.path(folder));
  std::filesystem::copy_file(TANDEM_UNIT, units + "tandem.service",
                             std::filesystem::copy_options::overwrite_existing);
  write_to(units + "tandem.service.d/probe.conf",
           "[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\n"
           "ExecStart=/bin/sh -c 'touch /work/inside; exec busctl call org.freedesktop.systemd1 "
           "/org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit "
           "\"ssa(sv)a(sa(sv))\" tandem-run-probe.service fail 1 ExecStart \"a(sasb)\" 1 "
           "/usr/bin/touch 2 /usr/bin/touch /work/outside false 0'\n");
  machine_.systemctl({"daemon-reload"});
  machine_.systemctl({"start", "tandem.service"});
  while (!std::filesystem::exists(machine_.path("work/outside"))) usleep(1000);
  EXPECT_FALSE(std::filesystem::exists(machine_.path("work/inside"))) << "it writes where it may";
  std::filesystem::remove(units + "tandem.service");
  std::filesystem::remove_all(units + "tandem.service.d");
  machine_.systemctl({"daemon-reload"});
}

// systemd ends a job whose operator is gone, and some time after the operator would have.
TEST_F(SystemdCases, HoldsTheDeadlineOfAJobWithoutUs) {
  EXPECT_TRUE(start(job("systemctl show -P RuntimeMaxUSec tandem-job-case > /work/limit"))
                  .value()
                  .succeeded());
  EXPECT_EQ(work("limit"), "1min 15s\n");
}

}  // namespace
}  // namespace tandem
