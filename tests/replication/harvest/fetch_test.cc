// What is brought is bounded by the room here, whatever the other node says.
#include "replication/harvest/fetch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_attended_process.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem::harvest {
namespace {

using testing::Contains;
using testing::HasSubstr;

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    disk_.files["/ssh/id_ed25519"] = fakes::File("key", 0600);
    disk_.directories.insert("/state");
    disk_.room = {40ULL << 20U, 100ULL << 20U};
    files_.room = {400ULL << 20U, 1000ULL << 20U};
    programs_.lasting["-N"] = [this](const Command& command) {
      for (const auto& word : command.argv)
        if (word.starts_with("ControlPath=/")) disk_.fifos.insert(word.substr(12));
    };
    programs_.programs["/usr/bin/rsync"] =
        [this](const Command& command, const Attendance& heard) -> Result<CommandOutcome> {
      const bool compares = std::ranges::count(command.argv, "-n") > 0;
      for (int file = 0; file < (compares ? announced_ : sent_) && !heard.ending(); ++file) {
        if (!compares)
          disk_.room.available -= std::min<std::uint64_t>(1 << 20, disk_.room.available);
        heard.hear(fmt::format(">f+++++++++ 1048576 call-{}.wav\n", file));
        taken_ += compares ? 0 : 1;
      }
      if (heard.ending()) return Error{Fault::cancelled, "was ended"};
      return fakes::exits(0);
    };
    order_.ends = {"10.0.0.1", "10.0.0.2"};
    order_.peer_name = "pbx-b";
    order_.trees = harvest_trees(Product::xivo, {});
    order_.until = clock_.now() + std::chrono::minutes{10};
  }
  ~FetchTest() override {
    session_.close();
    io_.restart();
    io_.run_for(std::chrono::seconds{1});
  }

  FetchReport fetch() { return run(io_, fetch_.run(order_)); }

  boost::asio::io_context io_;
  fakes::FakeClock clock_;
  fakes::MemoryFilesystem disk_, files_;
  fakes::FakeProcess asking_;
  fakes::FakeAttendedProcess programs_{clock_};
  PeerSsh ssh_{disk_, asking_, "/ssh"};
  files::Session session_{ssh_, programs_, disk_, clock_, "/state/session"};
  Fetch fetch_{{programs_, session_, disk_, files_, clock_, "/", "/state/harvest"}};
  FetchOrder order_;
  int announced_ = 1, sent_ = 1;
  int taken_ = 0;
};

TEST_F(FetchTest, TakesNoMoreThanThereIsRoomForWhateverTheOtherNodeAnnounced) {
  sent_ = 1000;
  const FetchReport report = fetch();
  ASSERT_TRUE(report.trouble);
  EXPECT_EQ(report.reason, "DiskFull");
  EXPECT_LE(taken_, 36) << "5 of 100 MiB stay free";
  EXPECT_GE(disk_.room.available, 4ULL << 20U);
  EXPECT_THAT(programs_.commands.back().argv, Contains(fmt::format("--fsize={}", 35ULL << 20U)))
      << "nor is one file larger";
}

TEST_F(FetchTest, NamesTheFoldersOfTheRecordingsWhereThereIsTooMuch) {
  announced_ = static_cast<int>(kBytesMax >> 20U);
  const FetchReport report = fetch();
  ASSERT_TRUE(report.trouble);
  EXPECT_THAT(*report.trouble, HasSubstr("they are below /var/lib/xivo/sounds/recordings"));
  EXPECT_EQ(taken_, 0);
}

}  // namespace
}  // namespace tandem::harvest
