#include "reconciler/replication/stream_watch.h"

#include <gtest/gtest.h>

#include "ports/spawn.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_sql.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

class StreamWatchTest : public testing::Test {
 protected:
  StreamWatchTest() {
    clock.automatic = false;
    sql.servers["slots"] = [this](const SqlTarget&, const SqlStatement&) -> Result<SqlRows> {
      SqlRows rows;
      if (slot) rows.rows.push_back({active ? "true" : "false", lag, silent, "4096"});
      return rows;
    };
    sql.servers["own"] = [this](const SqlTarget&, const SqlStatement& statement) {
      EXPECT_EQ(statement.text, "drop publication if exists tandem");
      ++withdrawn;
      return Result<SqlRows>(SqlRows{});
    };
    spawn(io.get_executor(), watch.run(), [](const std::string& why) { FAIL() << why; });
  }
  ~StreamWatchTest() override {
    watch.stop();
    pass(seconds{1});
  }
  void pass(std::chrono::nanoseconds time) {
    for (std::chrono::nanoseconds gone{0}; gone <= time; gone += std::chrono::milliseconds{100}) {
      io.restart();
      io.poll();
      clock.advance(std::chrono::milliseconds{100});
    }
  }

  bool slot = true, active = true, streams = true, upgrading = false;
  std::string lag = "800", silent = "3";
  int stands = 0, withdrawn = 0;
  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::FakeSql sql;
  StreamWatch watch{{clock, sql, [this] { return streams; }, [this] { return upgrading; },
                     []() -> Result<SqlTarget> {
                       return SqlTarget{"own", ""};
                     },
                     []() -> Result<SqlTarget> {
                       return SqlTarget{"slots", ""};
                     },
                     [this] { ++stands; }}};
};

TEST_F(StreamWatchTest, TellsTheLagThatTheServerMeasures) {
  pass(seconds{1});
  ASSERT_TRUE(watch.shown());
  EXPECT_TRUE(watch.shown()->active);
  EXPECT_EQ(watch.shown()->lag, microseconds{800});
  EXPECT_EQ(watch.shown()->kept_bytes, 4096U);
}

TEST_F(StreamWatchTest, TellsSinceWhenNothingIsFetchedAndSaysSoOnce) {
  pass(seconds{1});
  active = false;
  pass(seconds{30});
  EXPECT_FALSE(watch.shown()->active);
  EXPECT_GE(*watch.shown()->lag, seconds{27});
  EXPECT_EQ(stands, 1);
  active = true;
  pass(seconds{3});
  active = false;
  pass(seconds{30});
  EXPECT_EQ(stands, 2);
}

TEST_F(StreamWatchTest, TakesAFollowerThatIsSilentForCutOff) {
  pass(seconds{1});
  silent = "40";
  pass(seconds{15});
  EXPECT_FALSE(watch.shown()->active);
  EXPECT_EQ(stands, 1);
}

TEST_F(StreamWatchTest, ShowsNothingWhereThereIsNoStream) {
  streams = false;
  pass(seconds{5});
  EXPECT_FALSE(watch.shown());
  EXPECT_TRUE(sql.journal.empty());
}

// An upgrade may take a table's key away for a moment: what is published could not be changed then.
TEST_F(StreamWatchTest, PublishesNothingWhileTheVendorsUpgradeRuns) {
  pass(seconds{1});
  upgrading = true;
  pass(seconds{10});
  EXPECT_EQ(withdrawn, 1);
  upgrading = false;
  pass(seconds{3});
  upgrading = true;
  pass(seconds{3});
  EXPECT_EQ(withdrawn, 2);
}

}  // namespace
}  // namespace tandem
