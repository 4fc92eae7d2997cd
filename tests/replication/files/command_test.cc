#include "replication/files/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::files {
namespace {

using testing::Contains;
using testing::Not;
using testing::StartsWith;

class CopyCommandTest : public testing::Test {
 protected:
  std::vector<std::string> argv(bool only_compare, std::optional<std::uint64_t> deletions) {
    return copy_command({tree_, "/real/moh", ssh_, "10.0.0.2", only_compare, deletions})
        .value()
        .argv;
  }

  Tree tree_{"/var/lib/asterisk/moh",
             {{TreeRule::Verb::exclude, "/*/monitor"}, {TreeRule::Verb::hide, "/*/*/.lock"}}};
  std::vector<std::string> ssh_{"/usr/bin/ssh", "-o", "BatchMode=yes"};
};

TEST_F(CopyCommandTest, ComparesWithEveryDeletionAndChangesNothing) {
  const auto words = argv(true, std::nullopt);
  EXPECT_THAT(words, Contains("-n"));
  EXPECT_THAT(words, Contains("--delete-delay"));
  EXPECT_THAT(words, Not(Contains(StartsWith("--max-delete"))));
}

TEST_F(CopyCommandTest, DeletesNoMoreThanWasPlanned) {
  const auto words = argv(false, 3);
  EXPECT_THAT(words, Contains("--delete-delay"));
  EXPECT_THAT(words, Contains("--max-delete=3"));
  EXPECT_THAT(words, Not(Contains("-n")));
  EXPECT_THAT(argv(false, 0), Not(Contains(StartsWith("--delete"))));
}

TEST_F(CopyCommandTest, GivesNothingToAShellAndNothingOfOurEnvironment) {
  const auto words = argv(false, 0);
  EXPECT_EQ(words.front(), "/usr/bin/setpriv");
  EXPECT_THAT(words, Contains("-i"));
  EXPECT_THAT(words, Contains("--rsh=/usr/bin/ssh -o BatchMode=yes"));
  EXPECT_THAT(words, Contains("--exclude=/*/monitor"));
  EXPECT_THAT(words, Contains("--filter=hide /*/*/.lock"));
  ASSERT_GE(words.size(), 3U);
  EXPECT_EQ(words[words.size() - 3], "--");
  EXPECT_EQ(words[words.size() - 2], "/real/moh/");
  EXPECT_EQ(words[words.size() - 1], "10.0.0.2:/var/lib/asterisk/moh/");
}

TEST_F(CopyCommandTest, RefusesWordsThatRsyncWouldTakeApart) {
  for (const char* word : {"/a b/key", "it's", "\"", "a\\b", "", "a\nb"}) {
    ssh_[2] = word;
    EXPECT_EQ(copy_command({tree_, "/real", ssh_, "10.0.0.2"}).error().fault, Fault::invalid)
        << word;
  }
}

}  // namespace
}  // namespace tandem::files
