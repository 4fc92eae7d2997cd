#include "replication/files/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_attended_process.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem::files {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    disk_.files["/ssh/id_ed25519"] = fakes::File("key", 0600);
    disk_.directories.insert("/state");
    programs_.lasting["/usr/bin/ssh"] = [this](const Command& command) {
      for (const auto& word : command.argv)
        if (word.starts_with("ControlPath=/")) disk_.fifos.insert(word.substr(12));
    };
  }
  ~SessionTest() override {
    session_.close();
    pass(seconds{0});
  }

  Result<std::vector<std::string>> open(const std::string& peer = "10.0.0.2") {
    return run(io_, session_.open({"10.0.0.1", peer}));
  }
  // What must happen until then does.
  void pass(Instant::duration time) {
    run(io_, [](Clock& clock, Instant::duration wanted) -> Task<void> {
      const auto signal = clock.make_signal();
      co_await clock.wait(*signal, clock.now() + wanted);
    }(clock_, time));
  }

  boost::asio::io_context io_;
  fakes::FakeClock clock_;
  fakes::MemoryFilesystem disk_;
  fakes::FakeProcess asking_;
  fakes::FakeAttendedProcess programs_{clock_};
  PeerSsh ssh_{disk_, asking_, "/ssh"};
  Session session_{ssh_, programs_, disk_, clock_, "/state/session"};
};

TEST_F(SessionTest, IsOpenedOnceAndUsedAgain) {
  const auto words = open().value();
  EXPECT_EQ(words.front(), "/usr/bin/ssh");
  EXPECT_THAT(words, Contains("ControlPath=/state/session/files-1.sock"));
  EXPECT_THAT(words, Contains("StrictHostKeyChecking=yes"));
  EXPECT_THAT(words, Contains("BatchMode=yes"));
  EXPECT_NE(words.back(), "10.0.0.2");
  EXPECT_EQ(open().value(), words);
  EXPECT_EQ(programs_.commands.size(), 1U);
  EXPECT_THAT(programs_.commands[0].argv, Contains("ControlMaster=yes"));
  EXPECT_THAT(programs_.commands[0].argv, Contains("-N"));
}

TEST_F(SessionTest, EndsWhenItIsNotUsed) {
  ASSERT_TRUE(open().ok());
  pass(Session::kIdle * 2);
  EXPECT_EQ(programs_.ended, 0) << "a long copy";
  session_.release();
  pass(Session::kIdle + seconds{1});
  EXPECT_EQ(programs_.ended, 1);
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(programs_.commands.size(), 2U);
}

TEST_F(SessionTest, IsOpenedAnewAfterItsLifeAndForAnotherNode) {
  ASSERT_TRUE(open().ok());
  pass(Session::kLife);
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(open("10.0.0.3").ok());
  pass(seconds{1});
  EXPECT_EQ(programs_.commands.size(), 3U);
  EXPECT_EQ(programs_.ended, 2);
}

TEST_F(SessionTest, IsClosedAtOnce) {
  ASSERT_TRUE(open().ok());
  session_.close();
  pass(seconds{0});
  EXPECT_EQ(programs_.ended, 1);
}

TEST_F(SessionTest, TellsWhyThereIsNone) {
  programs_.lasting.clear();
  programs_.programs["/usr/bin/ssh"] = [](const Command&, const Attendance&) {
    return fakes::exits(255, "", "Host key verification failed.\r\n");
  };
  EXPECT_EQ(open().error().fault, Fault::bad_certificate);
  disk_.files["/ssh/id_ed25519"].mode = 0644;
  EXPECT_EQ(open().error().fault, Fault::denied);
  disk_.files.clear();
  EXPECT_EQ(open().error().fault, Fault::not_found);
}

TEST_F(SessionTest, DoesNotWaitForEver) {
  programs_.lasting["/usr/bin/ssh"] = [](const Command&) {};
  const auto begun = clock_.now();
  EXPECT_EQ(open().error().fault, Fault::timed_out);
  EXPECT_EQ(clock_.now() - begun, Session::kOpenDeadline);
  pass(seconds{1});
  EXPECT_EQ(programs_.ended, 1);
}

TEST_F(SessionTest, RemovesWhatAKilledOneLeft) {
  disk_.fifos.insert("/state/session/files-7.sock");
  ASSERT_TRUE(open().ok());
  EXPECT_FALSE(disk_.fifos.contains("/state/session/files-7.sock"));
}

TEST_F(SessionTest, RefusesAFolderThatSshCanNotName) {
  for (const auto& folder : {std::string("/a b"), "/" + std::string(100, 'x')}) {
    Session session(ssh_, programs_, disk_, clock_, folder);
    EXPECT_EQ(run(io_, session.open({"10.0.0.1", "10.0.0.2"})).error().fault, Fault::invalid);
  }
  EXPECT_TRUE(programs_.commands.empty());
}

}  // namespace
}  // namespace tandem::files
