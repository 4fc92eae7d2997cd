// Which names belong to a tree, as rsync understands the same rules.
#include "ports/trees.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using Verb = TreeRule::Verb;

TEST(Trees, HaveAllNamesWithoutARule) { EXPECT_TRUE(belongs({"/t", {}}, "a/b", false)); }

TEST(Trees, FitAPatternNameByName) {
  const Tree tree{"/t", {{Verb::exclude, "/*/monitor"}}};
  EXPECT_FALSE(belongs(tree, "a/monitor", true));
  EXPECT_FALSE(belongs(tree, "a/monitor", false));
  EXPECT_TRUE(belongs(tree, "monitor", true));
  EXPECT_TRUE(belongs(tree, "a/b/monitor", true));
  EXPECT_TRUE(belongs(tree, "a/monitors", true));
}

TEST(Trees, LetTheFirstRuleDecide) {
  const Tree tree{"/t",
                  {{Verb::include, "/*/"}, {Verb::include, "/*/*.wav"}, {Verb::exclude, "*"}}};
  EXPECT_TRUE(belongs(tree, "a", true));
  EXPECT_FALSE(belongs(tree, "a", false)) << "a folder was meant";
  EXPECT_TRUE(belongs(tree, "a/b.wav", false));
  EXPECT_FALSE(belongs(tree, "a/b.txt", false));
  EXPECT_FALSE(belongs(tree, "a/b/c.wav", false));
}

TEST(Trees, FitStarsWhereverTheyAre) {
  const auto fits = [](const std::string& pattern, const std::string& name) {
    return !belongs({"/t", {{Verb::exclude, "/" + pattern}}}, name, false);
  };
  EXPECT_TRUE(fits("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(fits("*", "x"));
  EXPECT_TRUE(fits("a*", "a"));
  EXPECT_FALSE(fits("a*b", "a-c"));
  EXPECT_FALSE(fits("*.wav", "a.wave"));
  EXPECT_TRUE(fits(std::string(30, '*') + "b", std::string(2000, 'a') + "b"));
}

}  // namespace
}  // namespace tandem
