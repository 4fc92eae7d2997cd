// What goes wrong in the middle, by a real rsync through the real gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <optional>
#include <thread>

#include "app/gate.h"
#include "ports/real_incoming_copies.h"
#include "tests/replication/files/real_pair.h"

namespace tandem::files {
namespace {

using enum FolderReport::Result;
using testing::HasSubstr;

class RealTroubleTest : public testing::Test {
 protected:
  // So many that a copy of them takes a while.
  void put_many() {
    RealPair::shell("cd '" + pair_.here(kMoh) +
                    "'; for f in $(seq 40); do head -c 200000 /dev/urandom >$f; done");
  }
  // Does it once, when the first content travels.
  Order when_it_copies(std::function<void()> act) {
    Order order;
    order.progress = [act = std::move(act), done = false](const Progress& progress) mutable {
      if (done || progress.step != Progress::Step::copying || progress.items == 0) return;
      done = true;
      act();
    };
    return order;
  }

  using Ended = std::optional<Result<IncomingCopies::Ended>>;
  static Task<void> keep(Task<Result<IncomingCopies::Ended>> task, Ended& ended) {
    ended.emplace(co_await std::move(task));
  }

  RealPair pair_;
};

TEST_F(RealTroubleTest, GoesOnWhereACutCopyEnded) {
  put_many();
  const auto cut_short = pair_.copy_of(kMoh, when_it_copies([this] { pair_.cut_connections(); }));
  ASSERT_EQ(cut_short.result, failed);
  EXPECT_EQ(cut_short.trouble->reason, Reason::cut) << cut_short.trouble->message;
  const auto again = pair_.copy_of(kMoh, {.depth = Depth::changes});
  EXPECT_EQ(again.result, copied) << (again.trouble ? again.trouble->message : "");
  EXPECT_EQ(RealPair::listing(pair_.here(kMoh)), RealPair::listing(pair_.there(kMoh)));
}

TEST_F(RealTroubleTest, EndsWhenItIsAborted) {
  put_many();
  const auto report = pair_.copy_of(kMoh, when_it_copies([this] { pair_.replica->abort(); }));
  EXPECT_EQ(report.result, failed);
  EXPECT_EQ(report.trouble->reason, Reason::aborted);
  EXPECT_FALSE(pair_.replica->running());
  EXPECT_EQ(pair_.copy_of(kMoh).result, copied) << "the next run is not aborted";
  EXPECT_EQ(RealPair::listing(pair_.here(kMoh)), RealPair::listing(pair_.there(kMoh)));
}

// As the operator there does before it serves. The copy stands still in the middle, so that its end
// meets it there.
TEST_F(RealTroubleTest, IsEndedByANodeThatIsAboutToServe) {
  put_many();
  ASSERT_EQ(pair_.copy_of(kMoh).result, copied);
  const auto old = RealPair::contents(pair_.there(kMoh));
  // rsync tells files of one size apart by the second in which they were written.
  std::this_thread::sleep_for(std::chrono::milliseconds{1100});
  put_many();
  const auto wanted = RealPair::contents(pair_.here(kMoh));
  const std::string incoming = pair_.there("/../state") + kIncomingFolder;
  RealClock clock;
  RealIncomingCopies copies(incoming, clock);
  Ended ended;
  const auto begin_to_serve = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(incoming))
      if (const auto record = JobRecords(incoming).running(entry.path().filename()))
        kill(-record->pid, SIGSTOP);
    boost::asio::co_spawn(pair_.io, keep(copies.end_all(), ended), [](std::exception_ptr) {});
  };
  const auto report = pair_.copy_of(kMoh, when_it_copies(begin_to_serve));
  ASSERT_EQ(report.result, failed);
  EXPECT_EQ(report.trouble->reason, Reason::cut) << report.trouble->message;
  pair_.run_until([&] { return ended.has_value(); });
  ASSERT_TRUE(ended->ok()) << ended->error().message;
  EXPECT_EQ(ended->value(), (IncomingCopies::Ended{1, 0}));
  const auto now = RealPair::contents(pair_.there(kMoh));
  EXPECT_NE(now, wanted) << "it was ended in the middle";
  for (const auto& [name, content] : old)
    EXPECT_TRUE(now.at(name) == content || now.at(name) == wanted.at(name)) << name << " is torn";
  for (const auto& [name, content] : now)
    EXPECT_TRUE(old.contains(name) || name.starts_with('.'))
        << name << ": only rsync's own leftover";
  const auto refused = pair_.copy_of(kMoh);
  ASSERT_TRUE(refused.trouble);
  EXPECT_EQ(refused.trouble->reason, Reason::target_serves) << refused.trouble->message;
  EXPECT_EQ(RealPair::contents(pair_.there(kMoh)), now);
  copies.admit();
  EXPECT_EQ(pair_.copy_of(kMoh).result, copied);
  EXPECT_EQ(RealPair::contents(pair_.there(kMoh)), wanted);
}

TEST_F(RealTroubleTest, TellsThatNobodyListens) {
  pair_.stop_sshd();
  const auto report = pair_.copy_of(kMoh);
  EXPECT_EQ(report.trouble->reason, Reason::unreachable);
  EXPECT_THAT(report.trouble->message, HasSubstr("systemctl start ssh"));
  pair_.start_sshd();
  EXPECT_FALSE(pair_.copy_of(kMoh).trouble);
}

TEST_F(RealTroubleTest, OutlivesTheEndOfAKeptConnection) {
  EXPECT_FALSE(pair_.copy_of(kMoh).trouble);
  pair_.stop_sshd();
  pair_.start_sshd();
  write_to(pair_.here(kMoh + "/a"), "a");
  // Whether ssh has noticed by now is chance; the second time it has.
  if (pair_.copy_of(kMoh).result != copied) {
    EXPECT_EQ(pair_.copy_of(kMoh).result, copied);
  }
}

TEST_F(RealTroubleTest, TellsOneFileThatCanNotBeCopiedAndCopiesTheRest) {
  write_to(pair_.here(kMoh + "/good"), "good");
  write_to(pair_.here(kMoh + "/bad"), "bad");
  std::filesystem::create_directories(pair_.there(kMoh + "/bad/with"));
  RealPair::shell("chattr +i '" + pair_.there(kMoh + "/bad/with") + "' || true");
  const auto report = pair_.copy_of(kMoh);
  RealPair::shell("chattr -i '" + pair_.there(kMoh + "/bad/with") + "' || true");
  EXPECT_EQ(content_of(pair_.there(kMoh + "/good")), "good");
  if (report.trouble) {
    EXPECT_EQ(report.trouble->reason, Reason::partly);
  }
}

TEST_F(RealTroubleTest, SaysNothingSecretAndNamesNoShell) {
  const auto key = content_of(pair_.here("/../ssh/id_ed25519"));
  ASSERT_FALSE(key.empty());
  const auto secret = key.substr(key.find('\n') + 1, 40);
  pair_.serve();
  const auto report = pair_.copy();
  EXPECT_EQ(report.trouble->message.find(secret), std::string::npos);
}

}  // namespace
}  // namespace tandem::files
