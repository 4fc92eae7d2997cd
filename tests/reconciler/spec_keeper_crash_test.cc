// A kill while a declaration comes into force: accepted-pair.yaml and accepted.json are two files,
// and the next start must make sense of each pair of versions that a kill can leave.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "ports/real_filesystem.h"
#include "reconciler/spec_keeper.h"
#include "tests/fakes/guillotine.h"
#include "tests/ports/syscall_stepper.h"
#include "tests/ports/temporary_folder.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

constexpr Instant kNow{std::chrono::hours{1000}};
const std::string kState = "/var/lib/tandem";

// One edit of pair.yaml, and how it comes into force.
struct Edit {
  const char* name;
  std::string before;  // empty: nothing was accepted yet
  std::string after;
  bool needs_order;
};

const std::vector<Edit>& edits() {
  static const std::vector<Edit> kAll = {
      {"the first declaration", "", pair_yaml(), true},
      {"an edit", pair_yaml(), pair_yaml("  sip: { preset: fast }\n"), false},
      {"a structural edit", pair_yaml(), pair_yaml("  enabled: false\n"), true},
  };
  return kAll;
}

// A start that takes up what is kept, looks at the file, and is given its order.
bool take_up(Filesystem& disk, bool ordered) {
  SpecKeeper keeper(disk, kPairFile, kState, "pbx-a");
  if (!keeper.load().ok()) return false;
  keeper.look(kNow, true);
  if (ordered && keeper.view().pending) return keeper.accept_structural("a test").ok();
  return true;
}

void prepare(Filesystem& disk, const Edit& edit) {
  ASSERT_TRUE(disk.make_directories("/etc/tandem").ok());
  if (!edit.before.empty()) {
    ASSERT_TRUE(disk.replace(kPairFile, edit.before, 0644).ok());
    ASSERT_TRUE(take_up(disk, true));
  }
  ASSERT_TRUE(disk.replace(kPairFile, edit.after, 0644).ok());
}

struct Kept {
  std::string text;             // empty: none
  std::int64_t generation = 0;  // -1: the record can not be read
};

Kept kept_in(Filesystem& disk) {
  Kept kept;
  const auto text = disk.read(kState + "/accepted-pair.yaml");
  if (text.ok()) kept.text = text.value();
  const auto record = disk.read(kState + "/accepted.json");
  if (!record.ok()) return kept;
  const auto json = nlohmann::json::parse(record.value(), nullptr, false);
  kept.generation = json.is_object() ? json.value("generation", std::int64_t{-1}) : -1;
  return kept;
}

// Old or new, readable, and finished by the next start; the one after it writes nothing.
void expect_sound(Filesystem& disk, const Edit& edit) {
  const Kept left = kept_in(disk);
  const std::int64_t before = edit.before.empty() ? 0 : 1;
  EXPECT_TRUE(left.text == edit.before || left.text == edit.after) << left.text;
  EXPECT_TRUE(left.generation == before || left.generation == before + 1) << left.generation;

  // Without the order a structural edit is in force only if it was kept before the kill.
  SpecKeeper next(disk, kPairFile, kState, "pbx-a");
  ASSERT_TRUE(next.load().ok());
  next.look(kNow, true);
  EXPECT_FALSE(next.view().refused || next.view().not_kept);
  EXPECT_EQ(next.view().pending.has_value(), edit.needs_order && left.text == edit.before);

  ASSERT_TRUE(take_up(disk, true));
  const Kept done = kept_in(disk);
  EXPECT_EQ(done.text, edit.after);
  EXPECT_GT(done.generation, before);
  EXPECT_LE(done.generation, before + 2) << "a number may be skipped, and none is used twice";
  EXPECT_EQ(disk.list(kState).value().size(), 2U) << "a leftover";
  ASSERT_TRUE(take_up(disk, true));
  EXPECT_EQ(kept_in(disk).generation, done.generation);
}

TEST(SpecKeeperCrash, AKillAtAnyCallLeavesADeclarationThatTheNextStartFinishes) {
  int cuts = 0;
  for (const Edit& edit : edits())
    cuts += fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
      fakes::MemoryFilesystem disk;
      prepare(disk, edit);
      fakes::KilledFilesystem killed(disk, guillotine);
      try {
        take_up(killed, true);
      } catch (const fakes::Killed&) {
      }
      SCOPED_TRACE(std::string(edit.name) + ", killed " + guillotine.where());
      expect_sound(disk, edit);
    });
  std::cout << "crash of the declaration: " << cuts << " kills examined\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 40));
}

TEST(SpecKeeperCrash, AKillAtAnySystemCallOfTheRealFilesDoesTheSame) {
  int kills = 0;
  for (const Edit& edit : edits()) {
    bool killed = true;
    for (int stop = 0; killed; ++stop) {
      const TemporaryFolder folder(base_in_memory());
      boost::asio::io_context io;
      RealFilesystem disk(io.get_executor(), folder.path());
      prepare(disk, edit);
      const auto stepped =
          step_through([&] { return take_up(disk, true) ? 0 : 1; }, stop, Stops::changing);
      if (!stepped.permitted) GTEST_SKIP() << "tracing is not permitted";
      SCOPED_TRACE(std::string(edit.name) + ", killed at stop " + std::to_string(stop));
      expect_sound(disk, edit);
      if (testing::Test::HasFailure()) return;
      killed = stepped.killed;
      kills += killed ? 1 : 0;
    }
  }
  std::cout << "crash of the declaration: " << kills << " kills at system calls examined\n";
  EXPECT_GT(kills, 60);
}

}  // namespace
}  // namespace tandem
