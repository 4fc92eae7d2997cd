// A copy that ends at any moment, by any hand: the secondary's content is then one of the primary's
// generations, and nothing stays locked.
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <new>
#include <optional>
#include <random>
#include <stdexcept>

#include "replication/database/awake_session.h"
#include "tests/replication/copy_world.h"
#include "tests/replication/doomed_databases.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// From the kill on; where a server was killed, from the moment on when both answer again.
constexpr std::chrono::seconds kUnlockedMax{15};
constexpr std::chrono::seconds kCutsMax{60};
// Kills that met a running copy.
constexpr int kKillsMin = 100;
constexpr std::chrono::minutes kKillsMax{8};

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

  // How long it took.
  milliseconds expect_nothing_locked() {
    const auto begun = steady_clock::now();
    for (;;) {
      const std::string locked = secondary_.psql(
          "select count(*) from pg_locks l join pg_stat_activity a using (pid) where "
          "a.application_name = 'tandem-replication'");
      const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
      if (locked == "0") return took;
      if (took > kUnlockedMax) {
        ADD_FAILURE() << locked << " locks are still held";
        return took;
      }
      std::this_thread::sleep_for(milliseconds{50});
    }
  }

  // What the secondary holds now.
  std::string expect_one_generation(const std::string& before) {
    std::string now = content(secondary_);
    EXPECT_TRUE(now == before || now == content(primary_)) << "a mixture of two generations";
    return now;
  }
};

TEST_F(CopyKillTest, LeavesOneGenerationWhereverASessionIsCut) {
  expect_copied();
  std::mt19937 dice(std::random_device{}());
  const auto end = steady_clock::now() + kCutsMax;
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
  using Phase = CopyProgress::Phase;

  Victim(const CopyOrder& order, int user_port) {
    pid_ = fork_bound();
    if (pid_ != 0) return;
    CopyOrder own = order;
    own.secondary.dsn = "host=127.0.0.1 dbname=asterisk user=tandem sslmode=disable port=" +
                        std::to_string(user_port);
    LibpqDatabases databases;
    RealClock clock;
    const auto tell = [phase = phase_](const CopyProgress& progress) { *phase = progress.phase; };
    const auto outcome = DatabaseCopy(databases, clock).run(own, {}, tell);
    _exit(outcome.succeeded() ? 0 : 1);
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  ~Victim() {
    kill();
    munmap(phase_, sizeof *phase_);
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  // Where it is; nullopt: it has ended.
  std::optional<Phase> running() {
    if (pid_ <= 0 || waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
    return pid_ > 0 ? std::optional(phase_->load()) : std::nullopt;
  }

 private:
  static std::atomic<Phase>* shared() {
    void* page = mmap(nullptr, sizeof(std::atomic<Phase>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw std::runtime_error("no page to share");
    return new (page) std::atomic<Phase>(Phase::connecting);
  }

  std::atomic<Phase>* phase_ = shared();
  pid_t pid_ = -1;
};

enum class Way { copy, secondary, primary, silence, cut };

// The costly ones less often: a server must recover, silence lasts until a limit.
Way way_of(int round) {
  switch (round % 20) {
    case 3:
    case 13: return Way::silence;
    case 1:
    case 9:
    case 14: return Way::cut;
    case 5:
    case 8:
    case 12:
    case 17: return Way::secondary;
    case 2:
    case 7:
    case 11:
    case 18: return Way::primary;
    default: return Way::copy;
  }
}

class Tally {
 public:
  void add(Way way, Victim::Phase phase, milliseconds locked) {
    Row& row = rows_[way];
    ++row.kills;
    row.longest = std::max(row.longest, locked);
    ++phases_[phase];
    ++kills_;
  }
  int kills() const { return kills_; }
  void print() const {
    constexpr const char* kNames[] = {"the copy", "the secondary's server", "the primary's server",
                                      "the link, in silence", "the link, told"};
    for (const auto& [way, row] : rows_)
      std::printf("%s: %d kills, locked for at most %lld ms\n", kNames[static_cast<int>(way)],
                  row.kills, static_cast<long long>(row.longest.count()));
    for (const auto& [phase, kills] : phases_)
      std::printf("while %s: %d\n", std::string(phase_name(phase)).c_str(), kills);
    std::printf("all: %d\n", kills_);
  }

 private:
  struct Row {
    int kills = 0;
    milliseconds longest{0};
  };
  std::map<Way, Row> rows_;
  std::map<Victim::Phase, int> phases_;
  int kills_ = 0;
};

// Half of them at any time of a copy; half of them after the begin of a step, since most steps are
// short.
void wait_for_a_moment(Victim& victim, milliseconds usual, std::mt19937& dice) {
  using std::chrono::microseconds;
  constexpr unsigned kSteps = 3, kAfterBeginMaxUs = 10'000;
  if (dice() % 2 == 0) {
    std::this_thread::sleep_for(milliseconds{dice() % static_cast<unsigned>(usual.count() + 1)});
    return;
  }
  const auto step = static_cast<Victim::Phase>(1 + dice() % kSteps);
  for (auto phase = victim.running(); phase && *phase < step; phase = victim.running())
    std::this_thread::sleep_for(microseconds{200});
  std::this_thread::sleep_for(microseconds{dice() % kAfterBeginMaxUs});
}

TEST_F(CopyKillTest, LeavesOneGenerationWhoeverIsKilled) {
  expect_copied();
  edit(-1);
  const auto begun = steady_clock::now();
  EXPECT_TRUE(copy().succeeded());
  const auto usual = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 dice(seed);
  Tally tally;
  std::string before = content(secondary_);
  for (int round = 0; tally.kills() < kKillsMin && !HasFailure(); ++round) {
    ASSERT_LT(steady_clock::now() - begun, kKillsMax) << "only " << tally.kills() << " kills";
    edit(round);
    const Way way = way_of(round);
    Link link(secondary_.port());
    Victim victim(order_, link.port());
    wait_for_a_moment(victim, usual, dice);
    const auto phase = victim.running();
    switch (way) {
      case Way::copy: victim.kill(); break;
      case Way::secondary: secondary_.crash(); break;
      case Way::primary: primary_.crash(); break;
      case Way::silence: link.cut(); break;
      case Way::cut: link.mend(); break;
    }
    for (auto* cluster : {&primary_, &secondary_})
      if (!cluster->runs()) cluster->start();
    const auto locked = expect_nothing_locked();
    // One that went on, or began late, may have the servers do something still.
    if (victim.running()) {
      victim.kill();
      expect_nothing_locked();
    }
    before = expect_one_generation(before);
    if (phase) tally.add(way, *phase, locked);
  }
  tally.print();
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
