// A copy that ends at any moment, by any hand: the secondary's content is then one of the primary's
// generations, and nothing stays locked.
#include <algorithm>
#include <cstdio>
#include <random>

#include "replication/awake_session.h"
#include "tests/replication/copy_world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What the specification allows is 15 s; a loaded machine gets more before the test fails.
constexpr std::chrono::seconds kUnlockedMax{60};
constexpr std::chrono::seconds kKillsMax{60};

// Ends a session for good at the n-th call to any of them.
struct Guillotine {
  int calls_left = 0;
  bool fell = false;

  bool falls() {
    if (calls_left-- != 0) return fell;
    return fell = true;
  }
};

class DoomedSession : public DatabaseSession {
 public:
  DoomedSession(std::unique_ptr<DatabaseSession> session, Guillotine& blade)
      : session_(std::move(session)), blade_(blade) {}

  Result<SqlRows> ask(const std::string& text) override {
    if (falls()) return cut();
    return session_->ask(text);
  }
  Status begin_rows(const std::string& text) override {
    if (falls()) return cut();
    return session_->begin_rows(text);
  }
  Result<const SqlRow*> next_row() override {
    return lost() ? Result<const SqlRow*>(cut()) : session_->next_row();
  }
  Status begin_copy_out(const std::string& text) override {
    if (falls()) return cut();
    return session_->begin_copy_out(text);
  }
  Result<std::string_view> next_copy_data() override {
    if (lost()) return cut();
    return session_->next_copy_data();
  }
  Status begin_copy_in(const std::string& text) override {
    if (falls()) return cut();
    return session_->begin_copy_in(text);
  }
  Status put_copy_data(std::string_view data) override {
    if (lost()) return cut();
    return session_->put_copy_data(data);
  }
  Result<std::uint64_t> end_copy_in() override {
    if (falls()) return cut();
    return session_->end_copy_in();
  }
  std::uint64_t affected() const override { return session_ ? session_->affected() : 0; }
  const std::string& state() const override { return state_; }
  int version() const override { return session_ ? session_->version() : 150'000; }
  std::uint64_t bytes() const override { return session_ ? session_->bytes() : 0; }
  void set_patience(milliseconds patience) override {
    if (session_) session_->set_patience(patience);
  }

 private:
  bool lost() const { return !session_; }
  bool falls() {
    if (session_ && blade_.falls()) session_.reset();
    return lost();
  }
  static Error cut() { return {Fault::connection_cut, "cut by the test"}; }

  std::unique_ptr<DatabaseSession> session_;
  Guillotine& blade_;
  std::string state_;
};

class DoomedDatabases : public Databases {
 public:
  DoomedDatabases(Databases& databases, Guillotine& blade) : databases_(databases), blade_(blade) {}

  Result<std::unique_ptr<DatabaseSession>> open(const SqlTarget& target,
                                                std::stop_token stop) override {
    if (blade_.falls()) return Error{Fault::connection_refused, "cut by the test"};
    auto opened = databases_.open(target, std::move(stop));
    if (!opened.ok()) return opened.error();
    return std::unique_ptr<DatabaseSession>(
        std::make_unique<DoomedSession>(std::move(opened).value(), blade_));
  }

 private:
  Databases& databases_;
  Guillotine& blade_;
};

class CopyKillTest : public CopyTest {
 protected:
  // A change to several tables of the primary, all rows of one of them.
  void edit(int round) {
    const std::string n = std::to_string(round);
    primary_.psql("update userfeatures set firstname = 'g" + n +
                  "' where id % 7 = " + std::to_string(round % 7) + "; update moh set label = 'g" +
                  n + "'; delete from dialaction where categoryval = '" + n +
                  "'; update endpoint_sip_section_option set value = 'g" + n +
                  "'; select nextval('userfeatures_id_seq')");
  }

  void expect_nothing_locked() {
    const auto end = steady_clock::now() + kUnlockedMax;
    std::string locked;
    while (steady_clock::now() < end) {
      locked = secondary_.psql(
          "select count(*) from pg_locks l join pg_stat_activity a using (pid) where "
          "a.application_name = 'tandem-replication'");
      if (locked == "0") return;
      std::this_thread::sleep_for(milliseconds{50});
    }
    ADD_FAILURE() << locked << " locks are still held";
  }

  void expect_one_generation(const std::string& before) {
    const std::string now = content(secondary_);
    EXPECT_TRUE(now == before || now == content(primary_)) << "a mixture of two generations";
  }
};

TEST_F(CopyKillTest, LeavesOneGenerationWhereverASessionIsCut) {
  expect_copied();
  std::mt19937 dice(std::random_device{}());
  const auto end = steady_clock::now() + kKillsMax;
  int cuts = 0;
  for (int at = 0; steady_clock::now() < end; at += 1 + static_cast<int>(dice() % 3)) {
    edit(at);
    const std::string before = content(secondary_);
    Guillotine blade{at};
    DoomedDatabases doomed(databases_, blade);
    const CopyOutcome outcome = DatabaseCopy(doomed, clock_).run(order_, {}, {});
    SCOPED_TRACE("cut at call " + std::to_string(at));
    expect_one_generation(before);
    // The copy of the last call is committed: only its aftermath was cut.
    if (outcome.succeeded() && !blade.fell) break;
    EXPECT_TRUE(blade.fell);
    ++cuts;
  }
  std::printf("cut at %d calls\n", cuts);
  expect_nothing_locked();
  expect_copied();
}

// The copy as a process of its own, over a link that can be cut.
class Victim {
 public:
  Victim(const CopyOrder& order, int user_port) {
    pid_ = fork_bound();
    if (pid_ != 0) return;
    CopyOrder own = order;
    own.secondary.dsn = "host=127.0.0.1 dbname=asterisk user=tandem sslmode=disable port=" +
                        std::to_string(user_port);
    LibpqDatabases databases;
    RealClock clock;
    const auto outcome = DatabaseCopy(databases, clock).run(own, {}, {});
    _exit(outcome.succeeded() ? 0 : 1);
  }
  ~Victim() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  void wait() {
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

TEST_F(CopyKillTest, LeavesOneGenerationWhoeverIsKilled) {
  const auto begun = steady_clock::now();
  expect_copied();
  const auto usual = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  int kills[4] = {};
  for (int round = 0; steady_clock::now() < begun + kKillsMax; ++round) {
    edit(round);
    const std::string before = content(secondary_);
    // The costly ones less often: a restart, ten seconds of silence.
    const int way = round % 10 == 3 ? 1 : round % 10 == 6 ? 2 : round % 25 == 24 ? 3 : 0;
    ++kills[way];
    Link link(secondary_.port());
    Victim victim(order_, link.port());
    std::this_thread::sleep_for(milliseconds{dice() % static_cast<unsigned>(usual.count() + 20)});
    if (way == 0) victim.end();
    if (way == 1) secondary_.crash();
    if (way == 2) primary_.crash();
    if (way == 3) link.cut();
    if (way == 3) expect_nothing_locked();
    if (way == 3) victim.end();
    if (way != 0 && way != 3) victim.wait();
    for (auto* cluster : {&primary_, &secondary_})
      if (!cluster->runs()) cluster->start();
    expect_nothing_locked();
    expect_one_generation(before);
    if (HasFailure()) break;
  }
  std::printf("killed: the copy %d times, the secondary %d, the primary %d, the link %d\n",
              kills[0], kills[1], kills[2], kills[3]);
  expect_copied();
}

// A server that follows another one: a signal file is all that it takes.
TEST_F(CopyKillTest, RefusesServersInRecovery) {
  const auto follow = [](TestPostgres& cluster, bool follows) {
    cluster.stop();
    const std::string signal = cluster.root() + "/data/standby.signal";
    if (follows)
      write_to(signal, "");
    else
      std::filesystem::remove(signal);
    cluster.start();
  };
  follow(primary_, true);
  expect_refused(CopyReason::primary_in_recovery);
  follow(primary_, false);
  follow(secondary_, true);
  expect_refused(CopyReason::secondary_in_recovery);
  follow(secondary_, false);
  expect_copied();
}

// The last test of this program: the secondary's cluster is then a copy of the primary's.
TEST_F(CopyKillTest, RefusesClonesUnlessForced) {
  const auto data = [](const TestPostgres& cluster) { return cluster.root() + "/data"; };
  primary_.stop();
  secondary_.stop();
  namespace fs = std::filesystem;
  // Over the files of the old one, so that owner and mode of the folder stay.
  struct stat owner {};
  ASSERT_EQ(stat(data(secondary_).c_str(), &owner), 0);
  for (const auto& entry : fs::directory_iterator(data(secondary_))) fs::remove_all(entry.path());
  fs::copy(data(primary_), data(secondary_), fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(data(secondary_)))
    ASSERT_EQ(chown(entry.path().c_str(), owner.st_uid, owner.st_gid), 0);
  primary_.start();
  secondary_.start();
  write_row();
  expect_refused(CopyReason::nodes_cloned);
  order_.force = "the machine was copied on purpose";
  expect_copied();
}

}  // namespace
}  // namespace tandem
