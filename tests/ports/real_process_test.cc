#include "ports/real_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "ports/gather.h"
#include "ports/spawn.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class RealProcessTest : public testing::Test {
 protected:
  Result<CommandOutcome> start(Command command) { return run(process_.run(std::move(command))); }
  Result<CommandOutcome> shell(const std::string& script,
                               milliseconds deadline = milliseconds{60'000}) {
    return start({.argv = {"/bin/sh", "-c", script}, .deadline = deadline});
  }

  // Runs `script` past its deadline. It writes a process number to its first argument when it is
  // ready: a host that is too slow for that gets a longer deadline.
  std::string run_late(const std::string& script) {
    const auto file = folder_ / "pid";
    for (auto deadline = milliseconds{250};; deadline *= 2) {
      const auto error =
          start({.argv = {"/bin/sh", "-c", script, "sh", file}, .deadline = deadline}).error();
      EXPECT_EQ(error.fault, Fault::timed_out);
      EXPECT_EQ(error.message, "/bin/sh: still ran after " + std::to_string(deadline.count()) +
                                   " ms and was ended");
      const auto pid = content_of(file);
      if (pid.ends_with('\n')) return pid.substr(0, pid.size() - 1);
    }
  }

  TemporaryFolder folder_;
  RealProcess process_;
};

// Ends what a test left running on purpose.
void end(const std::string& pid) { kill(std::stoi(pid), SIGKILL); }

bool exists(const std::string& pid) {
  return std::filesystem::exists("/proc/" + std::to_string(std::stoi(pid)));
}

TEST_F(RealProcessTest, GivesBothStreamsAndTheExitStatus) {
  const auto outcome = shell("echo out; echo err >&2; exit 3").value();
  EXPECT_EQ(outcome.exit_status, 3);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(outcome.errors, "err\n");
  EXPECT_FALSE(outcome.output_cut);
  EXPECT_FALSE(outcome.succeeded());
  EXPECT_TRUE(shell("exit 0").value().succeeded());
}

TEST_F(RealProcessTest, TellsASignalFromAnExit) {
  const auto killed = shell("kill -9 $$").value();
  EXPECT_EQ(killed.exit_status, -1);
  EXPECT_EQ(killed.signal, SIGKILL);
  EXPECT_FALSE(killed.succeeded());
  EXPECT_EQ(shell("exit 9").value().exit_status, 9);
}

TEST_F(RealProcessTest, PassesArgumentsUnchanged) {
  const auto outcome =
      start({.argv = {"/usr/bin/printf", "[%s]", "a b", "$HOME", "", "*", "'\""}}).value();
  EXPECT_EQ(outcome.output, "[a b][$HOME][][*]['\"]");
}

TEST_F(RealProcessTest, SaysWhyAProgramDoesNotStart) {
  write_to(folder_ / "plain", "#!/bin/sh\n");
  EXPECT_EQ(start({.argv = {"/none/program"}}).error().fault, Fault::not_found);
  EXPECT_THAT(start({.argv = {"/none/program"}}).error().message,
              HasSubstr("/none/program: cannot start: No such file"));
  EXPECT_EQ(start({.argv = {folder_ / "plain"}}).error().fault, Fault::denied);
  EXPECT_EQ(start({.argv = {"sh", "-c", "true"}}).error().fault, Fault::invalid);
  EXPECT_EQ(start({.argv = {}}).error().fault, Fault::invalid);
  EXPECT_EQ(start({.argv = {"/bin/echo", std::string("a\0b", 3)}}).error().fault, Fault::invalid);
}

TEST_F(RealProcessTest, GivesInputAndThenEndOfFile) {
  const std::string input(5'000'000, 'x');
  const auto outcome =
      start({.argv = {"/bin/cat"}, .input = input, .output_max = input.size()}).value();
  EXPECT_TRUE(outcome.output == input);
  EXPECT_FALSE(outcome.output_cut);
  EXPECT_EQ(start({.argv = {"/bin/cat"}}).value().output, "");
}

TEST_F(RealProcessTest, DoesNotMindAChildThatDoesNotRead) {
  EXPECT_TRUE(
      start({.argv = {"/bin/true"}, .input = std::string(10'000'000, 'x')}).value().succeeded());
}

TEST_F(RealProcessTest, KeepsNoMoreThanAskedAndReadsTheRest) {
  Command command{.argv = {"/bin/sh", "-c", "head -c 10000000 /dev/zero; echo done >&2"}};
  command.output_max = 1000;
  const auto outcome = start(command).value();
  EXPECT_EQ(outcome.output.size(), 1000U);
  EXPECT_TRUE(outcome.output_cut);
  EXPECT_EQ(outcome.errors, "done\n");
  EXPECT_TRUE(outcome.succeeded());
}

TEST_F(RealProcessTest, EndsAChildThatIgnoresSigterm) {
  const auto pid = run_late("trap '' TERM; echo $$ > $1; while :; do sleep 0.1; done");
  EXPECT_FALSE(exists(pid));
}

// The shell ends by SIGTERM, what it started does not.
TEST_F(RealProcessTest, EndsTheWholeGroup) {
  const auto pid = run_late("(trap '' TERM; sh -c 'echo $PPID' > $1; exec sleep 1000) & wait");
  const auto over = [&] {
    const auto state = content_of("/proc/" + pid + "/stat");
    return state.empty() || state.find(") Z") != std::string::npos;  // init reaps it, or does not
  };
  while (!over()) usleep(1000);  // a test that hangs here fails by ctest's limit
}

TEST_F(RealProcessTest, DoesNotWaitForADaemonThatHoldsThePipes) {
  const auto outcome = shell("setsid sleep 1000 & echo $!; exit 4").value();
  EXPECT_EQ(outcome.exit_status, 4);
  ASSERT_TRUE(exists(outcome.output));
  end(outcome.output);
}

TEST_F(RealProcessTest, GivesUpOnAGrandchildThatLeftTheGroup) {
  const auto pid = run_late("setsid sh -c 'echo $$ > $1; exec sleep 1000' sh $1 & wait");
  ASSERT_TRUE(exists(pid));
  end(pid);
}

TEST_F(RealProcessTest, GivesTheChildNoDescriptorOfOurs) {
  const int leaky = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(leaky, 0);
  // 3 is the folder that ls reads.
  EXPECT_EQ(start({.argv = {"/bin/ls", "/proc/self/fd"}}).value().output, "0\n1\n2\n3\n");
  EXPECT_GE(fcntl(leaky, F_GETFD), 0);
  close(leaky);
}

TEST_F(RealProcessTest, WorksWithOurOwnStreamsClosed) {
  const int code = in_child([&] {
    for (const int stream : {0, 1, 2}) close(stream);
    const auto outcome = start({.argv = {"/bin/sh", "-c", "cat; cat /none"}, .input = "in"});
    if (!outcome.ok() || outcome.value().output != "in") return 1;
    return outcome.value().errors.empty() ? 2 : 0;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(RealProcessTest, StartsTheChildInASessionOfItsOwn) {
  const auto numbers =
      start({.argv = {"/usr/bin/cut", "-d", " ", "-f", "1,5,6", "/proc/self/stat"}}).value().output;
  const auto pid = numbers.substr(0, numbers.find(' '));
  EXPECT_EQ(numbers, pid + " " + pid + " " + pid + "\n");
  EXPECT_NE(pid, std::to_string(getpid()));
}

TEST_F(RealProcessTest, GivesTheChildTheSignalsOfALogin) {
  const int code = in_child([&] {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, nullptr);
    const auto status =
        start({.argv = {"/bin/grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}}).value().output;
    // But for 32 and 33, glibc's own, which it ignores in what it starts.
    const auto ignored = std::stoull(status.substr(status.rfind('\t')), nullptr, 16);
    if (!status.starts_with("SigBlk:\t0000000000000000\n")) return 1;
    return (ignored & 0x7fff'ffffU) == 0 ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

Task<void> count_success(RealProcess& process, int number, int& succeeded) {
  const auto text = std::to_string(number);
  Command command{.argv = {"/bin/sh", "-c", "sleep 0.0" + text + "; echo " + text}};
  const auto outcome = co_await process.run(std::move(command));
  if (outcome.ok() && outcome.value().output == text + "\n") ++succeeded;
}

TEST_F(RealProcessTest, RunsManyAtOnce) {
  int succeeded = 0;
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 40; ++i) tasks.push_back(count_success(process_, i, succeeded));
  run(gather(std::move(tasks)));
  EXPECT_EQ(succeeded, 40);
}

TEST_F(RealProcessTest, LeavesNoDescriptorAndNoZombie) {
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = descriptors();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(shell("exit 0").ok());
    EXPECT_FALSE(start({.argv = {"/none"}, .input = "x"}).ok());
  }
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

Task<void> forget_outcome(RealProcess& process, Command command) {
  const auto outcome = co_await process.run(std::move(command));
  static_cast<void>(outcome.ok());
}

TEST_F(RealProcessTest, EndsTheChildWhenItsIoContextGoes) {
  const auto pid = folder_ / "pid";
  {
    boost::asio::io_context io;
    Command command{.argv = {"/bin/sh", "-c", "echo $$ > " + pid + "; exec sleep 1000"}};
    spawn(io.get_executor(), forget_outcome(process_, std::move(command)),
          [](const std::string& why) { FAIL() << why; });
    while (!content_of(pid).ends_with('\n')) io.run_one_for(milliseconds{10});
  }
  const auto number = content_of(pid);
  int status = SIGTERM;  // where it has ended so quickly that it is waited for already
  waitpid(std::stoi(number), &status, 0);
  EXPECT_FALSE(exists(number));
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace tandem
