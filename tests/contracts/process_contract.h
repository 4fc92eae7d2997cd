// One suite for commands as children and as transient units.
//
// A world makes operators, each with an io_context and a process() of its own, as if one came after
// the other; inside() is a path as a command sees it, outside() the same as the test does.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ports/process.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {

template <class World>
class ProcessContract : public testing::Test {
 protected:
  using Milliseconds = std::chrono::milliseconds;

  static Command shell(std::string script) {
    Command command;
    command.argv = {"/bin/sh", "-c", std::move(script)};
    command.deadline = Milliseconds{60'000};
    return command;
  }
  Command job(const std::string& script) {
    auto command = shell(script);
    command.job = "contract";
    return command;
  }

  Result<CommandOutcome> start(Command command) {
    return run(operator_->io, operator_->process().run(std::move(command)));
  }
  Fault fault_of(Command command) {
    const auto outcome = start(std::move(command));
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? Fault::cancelled : outcome.error().fault;
  }

  // Runs `script` past its deadline. It writes a process number to its first argument when it is
  // ready: a host that is too slow for that gets a longer deadline.
  std::string run_late(const std::string& script) {
    const auto file = world_.outside("late");
    std::filesystem::remove(file);
    for (auto deadline = Milliseconds{250};; deadline *= 2) {
      auto command = shell(script);
      command.argv.insert(command.argv.end(), {"sh", world_.inside("late")});
      command.deadline = deadline;
      const auto outcome = start(std::move(command));
      EXPECT_FALSE(outcome.ok());
      if (outcome.ok()) return "0";
      EXPECT_EQ(outcome.error().fault, Fault::timed_out);
      EXPECT_EQ(
          outcome.error().message,
          "/bin/sh: still ran after " + std::to_string(deadline.count()) + " ms and was ended");
      const auto pid = content_of(file);
      if (pid.ends_with('\n')) return pid.substr(0, pid.size() - 1);
    }
  }

  // Starts a command, waits for its first sign of life, and ends the operator in the middle.
  void begin_and_die(Command command, const std::string& sign) {
    boost::asio::co_spawn(operator_->io, begin(operator_->process(), std::move(command)),
                          boost::asio::detached);
    while (content_of(world_.outside(sign)).empty())
      operator_->io.run_for(Milliseconds{5});  // a test that hangs here fails by ctest's limit
    operator_ = world_.make_operator();
  }
  static Task<void> keep(Process& process, Command command,
                         std::optional<Result<CommandOutcome>>& outcome) {
    outcome = co_await process.run(std::move(command));
  }
  static Task<void> begin(Process& process, Command command) {
    (void)co_await process.run(std::move(command));
  }

  World world_;
  std::unique_ptr<typename World::Operator> operator_ = world_.make_operator();
};
TYPED_TEST_SUITE_P(ProcessContract);

TYPED_TEST_P(ProcessContract, GivesBothStreamsAndTheExitStatus) {
  const auto outcome = this->start(this->shell("echo out; echo err >&2; exit 3")).value();
  EXPECT_EQ(outcome.exit_status, 3);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(outcome.errors, "err\n");
  EXPECT_FALSE(outcome.output_cut);
  EXPECT_FALSE(outcome.succeeded());
  EXPECT_TRUE(this->start(this->shell("exit 0")).value().succeeded());
}

TYPED_TEST_P(ProcessContract, TellsASignalFromAnExit) {
  const auto killed = this->start(this->shell("kill -9 $$")).value();
  EXPECT_EQ(killed.exit_status, -1);
  EXPECT_EQ(killed.signal, SIGKILL);
  EXPECT_EQ(this->start(this->shell("exit 9")).value().exit_status, 9);
}

TYPED_TEST_P(ProcessContract, PassesArgumentsUnchanged) {
  Command command;
  command.argv = {"/usr/bin/printf", "[%s]", "a b", "$HOME", "${PATH}", "%n", "", "*", "'\"", "$$"};
  EXPECT_EQ(this->start(std::move(command)).value().output,
            "[a b][$HOME][${PATH}][%n][][*]['\"][$$]");
}

TYPED_TEST_P(ProcessContract, SaysWhyAProgramDoesNotStart) {
  write_to(this->world_.outside("plain"), "#!/bin/sh\n");
  const auto fault = [this](std::vector<std::string> argv, std::string job = "") {
    Command command;
    command.argv = std::move(argv);
    command.job = std::move(job);
    return this->fault_of(std::move(command));
  };
  EXPECT_EQ(fault({"/none/program"}), Fault::not_found);
  EXPECT_EQ(fault({this->world_.inside("plain")}), Fault::denied);
  EXPECT_EQ(fault({"sh", "-c", "true"}), Fault::invalid);
  EXPECT_EQ(fault({}), Fault::invalid);
  EXPECT_EQ(fault({"/bin/echo", std::string("a\0b", 3)}), Fault::invalid);
  EXPECT_EQ(fault({"/bin/true"}, "../etc"), Fault::invalid);
}

TYPED_TEST_P(ProcessContract, GivesInputAndThenEndOfFile) {
  Command command;
  command.argv = {"/bin/cat"};
  command.input = std::string(5'000'000, 'x');
  command.output_max = command.input.size();
  EXPECT_TRUE(this->start(command).value().output == command.input);
  command.input = "";
  EXPECT_EQ(this->start(command).value().output, "");
}

TYPED_TEST_P(ProcessContract, KeepsNoMoreThanAskedAndReadsTheRest) {
  for (const auto* job : {"", "contract"}) {
    auto command = this->shell("head -c 10000000 /dev/zero; echo done >&2");
    command.output_max = 1000;
    command.job = job;
    const auto outcome = this->start(std::move(command)).value();
    EXPECT_EQ(outcome.output.size(), 1000U);
    EXPECT_TRUE(outcome.output_cut);
    EXPECT_EQ(outcome.errors, "done\n");
    EXPECT_TRUE(outcome.succeeded());
  }
}

TYPED_TEST_P(ProcessContract, EndsACommandThatIgnoresSigterm) {
  const auto pid = this->run_late("trap '' TERM; echo $$ > $1; while :; do sleep 0.1; done");
  EXPECT_FALSE(this->world_.runs(pid));
}

// The shell ends by SIGTERM, what it started does not.
TYPED_TEST_P(ProcessContract, EndsAllThatTheCommandStarted) {
  const auto pid =
      this->run_late("(trap '' TERM; sh -c 'echo $PPID' > $1; exec sleep 1000) & wait");
  while (this->world_.runs(pid)) usleep(1000);  // a test that hangs here fails by ctest's limit
}

TYPED_TEST_P(ProcessContract, LeavesADaemonThatHoldsThePipes) {
  const auto outcome = this->start(this->shell("setsid sleep 1000 & echo $!; exit 4")).value();
  EXPECT_EQ(outcome.exit_status, 4);
  const auto pid = outcome.output.substr(0, outcome.output.find('\n'));
  EXPECT_TRUE(this->world_.runs(pid));
  this->world_.end(pid);
}

TYPED_TEST_P(ProcessContract, GivesTheOutcomeOfAJob) {
  const auto outcome = this->start(this->job("cat; echo out; echo err >&2; exit 3")).value();
  EXPECT_EQ(outcome.exit_status, 3);
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(outcome.errors, "err\n");
  EXPECT_TRUE(this->start(this->job("exit 0")).value().succeeded()) << "the name is free again";
}

TYPED_TEST_P(ProcessContract, EndsAJobAtItsDeadline) {
  auto command = this->job("exec sleep 1000");
  command.deadline = std::chrono::milliseconds{300};
  EXPECT_EQ(this->fault_of(command), Fault::timed_out);
  EXPECT_TRUE(this->start(this->job("exit 0")).value().succeeded());
}

// What it writes when nobody listens any more does not end it.
TYPED_TEST_P(ProcessContract, AJobOutlivesUsAndIsNotDoubled) {
  const auto& world = this->world_;
  const auto command =
      this->job("echo begun >> " + world.inside("log") + "; while [ ! -e " + world.inside("go") +
                " ]; do echo more; sleep 0.05; done; echo ended >> " + world.inside("log"));
  this->begin_and_die(command, "log");
  usleep(200'000);
  EXPECT_EQ(content_of(world.outside("log")), "begun\n");

  // It ends when the next operator has long begun to wait for it.
  boost::asio::steady_timer later(this->operator_->io, std::chrono::seconds{1});
  later.async_wait([&](const boost::system::error_code&) { write_to(world.outside("go"), ""); });
  const auto outcome = this->start(command);
  EXPECT_EQ(content_of(world.outside("log")), "begun\nended\n") << "it was waited for";
  if (this->world_.kKnowsTheEnd) {
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    EXPECT_TRUE(outcome.value().succeeded());
  } else {
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().fault, Fault::unavailable);
  }
}

TYPED_TEST_P(ProcessContract, WaitsForAnotherCommandOfTheSameJob) {
  const auto& world = this->world_;
  const auto log = world.inside("log");
  this->begin_and_die(this->job("echo 1 >> " + log + "; sleep 1; echo 2 >> " + log), "log");
  EXPECT_TRUE(this->start(this->job("echo 3 >> " + log)).value().succeeded());
  EXPECT_EQ(content_of(world.outside("log")), "1\n2\n3\n");
}

TYPED_TEST_P(ProcessContract, EndsAnEarlierJobAtTheDeadline) {
  const auto command = this->job("echo $$ > " + this->world_.inside("log") + "; exec sleep 1000");
  this->begin_and_die(command, "log");
  auto again = command;
  again.deadline = std::chrono::milliseconds{300};
  EXPECT_EQ(this->fault_of(again), Fault::timed_out);
  const auto pid = content_of(this->world_.outside("log"));
  while (this->world_.runs(pid.substr(0, pid.size() - 1))) usleep(1000);
}

// SIGKILL ends what ignores SIGTERM, and whoever waits for it learns that.
TYPED_TEST_P(ProcessContract, EndsAJobWhereItIsNotTheOneThatIsKept) {
  const auto log = this->world_.inside("log");
  const auto command =
      this->job("trap '' TERM; echo $$ > " + log + "; while :; do sleep 0.1; done");
  std::optional<Result<CommandOutcome>> outcome;
  auto& io = this->operator_->io;
  boost::asio::co_spawn(io, this->keep(this->operator_->process(), command, outcome),
                        boost::asio::detached);
  while (!content_of(this->world_.outside("log")).ends_with('\n'))
    io.run_for(std::chrono::milliseconds{5});
  EXPECT_TRUE(run(io, this->operator_->process().end_job(command)).ok());
  io.restart();
  io.run_for(std::chrono::milliseconds{50});
  EXPECT_FALSE(outcome) << "the very same goes on";
  EXPECT_TRUE(run(io, this->operator_->process().end_job(this->job("exit 0"))).ok());
  io.restart();
  while (!outcome) io.run_for(std::chrono::milliseconds{5});
  ASSERT_TRUE(outcome->ok()) << outcome->error().message;
  EXPECT_EQ(outcome->value().signal, SIGKILL);
  EXPECT_TRUE(this->start(this->job("exit 0")).value().succeeded());
  EXPECT_TRUE(run(io, this->operator_->process().end_job(command)).ok()) << "nothing runs";
}

TYPED_TEST_P(ProcessContract, EndsAJobThatAnEarlierOperatorBegan) {
  const auto command = this->job("echo $$ > " + this->world_.inside("log") + "; exec sleep 1000");
  this->begin_and_die(command, "log");
  auto& process = this->operator_->process();
  EXPECT_TRUE(run(this->operator_->io, process.end_job(this->job("exit 0"))).ok());
  const auto pid = content_of(this->world_.outside("log"));
  while (this->world_.runs(pid.substr(0, pid.size() - 1))) usleep(1000);
  EXPECT_TRUE(this->start(this->job("exit 0")).value().succeeded());
}

REGISTER_TYPED_TEST_SUITE_P(ProcessContract, GivesBothStreamsAndTheExitStatus,
                            TellsASignalFromAnExit, PassesArgumentsUnchanged,
                            SaysWhyAProgramDoesNotStart, GivesInputAndThenEndOfFile,
                            KeepsNoMoreThanAskedAndReadsTheRest, EndsACommandThatIgnoresSigterm,
                            EndsAllThatTheCommandStarted, LeavesADaemonThatHoldsThePipes,
                            GivesTheOutcomeOfAJob, EndsAJobAtItsDeadline,
                            AJobOutlivesUsAndIsNotDoubled, WaitsForAnotherCommandOfTheSameJob,
                            EndsAnEarlierJobAtTheDeadline, EndsAJobWhereItIsNotTheOneThatIsKept,
                            EndsAJobThatAnEarlierOperatorBegan);

}  // namespace tandem
