// What rsync 3.2.7 and 3.5.0 say, byte for byte.
#include "replication/files/itemised.h"

#include <gtest/gtest.h>

namespace tandem::files {
namespace {

constexpr std::string_view kSaid =
    "cd+++++++++ 4096 ./\n"
    "<f+++++++++ 100 a.wav\n"
    "<f.st...... 7 with a blank\n"
    "<f+++++++++ 3 line\\#012break\n"
    "cL+++++++++ 1 link\n"
    "cd+++++++++ 4096 sub/\n"
    ".d..t...... 4096 old/\n"
    ".f...pog... 12 mode\n"
    "*deleting   0 sub/gone.wav\n"
    "*deleting   0 sub/\n"
    "\n"
    "Number of files: 1,011 (reg: 1,003, dir: 4, link: 1, dev: 1, special: 2)\n"
    "Number of created files: 3 (reg: 2, link: 1)\n"
    "Number of deleted files: 2 (reg: 1, dir: 1)\n"
    "Total bytes sent: 1234\n"
    "Total bytes received: 56\n";

TEST(Itemised, CountsWhatEachLineIs) {
  Itemised itemised;
  itemised.hear(kSaid);
  const CopyCounts expected{.files_sent = 4,
                            .files_new = 3,
                            .folders_new = 2,
                            .attributes = 2,
                            .files_deleted = 1,
                            .folders_deleted = 1,
                            .bytes = 110};
  EXPECT_EQ(itemised.counts(), expected);
  EXPECT_EQ(itemised.counts().items(), 10U);
  EXPECT_EQ(itemised.sum(), (CopySum{1004, 1234, 56}));
  EXPECT_EQ(itemised.deleted_names(), (std::vector<std::string>{"sub/gone.wav", "sub/"}));
}

TEST(Itemised, HearsTheSameInPiecesOfAnySize) {
  Itemised whole;
  whole.hear(kSaid);
  for (std::size_t size = 1; size < 40; ++size) {
    Itemised itemised;
    for (std::size_t at = 0; at < kSaid.size(); at += size) itemised.hear(kSaid.substr(at, size));
    EXPECT_EQ(itemised.counts(), whole.counts()) << size;
    EXPECT_EQ(itemised.sum(), whole.sum()) << size;
  }
}

TEST(Itemised, TakesNoOtherLineForAnItem) {
  Itemised itemised;
  itemised.hear(
      "skipping non-regular file \"fifo\"\n<f+++\n.\n*deleting\n>\nsent 1 bytes\n<f+++++++++ x\n");
  EXPECT_EQ(itemised.counts(), CopyCounts());
  EXPECT_FALSE(itemised.has_sum());
}

TEST(Itemised, IsBoundedWhateverComes) {
  Itemised itemised;
  for (int i = 0; i < 10'000; ++i) itemised.hear(std::string(1000, 'x'));
  itemised.hear("\n");
  for (int i = 0; i < 100; ++i) itemised.hear("*deleting   0 " + std::string(5000, 'n') + "\n");
  EXPECT_EQ(itemised.counts().files_deleted, 100U);
  EXPECT_EQ(itemised.deleted_names().size(), Itemised::kNamesMax);
  EXPECT_LE(itemised.deleted_names().front().size(), 200U);
}

}  // namespace
}  // namespace tandem::files
