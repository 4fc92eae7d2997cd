// A primary that copies: the keeper with copiers of the test's own, and time that passes when told.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ports/spawn.h"
#include "reconciler/replication/replication_keeper.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem {

// Runs take `takes`, and come to what the test says.
class FakeCopier : public Copier {
 public:
  FakeCopier(fakes::FakeClock& clock, CopyKind kind)
      : clock_(clock), kind_(kind), wake_(clock.make_signal()), end_(clock.make_signal()) {}

  CopyTold result;  // of each run
  std::chrono::milliseconds takes{100};
  std::chrono::seconds interval{60};
  std::vector<CopyAsk> asked;
  int aborts = 0, forgotten = 0;
  bool follows = false;

  CopyKind kind() const override { return kind_; }
  Task<CopyTold> run(CopyAsk ask) override {
    asked.push_back(ask);
    aborted_ = false;
    co_await clock_.wait(*end_, clock_.now() + takes);
    CopyTold told = result;
    if (aborted_) {
      told.result = CopyResult::failed;
      told.reason = "Cancelled";
    }
    co_return told;
  }
  void abort() override {
    ++aborts;
    aborted_ = true;
    end_->notify();
  }
  void forget() override { ++forgotten; }
  std::optional<CopyMeter> meter() const override { return std::nullopt; }
  Signal& wake() override { return *wake_; }
  Instant due(const HAPair&, Instant begun) const override { return begun + interval; }
  void follow(const HAPair* pair) override { follows = pair != nullptr; }
  std::vector<Condition> conditions() const override { return {}; }

 private:
  fakes::FakeClock& clock_;
  CopyKind kind_;
  std::unique_ptr<Signal> wake_, end_;
  bool aborted_ = false;
};

inline HAPair copied_pair() {
  HAPair pair;
  pair.name = "lab";
  pair.primary = {"pbx-a", "192.0.2.10", {}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  return pair;
}

inline CopyTold good_copy(CopyResult result = CopyResult::equal) {
  CopyTold told;
  told.result = result;
  told.message = "109 tables equal";
  return told;
}

inline CopyTold bad_copy(const std::string& reason, CopyResult result = CopyResult::failed) {
  CopyTold told;
  told.result = result;
  told.reason = reason;
  told.message = "it did not work";
  return told;
}

// What is told of copies.
class ToldCopies : public Observer {
 public:
  std::vector<CopyTold> copies;
  void reported(const Report&) override {}
  void condition_changed(const Condition&) override {}
  void spec_rejected(std::string_view) override {}
  void spec_accepted(std::string_view) override {}
  void copied(const CopyTold& told) override { copies.push_back(told); }
};

// A keeper with two copiers of the test's own, on a primary that serves.
class ReplicationKeeperTest : public testing::Test {
 protected:
  ReplicationKeeperTest() {
    clock.automatic = false;
    disk.directories.insert("/var/lib/tandem");
    database.result = good_copy();
    files.result = good_copy();
    files.interval = std::chrono::hours{1};
    now.pair = &pair;
    now.role = Role::primary;
    now.state = NodeState::serving;
  }
  ~ReplicationKeeperTest() override {
    if (!keeper) return;
    keeper->stop();
    pass(std::chrono::seconds{20});
  }
  void start() {
    keeper = std::make_unique<ReplicationKeeper>(
        ReplicationKeeper::Parts{clock,
                                 disk,
                                 "/var/lib/tandem",
                                 {&database, &files},
                                 [this] { return now; },
                                 [this](Product) { return vendor_runs; },
                                 [this] { ++changes; },
                                 {&told}});
    spawn(io.get_executor(), keeper->run(), [](const std::string& why) { FAIL() << why; });
    pass(std::chrono::seconds{1});
  }
  void pass(std::chrono::nanoseconds time) {
    constexpr std::chrono::milliseconds kStep{100};
    io.restart();
    io.poll();
    for (std::chrono::nanoseconds done{0}; done < time; done += kStep) {
      clock.advance(kStep);
      io.restart();
      io.poll();
    }
  }
  Condition condition(const std::string& type) const {
    for (const Condition& one : keeper->conditions())
      if (one.type == type) return one;
    return {type, Truth::unknown, "NotTold", "", true};
  }
  std::size_t runs() const { return database.asked.size(); }

  HAPair pair = copied_pair();
  CopySituation now;
  bool vendor_runs = false;
  int changes = 0;
  ToldCopies told;
  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::MemoryFilesystem disk;
  FakeCopier database{clock, CopyKind::database};
  FakeCopier files{clock, CopyKind::files};
  std::unique_ptr<ReplicationKeeper> keeper;
};

}  // namespace tandem
