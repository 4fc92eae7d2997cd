// What a SlotFile promises, on a disk in memory that may be torn, refused, lied for and pulled out.
#include "ports/slot_file.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_slot_device.h"

namespace tandem {
namespace {

constexpr std::size_t kSector = 512;

class SlotFileTest : public testing::Test {
 protected:
  // As a program that starts anew sees it.
  Result<std::optional<std::string>> read_anew() { return TwoSlots(device).read(); }
  std::string content() {
    const auto read = read_anew();
    return !read.ok() ? "error: " + read.error().message : read.value().value_or("(nothing)");
  }
  void flip(std::size_t at) {
    (*device.cache)[at] = static_cast<char>((*device.cache)[at] ^ 0x10);
    device.disk = device.cache;
  }

  fakes::MemorySlotDevice device;
  TwoSlots file{device};
};

TEST_F(SlotFileTest, HasNothingBeforeTheFirstWrite) { EXPECT_EQ(content(), "(nothing)"); }

TEST_F(SlotFileTest, KeepsTheLastOfManyWrites) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(file.write("content " + std::to_string(i)).ok());
    EXPECT_EQ(content(), "content " + std::to_string(i));
  }
}

TEST_F(SlotFileTest, GoesOnFromWhatAnotherRunLeft) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(TwoSlots(device).write("run " + std::to_string(i)).ok());
    EXPECT_EQ(content(), "run " + std::to_string(i));
  }
}

TEST_F(SlotFileTest, TakesTheLargestContentAndNoByteMore) {
  const std::string largest(SlotFile::kContentMax, 'x');
  ASSERT_TRUE(file.write(largest).ok());
  EXPECT_EQ(content(), largest);
  EXPECT_EQ(file.write(largest + "x").error().fault, Fault::too_large);
  EXPECT_EQ(content(), largest);
}

// Each byte at which a write may end: the content before, until the whole of the new one is there.
TEST_F(SlotFileTest, ATornWriteLeavesTheContentBefore) {
  ASSERT_TRUE(file.write("the first").ok());
  ASSERT_TRUE(file.write("the content before").ok());
  const auto before = device.cache;
  const std::string longer(1200, 'n');
  const std::size_t whole = SlotFile::kHeaderBytes + longer.size();
  for (std::size_t cut = 0; cut < whole; ++cut) {
    device.cache = device.disk = before;
    device.torn_after = cut;
    ASSERT_FALSE(TwoSlots(device).write(longer).ok());
    ASSERT_EQ(content(), "the content before") << "cut after " << cut << " bytes";
    ASSERT_TRUE(TwoSlots(device).write("and on").ok());
    ASSERT_EQ(content(), "and on") << "cut after " << cut << " bytes";
  }
}

// Sectors come to a disk in any order: any of them may be missing.
TEST_F(SlotFileTest, AMissingSectorLeavesTheContentBefore) {
  ASSERT_TRUE(file.write("the first").ok());
  ASSERT_TRUE(file.write("the content before").ok());
  const std::string before = *device.cache;
  device.refused_after = 1;  // the power goes in the middle of the first copy
  ASSERT_TRUE(file.write(std::string(5000, 'n')).ok());
  const std::string after = *device.cache;
  int missing = 0;
  for (std::size_t at = 0; at < SlotFile::kFileBytes; at += kSector) {
    std::string mixed = after;
    mixed.replace(at, kSector, before, at, kSector);
    if (mixed == after) continue;
    ++missing;
    device.cache = device.disk = mixed;
    EXPECT_EQ(content(), "the content before") << "without the sector at " << at;
  }
  EXPECT_EQ(missing, 10);
}

TEST_F(SlotFileTest, ATornFirstWriteIsNothing) {
  device.torn_after = 100;
  ASSERT_FALSE(file.write("the first").ok());
  EXPECT_EQ(content(), "(nothing)");
  ASSERT_TRUE(file.write("the first").ok());
  EXPECT_EQ(content(), "the first");
}

TEST_F(SlotFileTest, AFlippedBitAnywhereCostsNothing) {
  ASSERT_TRUE(file.write("the content before").ok());
  ASSERT_TRUE(file.write("the last content").ok());
  const auto good = device.cache;
  for (const std::size_t slot : {0U, 1U})
    for (std::size_t at = 0; at < SlotFile::kHeaderBytes + 16; ++at) {
      device.cache = good;
      flip(slot * SlotFile::kSlotBytes + at);
      EXPECT_EQ(content(), "the last content") << "byte " << at << " of slot " << slot;
    }
}

TEST_F(SlotFileTest, TwoDamagedSlotsAreNotTakenForNothing) {
  ASSERT_TRUE(file.write("one").ok());
  ASSERT_TRUE(file.write("two").ok());
  flip(SlotFile::kHeaderBytes);
  flip(SlotFile::kSlotBytes + SlotFile::kHeaderBytes);
  const auto read = read_anew();
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().fault, Fault::invalid);
  EXPECT_NE(read.error().message.find("damaged"), std::string::npos);
  TwoSlots next(device);
  ASSERT_TRUE(next.write("three").ok());
  EXPECT_EQ(content(), "three");
  ASSERT_TRUE(next.write("four").ok());
  EXPECT_EQ(content(), "four");
}

// An old content would pass for the last word.
TEST_F(SlotFileTest, DamageToEitherSlotCostsNothingThatWasKept) {
  for (const int writes : {1, 2, 3})
    for (const std::size_t slot : {0U, 1U}) {
      device.cache.reset();
      TwoSlots anew(device);
      for (int i = 1; i <= writes; ++i) ASSERT_TRUE(anew.write("word " + std::to_string(i)).ok());
      flip(slot * SlotFile::kSlotBytes + SlotFile::kHeaderBytes + 1);
      EXPECT_EQ(content(), "word " + std::to_string(writes)) << "slot " << slot;
      device.cache->resize(SlotFile::kSlotBytes);
    }
}

TEST_F(SlotFileTest, AFailureOfTheSecondCopyIsNone) {
  ASSERT_TRUE(file.write("one").ok());
  device.refused_after = 1;
  EXPECT_TRUE(file.write("two").ok());
  EXPECT_EQ(content(), "two");
  device.refused_after.reset();
  EXPECT_TRUE(file.write("three").ok());
  EXPECT_EQ(content(), "three");
}

TEST_F(SlotFileTest, AFileThatLostItsBytesIsDamagedAndMended) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, SlotFile::kHeaderBytes - 1}) {
    device.cache = std::string(size, '\0');
    EXPECT_FALSE(read_anew().ok()) << size;
    ASSERT_TRUE(TwoSlots(device).write("again").ok());
    EXPECT_EQ(content(), "again");
  }
}

TEST_F(SlotFileTest, ANewerFormatIsRefusedAndNeverWrittenOver) {
  for (const std::size_t slot : {0U, 1U}) {
    ASSERT_TRUE(file.write("ours").ok());
    const std::string newer = slots::encode(9, "theirs", slots::kFormat + 1);
    device.cache->replace(slot * SlotFile::kSlotBytes, newer.size(), newer);
    const auto before = device.cache;
    const auto read = read_anew();
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().fault, Fault::invalid);
    EXPECT_NE(read.error().message.find("newer"), std::string::npos);
    EXPECT_EQ(TwoSlots(device).write("ours again").error().fault, Fault::invalid);
    EXPECT_EQ(file.write("ours again").error().fault, Fault::invalid);
    EXPECT_EQ(device.cache, before);
    device.cache.reset();
  }
}

TEST_F(SlotFileTest, AFailedSyncIsTold) {
  ASSERT_TRUE(file.write("before").ok());
  device.sync_error = Error{Fault::unavailable, "Input/output error"};
  EXPECT_FALSE(file.write("after").ok());
}

// After a failed sync the kernel shows what is not on the disk. However often that happens, what is
// on the disk is never written over.
TEST_F(SlotFileTest, NoFailedSyncCostsTheContentThatIsOnTheDisk) {
  ASSERT_TRUE(file.write("older").ok());
  ASSERT_TRUE(file.write("surely on the disk").ok());
  device.sync_error = Error{Fault::unavailable, "Input/output error"};
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(file.write("never there").ok());
    // What of the cache came to the disk by itself meanwhile: the slot that was tried.
    int untouched = 0;
    for (const std::size_t slot : {0U, 1U}) {
      const auto at = slot * SlotFile::kSlotBytes;
      const auto seen = slots::decode(std::string_view(*device.disk).substr(at));
      if (seen.content == "surely on the disk" &&
          device.cache->compare(at, SlotFile::kSlotBytes, *device.disk, at, SlotFile::kSlotBytes) ==
              0)
        ++untouched;
    }
    EXPECT_GE(untouched, 1) << "the slot that holds was written to";
  }
  device.crash();
  EXPECT_EQ(content(), "surely on the disk");
  device.sync_error.reset();
  ASSERT_TRUE(file.write("at last").ok());
  EXPECT_EQ(content(), "at last");
}

TEST_F(SlotFileTest, ADiskThatLiesAboutOneSyncCostsOnlyThatWrite) {
  ASSERT_TRUE(file.write("older").ok());
  ASSERT_TRUE(file.write("before").ok());
  device.sync_lies = true;
  ASSERT_TRUE(file.write("lied about").ok());
  device.crash();
  EXPECT_EQ(content(), "before");
}

TEST_F(SlotFileTest, ARefusalChangesNothingAndPasses) {
  ASSERT_TRUE(file.write("before").ok());
  device.refusal = Error{Fault::denied, "read-only file system"};
  EXPECT_EQ(file.write("after").error().fault, Fault::denied);
  EXPECT_EQ(content(), "before");
  device.refusal.reset();
  ASSERT_TRUE(file.write("after").ok());
  EXPECT_EQ(content(), "after");
}

// Nobody knows which slot holds: to write would be to guess.
TEST_F(SlotFileTest, WhatCouldNeverBeReadIsNotWrittenOver) {
  ASSERT_TRUE(file.write("before").ok());
  device.read_error = Error{Fault::unavailable, "Input/output error"};
  EXPECT_FALSE(TwoSlots(device).write("after").ok());
  EXPECT_TRUE(file.write("after").ok()) << "this one knows";
}

TEST_F(SlotFileTest, AFileThatWasRemovedIsMadeAgain) {
  ASSERT_TRUE(file.write("before").ok());
  device.cache.reset();
  ASSERT_TRUE(file.write("after").ok());
  EXPECT_EQ(content(), "after");
}

}  // namespace
}  // namespace tandem
