#include "replication/files/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::files {
namespace {

using testing::HasSubstr;

const Tree kTree{"/var/lib/asterisk/moh", {}};

CopyPlan plan(std::uint64_t here, std::uint64_t created, std::uint64_t deleted) {
  CopyPlan made;
  made.files_here = here;
  made.counts.files_sent = made.counts.files_new = created;
  made.counts.files_deleted = deleted;
  return made;
}

std::optional<Reason> judged(const CopyPlan& made, const RememberedFolder* last = nullptr,
                             const TreeLook& look = {}) {
  const auto trouble = guard_plan(kTree, look, made, last, 50);
  return trouble ? std::optional(trouble->reason) : std::nullopt;
}

TEST(Guards, CountWhatIsThere) {
  EXPECT_EQ(plan(10, 4, 3).files_there(), 9U);
  EXPECT_EQ(plan(0, 0, 3).files_there(), 3U);
  EXPECT_EQ(plan(1, 5, 0).files_there(), 0U) << "never below nothing";
}

TEST(Guards, LetDeletionsThroughAsTheVendorsCopyDoes) {
  EXPECT_EQ(judged(plan(100, 0, 0)), std::nullopt);
  EXPECT_EQ(judged(plan(50, 0, 50)), std::nullopt) << "half of 100";
  EXPECT_EQ(judged(plan(1, 0, 20)), std::nullopt) << "a few";
}

TEST(Guards, HoldAShrunkenFolderBack) {
  EXPECT_EQ(judged(plan(49, 0, 51)), Reason::shrink);
  EXPECT_EQ(judged(plan(1, 0, 21)), Reason::shrink);
  EXPECT_EQ(judged(plan(1000, 1000, 21)), Reason::shrink) << "all others are other files";
  const auto trouble = guard_plan(kTree, {}, plan(49, 0, 51), nullptr, 50);
  EXPECT_THAT(trouble->message, HasSubstr("/var/lib/asterisk/moh: 51 of 100 files"));
  EXPECT_THAT(trouble->message, HasSubstr("--force REASON"));
}

TEST(Guards, HoldAnEmptyFolderBackThatIsNotTheOneThatWasCopied) {
  EXPECT_EQ(judged(plan(0, 0, 1)), Reason::source_empty) << "nothing is known of it";
  const RememberedFolder last{.number = 7, .files = 1};
  TreeLook same;
  same.number = 7;
  EXPECT_EQ(judged(plan(0, 0, 1), &last, same), std::nullopt) << "its last file was removed";
  EXPECT_EQ(judged(plan(0, 0, 21), &last, same), Reason::shrink);
  TreeLook other;
  other.number = 8;
  EXPECT_EQ(judged(plan(0, 0, 1), &last, other), Reason::source_empty);
  EXPECT_EQ(judged(plan(0, 0, 0), &last, other), std::nullopt) << "nothing is there either";
}

TEST(Guards, MissWhatWasMounted) {
  TreeLook look;
  look.mounts = {"a", "b/c"};
  RememberedFolder last;
  last.mounts = {"b/c"};
  EXPECT_FALSE(guard_source(kTree, look, nullptr));
  EXPECT_FALSE(guard_source(kTree, look, &last));
  look.mounts = {"a"};
  const auto trouble = guard_source(kTree, look, &last);
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->reason, Reason::not_mounted);
  EXPECT_THAT(trouble->message, HasSubstr("/var/lib/asterisk/moh/b/c"));
  last = {.is_mount = true};
  EXPECT_EQ(guard_source(kTree, look, &last)->reason, Reason::not_mounted);
  look.is_mount = true;
  EXPECT_FALSE(guard_source(kTree, look, &last));
}

}  // namespace
}  // namespace tandem::files
