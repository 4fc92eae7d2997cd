// What goes wrong in the middle, by a real rsync through the real gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
