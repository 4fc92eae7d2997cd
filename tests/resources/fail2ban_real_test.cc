// The resource against a real fail2ban: a server of the test's own, with jails that read a file of
// the test's and ban by writing a line.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "ports/real_clock.h"
#include "ports/real_filesystem.h"
#include "ports/real_process.h"
#include "reconciler/reconcile.h"
#include "resources/probe_allowed.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};

bool within_patience(const std::function<bool()>& holds) {
  const auto deadline = steady_clock::now() + kPatience;
  while (steady_clock::now() < deadline) {
    if (holds()) return true;
    std::this_thread::sleep_for(milliseconds{100});
  }
  return false;
}

// Runs the client with the options that lead to the server of the test.
class ToOurServer : public Process {
 public:
  explicit ToOurServer(std::string folder) : folder_(std::move(folder)) {}

  Task<Result<CommandOutcome>> run(Command command) override {
    const std::vector<std::string> options{"-c", folder_ + "/etc",
                                           "-s", folder_ + "/run/fail2ban/fail2ban.sock",
                                           "-p", folder_ + "/run/fail2ban/fail2ban.pid"};
    command.argv.insert(command.argv.begin() + 1, options.begin(), options.end());
    auto outcome = co_await programs_.run(std::move(command));
    co_return outcome;
  }

  Task<Status> end_job(Command kept) override { return programs_.end_job(std::move(kept)); }

 private:
  std::string folder_;
  RealProcess programs_;
};

class Fail2banRealTest : public testing::Test {
 protected:
  Fail2banRealTest() {
    for (const char* folder : {"etc/action.d", "etc/filter.d", "run/fail2ban", "usr/bin", "state"})
      std::filesystem::create_directories(root / folder);
    write("usr/bin/fail2ban-client", "");  // that it is installed
    write("log", "");
    write("etc/fail2ban.conf",
          "[Definition]\nloglevel = INFO\nlogtarget = " + root.path() +
              "/server.log\nsyslogsocket = auto\nsocket = " + root.path() +
              "/run/fail2ban/fail2ban.sock\npidfile = " + root.path() +
              "/run/fail2ban/fail2ban.pid\ndbfile = " + root.path() +
              "/bans.sqlite3\ndbpurgeage = 1d\ndbmaxmatches = 10\nallowipv6 = auto\n"
              "[Thread]\nstacksize = 0\n");
    write("etc/action.d/note.conf",
          "[Definition]\nactionban = echo <ip> >> " + root.path() + "/banned\nactionunban = \n");
    write("etc/filter.d/sip.conf", "[Definition]\nfailregex = ^.* failed for <HOST>$\n");
    write("etc/jail.conf", "[DEFAULT]\nignoreip = 127.0.0.1/8\n" + jail("sip") + jail("other"));
    goal.role = Role::primary;
    goal.peer_address = "10.0.0.2";
    goal.peer_addresses = {"10.0.0.2"};
    start();
  }
  ~Fail2banRealTest() override { stop(); }

  std::string jail(const std::string& name) const {
    return "[" + name +
           "]\nenabled = true\nfilter = sip\nbackend = polling\nlogpath = " + root.path() +
           "/log\nmaxretry = 2\nfindtime = 600\nbantime = 600\naction = note\n";
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(root / name) << text;
  }

  void start() {
    ASSERT_EQ(client({"start"}).exit_status, 0);
    ASSERT_TRUE(within_patience([&] { return client({"ping"}).exit_status == 0; }));
  }
  void stop() {
    if (std::filesystem::exists(root / "run/fail2ban/fail2ban.sock")) (void)client({"stop"});
  }

  CommandOutcome client(std::vector<std::string> words) {
    Command command;
    command.argv = {Fail2ban::kClient};
    for (auto& word : words) command.argv.push_back(std::move(word));
    const auto outcome = run(io, to_server.run(std::move(command)));
    EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
    return outcome.ok() ? outcome.value() : CommandOutcome{};
  }

  Report pass() { return run(io, reconcile(resource, goal, Permission::up_to(Reach::reload))); }

  void fails(const std::string& address) {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    localtime_r(&now, &parts);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &parts);
    std::ofstream log(root / "log", std::ios::app);
    for (int i = 0; i < 3; ++i) log << stamp << " failed for " << address << '\n';
  }
  bool is_banned(const std::string& address) {
    return client({"get", "sip", "banip"}).output.find(address) != std::string::npos;
  }

  TemporaryFolder root;
  boost::asio::io_context io;
  RealFilesystem files{io.get_executor(), root.path()};
  RealFilesystem disk{io.get_executor(), root.path()};
  ToOurServer to_server{root.path()};
  RealClock clock;
  ProbeAllowed resource{files, to_server, disk, "/state/allowed-by-us", clock};
  Goal goal;
};

TEST_F(Fail2banRealTest, KeepsTheOtherNodeFromABanAndBansOthers) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(pass().outcome, Outcome::in_sync);
  fails("10.0.0.2");
  fails("203.0.113.9");
  EXPECT_TRUE(within_patience([&] { return is_banned("203.0.113.9"); }));
  EXPECT_FALSE(is_banned("10.0.0.2"));
}

TEST_F(Fail2banRealTest, LiftsABanThatWasThereBefore) {
  fails("10.0.0.2");
  ASSERT_TRUE(within_patience([&] { return is_banned("10.0.0.2"); }));
  // It may ban once more what it still has in its queue; the next pass lifts that too.
  EXPECT_TRUE(within_patience([&] { return pass().outcome == Outcome::in_sync; }));
  EXPECT_FALSE(is_banned("10.0.0.2"));
  EXPECT_EQ(pass().conditions.at(0).reason, "PeerIgnored");
}

TEST_F(Fail2banRealTest, TellsARestartedAndAReloadedServerAgain) {
  ASSERT_EQ(pass().outcome, Outcome::repaired);
  ASSERT_EQ(client({"reload"}).exit_status, 0);
  EXPECT_EQ(pass().outcome, Outcome::repaired) << "a reload forgets what was set";
  const auto watch = std::move(files.watch(ProbeAllowed::watched(goal))).value();
  stop();
  EXPECT_EQ(pass().conditions.at(0).reason, "NotRunning");
  start();
  EXPECT_TRUE(run(io, watch->next()).ok()) << "the start wakes the loop";
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  goal.role = Role::off;
  EXPECT_EQ(pass().outcome, Outcome::repaired);
  EXPECT_EQ(client({"get", "sip", "ignoreip"}).output.find("10.0.0.2"), std::string::npos);
}

}  // namespace
}  // namespace tandem
