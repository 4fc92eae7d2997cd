// The stream, on two real servers.
#include <atomic>

#include "tests/replication/stream_world.h"

namespace tandem {
namespace {

// Inserts, updates and deletes on the primary all the time, in transactions of their own.
class Writer {
 public:
  explicit Writer(const TestPostgres& primary) {
    auto opened = databases_.open({primary.dsn("asterisk") + " sslmode=disable", "proformatique"},
                                  stop_.get_token());
    if (!opened.ok()) throw std::runtime_error(opened.error().message);
    session_ = std::move(opened).value();
    thread_ = std::thread([this] { write(); });
  }
  ~Writer() { end(); }

  int end() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
    return written_;
  }

 private:
  void write() {
    for (int i = 0; !ended_; ++i) {
      const std::string n = std::to_string(i);
      const auto done = session_->ask(
          "begin; insert into extensions (context, exten) values ('w', 'w" + n +
          "'); update userfeatures set firstname = 'w" + n + "' where id = 1 + " + n +
          " % 300; delete from extensions where exten = 'w" + std::to_string(i - 20) + "'; commit");
      if (!done.ok()) throw std::runtime_error(done.error().message);
      ++written_;
    }
  }

  LibpqDatabases databases_;
  std::stop_source stop_;
  std::unique_ptr<DatabaseSession> session_;
  std::atomic<bool> ended_ = false;
  std::atomic<int> written_ = 0;
  std::thread thread_;
};

TEST_F(StreamTest, LosesAndDoublesNothingOfWhatIsWrittenWhileItBegins) {
  run();
  make_subscription();
  Writer writer(primary_);
  const CopyOutcome seeded = run();
  EXPECT_TRUE(seeded.stream && seeded.stream->runs) << describe(seeded);
  const CopyOutcome proven = run();
  EXPECT_EQ(proven.verdict, CopyOutcome::Verdict::equal) << describe(proven);
  EXPECT_EQ(proven.diverged, std::vector<std::string>()) << "what was under way is no divergence";
  EXPECT_GT(writer.end(), 20);
  ASSERT_TRUE(has_arrived());
  EXPECT_EQ(content(primary_), content(secondary_));
  EXPECT_EQ(slots(), "1");
}

// Ends every session of a run right before or right after the n-th statement that changes
// something of the stream, or commits.
struct Cut {
  int left = 0;
  bool after = false;
  bool fell = false;

  bool concerns(const std::string& text) const {
    for (const char* word : {" disable", " enable", "CREATE_REPLICATION_SLOT", "drop_replication",
                             "drop publication", "commit"})
      if (text.find(word) != std::string::npos) return true;
    return false;
  }
};

class CutSession : public DatabaseSession {
 public:
  CutSession(std::unique_ptr<DatabaseSession> session, Cut& cut)
      : session_(std::move(session)), cut_(cut) {}

  Result<SqlRows> ask(const std::string& text) override {
    const bool now = !cut_.fell && cut_.concerns(text) && cut_.left-- == 0;
    if (now && cut_.after && session_) (void)session_->ask(text);
    if (now) cut_.fell = true;
    if (lost()) return gone();
    return session_->ask(text);
  }
  Status begin_rows(const std::string& text) override {
    return lost() ? Status(gone()) : session_->begin_rows(text);
  }
  Result<const SqlRow*> next_row() override {
    return lost() ? Result<const SqlRow*>(gone()) : session_->next_row();
  }
  Status begin_copy_out(const std::string& text) override {
    return lost() ? Status(gone()) : session_->begin_copy_out(text);
  }
  Result<std::string_view> next_copy_data() override {
    return lost() ? Result<std::string_view>(gone()) : session_->next_copy_data();
  }
  Status begin_copy_in(const std::string& text) override {
    return lost() ? Status(gone()) : session_->begin_copy_in(text);
  }
  Status put_copy_data(std::string_view data) override {
    return lost() ? Status(gone()) : session_->put_copy_data(data);
  }
  Result<std::uint64_t> end_copy_in() override {
    return lost() ? Result<std::uint64_t>(gone()) : session_->end_copy_in();
  }
  std::uint64_t affected() const override { return session_ ? session_->affected() : 0; }
  const std::string& state() const override { return session_ ? session_->state() : none_; }
  int version() const override { return version_; }
  std::uint64_t bytes() const override { return 0; }
  void set_patience(std::chrono::milliseconds patience) override {
    if (session_) session_->set_patience(patience);
  }

 private:
  // As when the operator is killed: the server sees the end, and nothing more is said.
  bool lost() {
    if (cut_.fell) session_.reset();
    return !session_;
  }
  static Error gone() { return Error{Fault::connection_cut, "cut by the test"}; }

  std::unique_ptr<DatabaseSession> session_;
  Cut& cut_;
  std::string none_;
  int version_ = 150000;
};

class CutDatabases : public Databases {
 public:
  explicit CutDatabases(Cut& cut) : cut_(cut) {}
  Result<std::unique_ptr<DatabaseSession>> open(const SqlTarget& target,
                                                std::stop_token stop) override {
    if (cut_.fell) return Error{Fault::connection_cut, "cut by the test"};
    auto opened = real_.open(target, std::move(stop));
    if (!opened.ok()) return opened.error();
    return std::unique_ptr<DatabaseSession>(
        std::make_unique<CutSession>(std::move(opened).value(), cut_));
  }

 private:
  LibpqDatabases real_;
  Cut& cut_;
};

TEST_F(StreamTest, IsWholeAgainAfterAKillAtAnyStep) {
  begin();
  if (HasFatalFailure()) return;
  int kills = 0;
  for (int step = 0; step < 40; ++step) {
    bool fell = false;
    for (const bool after : {false, true}) {
      SCOPED_TRACE("step " + std::to_string(step) + (after ? ", after it" : ", before it"));
      secondary_.psql("update linefeatures set description = 'mine' where id = 5");
      primary_.psql("update userfeatures set firstname = firstname || '.' where id = 5");
      Cut cut{step, after};
      CutDatabases databases(cut);
      (void)stream::StreamedCopy(databases, clock_).run(order_, stop_.get_token(), sink_);
      if (!cut.fell) continue;
      fell = true;
      ++kills;
      primary_.psql("update userfeatures set lastname = lastname || '.' where id = 6");
      // The new operator compares all first.
      const CopyOutcome next =
          stream::StreamedCopy(databases_, clock_).run(order_, stop_.get_token(), sink_);
      EXPECT_EQ(next.verdict, CopyOutcome::Verdict::equal) << describe(next);
      EXPECT_EQ(content(primary_), content(secondary_));
      EXPECT_EQ(slots(), "1");
    }
    if (!fell) break;
  }
  EXPECT_GE(kills, 8);
}

TEST_F(StreamTest, BringsAChangeByItself) {
  begin();
  if (HasFatalFailure()) return;
  primary_.psql("insert into extensions (context, exten) values ('s', 'streamed')");
  EXPECT_TRUE(wait_until([&] {
    return secondary_.psql("select count(*) from extensions where exten = 'streamed'") == "1";
  }));
}

TEST_F(StreamTest, WritesWithTheRightsOfItsOwnRoleAlone) {
  begin();
  if (HasFatalFailure()) return;
  EXPECT_EQ(secondary_.psql("select subowner::regrole, r.rolsuper, r.rolreplication from "
                            "pg_subscription join pg_roles r on r.oid = subowner"),
            "tandem|f|f");
  primary_.psql("insert into extensions (context, exten) values ('s', 'streamed')");
  ASSERT_TRUE(has_arrived());
  EXPECT_EQ(secondary_.psql("select usename from pg_stat_activity where backend_type = 'logical "
                            "replication worker'"),
            "tandem");
}

TEST_F(StreamTest, FollowsBesideItWhatItDoesNotBring) {
  begin();
  if (HasFatalFailure()) return;
  primary_.psql(
      "select setval('loose_numbers', 4711); insert into pickup_note values ('new', 3); "
      "update pickup_note set amount = 7 where note = 'same'");
  const CopyOutcome outcome = run(false);
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::partial) << describe(outcome);
  EXPECT_EQ(content(primary_), content(secondary_));
  EXPECT_EQ(secondary_.psql("select last_value from loose_numbers"), "4711");
  EXPECT_TRUE(outcome.memory) << "the next run looks at as little";
}

// What BASELINE and the manual tell of: nothing else ever finds these.
TEST_F(StreamTest, FindsAndHealsWhatWasChangedOnTheSecondaryAlone) {
  begin();
  if (HasFatalFailure()) return;
  secondary_.psql(
      "update userfeatures set firstname = 'mine' where id = 7; delete from linefeatures where "
      "name = 'line9' and not exists (select from user_line where line_id = linefeatures.id); "
      "set session_replication_role = replica; delete from voicemail where id = 3");
  const CopyOutcome outcome = run();
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  ASSERT_EQ(outcome.diverged.size(), 2U);
  EXPECT_TRUE(outcome.diverged[0].starts_with("userfeatures: 1 rows")) << outcome.diverged[0];
  EXPECT_TRUE(outcome.diverged[1].starts_with("voicemail: 1 rows")) << outcome.diverged[1];
  EXPECT_EQ(content(primary_), content(secondary_));
  primary_.psql("update userfeatures set firstname = 'again' where id = 7");
  ASSERT_TRUE(has_arrived());
  EXPECT_EQ(content(primary_), content(secondary_));
}

TEST_F(StreamTest, BeginsAnewWhereTheLogIsLost) {
  begin();
  if (HasFatalFailure()) return;
  // The secondary is away, and the primary's disk is protected from what it keeps for it.
  primary_.psql("alter system set max_slot_wal_keep_size = '1MB'");
  primary_.psql("select pg_reload_conf()");
  secondary_.psql("alter subscription tandem disable");
  ASSERT_TRUE(
      wait_until([&] { return primary_.psql("select active from pg_replication_slots") == "f"; }));
  for (int i = 0; i < 6; ++i)
    primary_.psql("update userfeatures set firstname = firstname || '!'; select pg_switch_wal()");
  primary_.psql("checkpoint");
  EXPECT_EQ(primary_.psql("select wal_status from pg_replication_slots"), "lost");
  const CopyOutcome outcome = run(false);
  EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
  EXPECT_EQ(outcome.stream->reason, "SlotLost");
  EXPECT_EQ(content(primary_), content(secondary_));
  EXPECT_EQ(slots(), "1");
  primary_.psql("alter system reset max_slot_wal_keep_size");
  primary_.psql("select pg_reload_conf()");
}

// A change of a published table without a key would fail: that must never be.
TEST_F(StreamTest, NeverKeepsThePrimaryFromWritingATableWithoutAKey) {
  begin();
  if (HasFatalFailure()) return;
  primary_.psql(
      "update pickup_note set amount = amount + 1; delete from pickup_note where note = "
      "'none'");
  primary_.psql("alter table trunkfeatures drop constraint trunkfeatures_pkey");
  secondary_.psql("alter table trunkfeatures drop constraint trunkfeatures_pkey");
  const CopyOutcome outcome = run(false);
  EXPECT_TRUE(outcome.succeeded()) << describe(outcome);
  primary_.psql(
      "insert into trunkfeatures values (1, 'a'); update trunkfeatures set description = "
      "'b'; delete from trunkfeatures");
}

TEST_F(StreamTest, TakesUpATableThatIsNew) {
  begin();
  if (HasFatalFailure()) return;
  for (auto* cluster : {&primary_, &secondary_})
    cluster->psql("set role asterisk; create table stats_new (id integer primary key)");
  (void)run(false);  // publishes it, and ends the subscription that does not know it
  make_subscription();
  const CopyOutcome outcome = run(false);
  EXPECT_TRUE(outcome.stream && outcome.stream->runs) << describe(outcome);
  primary_.psql("insert into stats_new values (1)");
  ASSERT_TRUE(has_arrived());
  EXPECT_EQ(secondary_.psql("select count(*) from stats_new"), "1");
}

TEST_F(StreamTest, IsOverForGoodWhenTheSecondaryEndsIt) {
  begin();
  if (HasFatalFailure()) return;
  primary_.psql("insert into extensions (context, exten) values ('s', 'last')");
  ASSERT_TRUE(has_arrived());
  SqlStatement end;
  end.text = stream::end_subscription_text();
  const auto ended = tandem::run(io_, sql_.query(target(secondary_.dsn("tandem")), end));
  ASSERT_TRUE(ended.ok()) << ended.error().message;
  SqlStatement raise;
  raise.text = stream::raise_sequences_text();
  const auto raised = tandem::run(io_, sql_.query(target(secondary_.dsn("tandem")), raise));
  ASSERT_TRUE(raised.ok()) << raised.error().message;
  direction_.standing_by = false;
  write_row();
  const std::string before = content(secondary_);
  primary_.psql("update userfeatures set firstname = 'too late'");
  const CopyOutcome refused = run();
  EXPECT_EQ(refused.verdict, CopyOutcome::Verdict::refused) << describe(refused);
  EXPECT_EQ(content(secondary_), before);
  EXPECT_EQ(slots(), "0") << "nobody will ask for what it would keep";
  // What came with the stream has keys beyond the sequence that came before.
  secondary_.psql("insert into extensions (context, exten) values ('own', 'first call')");
}

// Between the comparison and the commit the secondary begins to serve.
TEST_F(StreamTest, IsNotBegunAgainByACopyThatWasUnderWay) {
  begin();
  if (HasFatalFailure()) return;
  sink_ = [&](const CopyProgress& progress) {
    if (progress.phase != CopyProgress::Phase::proving) return;
    secondary_.psql(
        "alter subscription tandem disable; alter subscription tandem set (slot_name "
        "= none); drop subscription tandem");
  };
  const CopyOutcome outcome = run();
  EXPECT_FALSE(outcome.succeeded());
  EXPECT_EQ(secondary_.psql("select count(*) from pg_subscription"), "0");
  EXPECT_EQ(slots(), "0");
}

TEST_F(StreamTest, LeavesNothingBehindWhereNoneIsDeclared) {
  begin();
  if (HasFatalFailure()) return;
  order_.streams = false;
  const CopyOutcome outcome = run(false);
  EXPECT_TRUE(outcome.succeeded()) << describe(outcome);
  EXPECT_EQ(slots(), "0");
  EXPECT_EQ(primary_.psql("select count(*) from pg_publication"), "0");
  EXPECT_EQ(secondary_.psql("select count(*) from pg_subscription"), "0");
}

}  // namespace
}  // namespace tandem
