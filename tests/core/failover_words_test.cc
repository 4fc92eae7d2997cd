// No state or verdict without its meaning.
#include "core/failover_words.h"

#include <gtest/gtest.h>

#include "core/failover.h"

namespace tandem {
namespace {

TEST(FailoverWords, TellEveryStateAndVerdictInTheirOrder) {
  ASSERT_EQ(state_words().size(), kNodeStates);
  for (std::size_t i = 0; i < kNodeStates; ++i)
    EXPECT_EQ(state_words()[i].name, state_name(static_cast<NodeState>(i)));
  ASSERT_EQ(verdict_words().size(), kPrimaryVerdicts);
  for (std::size_t i = 0; i < kPrimaryVerdicts; ++i)
    EXPECT_EQ(verdict_words()[i].name, verdict_name(static_cast<PrimaryVerdict>(i)));
  for (const auto words : {state_words(), verdict_words(), other_words()})
    for (const FailoverWord& word : words) {
      EXPECT_TRUE(word.means.ends_with('.')) << word.name;
      EXPECT_TRUE(word.todo.ends_with('.')) << word.name;
      EXPECT_EQ((std::string(word.means) + std::string(word.todo)).find('|'), std::string::npos)
          << word.name << " would break the table";
    }
}

TEST(FailoverWords, AreFoundHoweverTheyAreTyped) {
  ASSERT_EQ(words_named("suspect").size(), 1U);
  EXPECT_EQ(title_of(*words_named("suspect")[0]), "Suspect: a state of the secondary");
  EXPECT_EQ(words_named("Isolated").size(), 2U) << "a state and a verdict";
  EXPECT_EQ(title_of(*words_named("EPOCH").at(0)), "epoch");
  EXPECT_TRUE(words_named("sip").empty());
  EXPECT_TRUE(words_named("").empty());
}

TEST(FailoverWords, MakeOneRowEach) {
  const std::string text = words_markdown();
  for (const auto words : {state_words(), verdict_words(), other_words()})
    for (const FailoverWord& word : words)
      EXPECT_NE(text.find(word.means), std::string::npos) << word.name;
  EXPECT_NE(text.find("| `Degraded` | the primary |"), std::string::npos);
}

}  // namespace
}  // namespace tandem
