#include "ports/real_activity.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

// Another process that does something until it is ended.
class Child {
 public:
  template <class Act>
  explicit Child(Act act) {
    std::array<int, 2> ready{};
    EXPECT_EQ(pipe(ready.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      act();
      const auto written = write(ready[1], "x", 1);
      while (written == 1) pause();
      _exit(1);
    }
    close(ready[1]);
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
};

void take_lock(const std::string& path, short type) {
  const int file = open(path.c_str(), O_RDWR);
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  if (file < 0 || fcntl(file, F_SETLK, &lock) != 0) _exit(1);
}

class RealActivityTest : public testing::Test {
 protected:
  RealActivityTest() {
    std::ofstream(folder_.path() + "/lock");
    std::ofstream script(folder_.path() + "/upgrade");
    script << "#!/bin/sh -e\nsleep 60 & wait\n";
    script.close();
    chmod((folder_.path() + "/upgrade").c_str(), 0755);
  }

  bool runs(const std::string& program) {
    RealActivity activity(folder_.path(), folder_.path());
    const auto running = activity.running({program, "/no-such"});
    return running.ok() && running.value() == std::set<std::string>{program};
  }

  TemporaryFolder folder_;
};

TEST_F(RealActivityTest, SeesTheLockOfAnotherProcess) {
  RealActivity activity(folder_.path(), "");
  EXPECT_FALSE(activity.locked("/lock").value());
  {
    const Child dpkg([&] { take_lock(folder_.path() + "/lock", F_WRLCK); });
    EXPECT_TRUE(activity.locked("/lock").value());
  }
  EXPECT_FALSE(activity.locked("/lock").value());
}

TEST_F(RealActivityTest, NeedsNoRightToWriteToAskForALock) {
  const Child dpkg([&] { take_lock(folder_.path() + "/lock", F_WRLCK); });
  chmod((folder_.path() + "/lock").c_str(), 0444);
  RealActivity activity(folder_.path(), "");
  EXPECT_TRUE(activity.locked("/lock").value());
}

TEST_F(RealActivityTest, IsNotFoundWhereThereIsNoSuchFile) {
  RealActivity activity(folder_.path(), "");
  EXPECT_EQ(activity.locked("/var/lib/dpkg/lock-frontend").error().fault, Fault::not_found);
}

TEST_F(RealActivityTest, FindsALinkOnlyUnderItsRoot) {
  ASSERT_EQ(symlink("/etc/hostname", (folder_.path() + "/link").c_str()), 0);
  RealActivity activity(folder_.path(), "");
  EXPECT_EQ(activity.locked("/link").error().fault, Fault::not_found);
}

TEST_F(RealActivityTest, SeesAScriptByItsOwnName) {
  EXPECT_FALSE(runs("/upgrade"));
  const std::string path = folder_.path() + "/upgrade";
  const pid_t pid = fork();
  if (pid == 0) {
    setsid();
    execl(path.c_str(), path.c_str(), nullptr);
    _exit(1);
  }
  bool seen = false;
  for (int i = 0; i < 500 && !seen; ++i) {
    seen = runs("/upgrade");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  EXPECT_TRUE(seen);
  kill(-pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  EXPECT_FALSE(runs("/upgrade"));
}

// What a process is known to run is not read at every look; that it runs something else by now is
// seen all the same.
TEST_F(RealActivityTest, SeesWhatAKnownProcessBeginsToRun) {
  std::array<int, 2> go{};
  ASSERT_EQ(pipe(go.data()), 0);
  const std::string path = folder_.path() + "/upgrade";
  const pid_t pid = fork();
  if (pid == 0) {
    setsid();
    char byte = 0;
    if (read(go[0], &byte, 1) == 1) execl(path.c_str(), path.c_str(), nullptr);
    _exit(1);
  }
  RealActivity activity(folder_.path(), folder_.path());
  const auto sees = [&] { return !activity.running({"/upgrade"}).value().empty(); };
  EXPECT_FALSE(sees());
  std::this_thread::sleep_for(RealActivity::kSeenFor);
  EXPECT_FALSE(sees());
  EXPECT_EQ(write(go[1], "x", 1), 1);
  bool seen = false;
  for (int i = 0; i < 1000 && !seen; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    seen = sees();
  }
  EXPECT_TRUE(seen);
  kill(-pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  std::this_thread::sleep_for(RealActivity::kSeenFor);
  EXPECT_FALSE(sees()) << "it has ended";
  close(go[0]);
  close(go[1]);
}

// An editor that has the script open does not run it.
TEST_F(RealActivityTest, DoesNotTakeAnArgumentForAProgram) {
  const std::string path = folder_.path() + "/upgrade";
  const pid_t pid = fork();
  if (pid == 0) {
    close(STDOUT_FILENO);
    execl("/usr/bin/tail", "tail", "-f", path.c_str(), nullptr);
    _exit(1);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  EXPECT_FALSE(runs("/upgrade"));
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

TEST_F(RealActivityTest, KeepsTheProgramsOfOneRootApartFromAnothers) {
  RealActivity ours(folder_.path(), "/somewhere/else");
  RealActivity host(folder_.path(), "");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_TRUE(ours.running({self}).value().empty());
}

}  // namespace
}  // namespace tandem
