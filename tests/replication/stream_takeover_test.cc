// The secondary's operator and the stream, on two real servers: until it takes over, and after.
#include "ports/spawn.h"
#include "reconciler/replication/stream_warden.h"
#include "reconciler/replication/stream_watch.h"
#include "tests/replication/stream_world.h"

namespace tandem {
namespace {

class StreamTakeover : public StreamTest {
 protected:
  StreamTakeover() {
    pair_.name = "montreal";
    pair_.primary = {"pbx-a", "127.0.0.1", {}};
    pair_.secondary = {"pbx-b", "127.0.0.2", {}};
    pair_.replication.database_mode = Replication::DatabaseMode::stream;
    said_.pair = &pair_;
    said_.node = "pbx-b";
    said_.role = Role::secondary;
    said_.state = NodeState::standby;
    said_.standing_by = true;
  }
  ~StreamTakeover() override {
    warden_.stop();
    watch_.stop();
    turn_until([&] { return !started_ || (warden_.has_ended() && watch_.has_ended()); });
  }

  void start() {
    started_ = true;
    const auto fails = [](const std::string& why) { FAIL() << why; };
    spawn(io_.get_executor(), warden_.run(), fails);
    spawn(io_.get_executor(), watch_.run(), fails);
  }
  template <class Holds>
  bool turn_until(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io_.restart();
      io_.run_for(std::chrono::milliseconds{50});
    }
    return true;
  }
  Task<Status> as_superuser(std::string statements) {
    try {
      secondary_.psql(statements);
    } catch (const std::exception& error) {
      co_return Error{Fault::invalid, error.what()};
    }
    co_return success();
  }
  std::string subscription() {
    return secondary_.psql("select subenabled from pg_subscription where subname = 'tandem'");
  }
  void take_over() {
    bool yielded = false;
    spawn(
        io_.get_executor(),
        [](StreamWarden& warden, bool& ended) -> Task<void> {
          co_await warden.yield();
          ended = true;
        }(warden_, yielded),
        [](const std::string& why) { FAIL() << why; });
    ASSERT_TRUE(turn_until([&] { return yielded; }));
    said_.state = NodeState::activating;
    direction_.standing_by = false;
    write_row();
    // The node serves for a while.
    const auto until = std::chrono::steady_clock::now() + 2 * StreamWarden::kTurn;
    ASSERT_TRUE(turn_until([&] { return std::chrono::steady_clock::now() > until; }));
  }

  HAPair pair_;
  DirectionSaid said_;
  bool started_ = false;
  int stood_ = 0;
  std::string password_ = kStreamPassword;
  StreamWarden warden_{
      {clock_, sql_, [this]() -> Result<SqlTarget> { return target(secondary_.dsn("tandem")); },
       [this] { return said_; },
       [this]() -> Result<std::string> {
         return primary_.dsn("tandem_stream") + " sslmode=disable password=" + password_;
       },
       [this](std::string text) { return as_superuser(std::move(text)); }, [] {}}};
  StreamWatch watch_{{clock_, sql_, [] { return true; }, [] { return false; },
                      [this]() -> Result<SqlTarget> { return target(primary_.dsn("tandem")); },
                      [this]() -> Result<SqlTarget> { return order_.slots; },
                      [this] { ++stood_; }}};
};

TEST_F(StreamTakeover, StreamsUntilTheSecondaryServesAndNeverAfterwards) {
  primary_.psql("grant pg_read_all_stats to tandem_stream");
  (void)run();
  start();
  ASSERT_TRUE(turn_until([&] { return subscription() == "f"; }));
  const CopyOutcome seeded = run();
  ASSERT_TRUE(seeded.stream && seeded.stream->runs) << describe(seeded);
  ASSERT_TRUE(turn_until([&] { return watch_.shown() && watch_.shown()->active; }));
  EXPECT_TRUE(watch_.shown()->lag);
  primary_.psql("insert into extensions (context, exten) values ('s', 'last')");
  ASSERT_TRUE(has_arrived());

  take_over();
  if (HasFatalFailure()) return;
  EXPECT_EQ(subscription(), "");
  EXPECT_EQ(secondary_.psql("select count(*) from pg_stat_activity where backend_type = 'logical "
                            "replication worker'"),
            "0");
  primary_.psql("update userfeatures set firstname = 'too late'");
  secondary_.psql("insert into extensions (context, exten) values ('own', 'first')");
  EXPECT_EQ(run().verdict, CopyOutcome::Verdict::refused);
  EXPECT_EQ(secondary_.psql("select count(*) from userfeatures where firstname = 'too late'"), "0");

  // After the failback it begins anew.
  said_.state = NodeState::standby;
  direction_.standing_by = true;
  write_row();
  ASSERT_TRUE(turn_until([&] { return subscription() == "f"; }));
  const CopyOutcome again = run();
  EXPECT_TRUE(again.stream && again.stream->runs) << describe(again);
  EXPECT_EQ(content(primary_), content(secondary_));
}

TEST_F(StreamTakeover, StandsStillWhileTheSecondaryLetsNothingInAndIsProvenBeforeItGoesOn) {
  (void)run();
  start();
  ASSERT_TRUE(turn_until([&] { return subscription() == "f"; }));
  ASSERT_TRUE(run().succeeded());
  ASSERT_TRUE(turn_until([&] { return watch_.shown() && watch_.shown()->active; }));
  said_.closed = "the pair is suspended";
  ASSERT_TRUE(turn_until([&] { return subscription() == "f"; }));
  primary_.psql("update userfeatures set firstname = 'meanwhile' where id = 5");
  said_.closed.clear();
  ASSERT_TRUE(turn_until([&] { return stood_ > 0; })) << "the copy is told";
  EXPECT_EQ(subscription(), "f");
  const CopyOutcome outcome = run(false);
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(subscription(), "t");
  EXPECT_EQ(content(primary_), content(secondary_));
}

TEST_F(StreamTakeover, GoesOnAfterThePasswordOfThePairIsAnother) {
  (void)run();
  start();
  ASSERT_TRUE(turn_until([&] { return subscription() == "f"; }));
  ASSERT_TRUE(run().succeeded());
  const std::string first = secondary_.psql("select oid from pg_subscription");
  password_ = "0000111122223333";
  primary_.psql("alter role tandem_stream password '" + password_ + "'");
  EXPECT_TRUE(turn_until([&] {
    const std::string now = secondary_.psql("select oid from pg_subscription");
    return !now.empty() && now != first;
  }));
  order_.slots.password = password_;
  const CopyOutcome begun = run(false);
  EXPECT_TRUE(begun.stream && begun.stream->runs) << describe(begun);
  ASSERT_TRUE(has_arrived());
  EXPECT_EQ(content(primary_), content(secondary_));
  primary_.psql("alter role tandem_stream password '" + kStreamPassword + "'");
}

}  // namespace
}  // namespace tandem
