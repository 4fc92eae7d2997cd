#include "resources/unconfirmed.h"

#include <gtest/gtest.h>

#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

constexpr const char* kPath = "/var/lib/tandem/unconfirmed";
using Names = std::set<std::string>;

class UnconfirmedTest : public testing::Test {
 protected:
  fakes::MemoryFilesystem disk_;
  Unconfirmed unconfirmed_{disk_, kPath};
};

TEST_F(UnconfirmedTest, IsEmptyAtFirst) {
  EXPECT_EQ(unconfirmed_.names().value(), Names{});
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(UnconfirmedTest, OutlivesTheOperator) {
  ASSERT_TRUE(unconfirmed_.add("b").ok());
  ASSERT_TRUE(unconfirmed_.add("a").ok());
  Unconfirmed after_a_restart(disk_, kPath);
  EXPECT_EQ(after_a_restart.names().value(), (Names{"a", "b"}));
}

TEST_F(UnconfirmedTest, WritesNothingThatIsAlreadyThere) {
  ASSERT_TRUE(unconfirmed_.add("a").ok());
  disk_.journal.clear();
  ASSERT_TRUE(unconfirmed_.add("a").ok());
  ASSERT_TRUE(unconfirmed_.remove("b").ok());
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(UnconfirmedTest, LeavesNoFileWhenAllIsConfirmed) {
  ASSERT_TRUE(unconfirmed_.add("a").ok());
  ASSERT_TRUE(unconfirmed_.add("b").ok());
  ASSERT_TRUE(unconfirmed_.remove("a").ok());
  EXPECT_EQ(unconfirmed_.names().value(), Names{"b"});
  ASSERT_TRUE(unconfirmed_.remove("b").ok());
  EXPECT_FALSE(disk_.files.contains(kPath));
}

TEST_F(UnconfirmedTest, ForgetsNothingWhenTheDiskIsFull) {
  ASSERT_TRUE(unconfirmed_.add("a").ok());
  disk_.changes_left = 0;
  EXPECT_EQ(unconfirmed_.add("b").error().fault, Fault::unavailable);
  EXPECT_FALSE(unconfirmed_.remove("a").ok());
  EXPECT_EQ(unconfirmed_.names().value(), Names{"a"});
}

TEST_F(UnconfirmedTest, TakesOnlyWords) {
  for (const char* name : {"", "a b", "a\nb", "\t"})
    EXPECT_EQ(unconfirmed_.add(name).error().fault, Fault::invalid) << name;
}

TEST_F(UnconfirmedTest, TellsWhenTheFileCanNotBeRead) {
  disk_.files[kPath] = "a\n";
  disk_.read_errors[kPath] = Error{Fault::denied, "permission denied"};
  EXPECT_EQ(unconfirmed_.names().error().fault, Fault::denied);
  EXPECT_EQ(unconfirmed_.add("b").error().fault, Fault::denied);
}

}  // namespace
}  // namespace tandem
