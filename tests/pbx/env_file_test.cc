#include "pbx/env_file.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tandem {
namespace {

constexpr unsigned kSeed = 20261126;

std::string after_set(std::string text, std::string_view key, std::string_view value) {
  EnvFile file(std::move(text));
  EXPECT_TRUE(file.set(key, value).ok());
  EXPECT_EQ(file.value(key), value);
  return file.text();
}

TEST(EnvFile, ChangesTheValueWhereItStands) {
  EXPECT_EQ(after_set("A=1\nB=2\nC=3\n", "B", "x"), "A=1\nB=x\nC=3\n");
  EXPECT_EQ(after_set("B=", "B", "x"), "B=x");
  EXPECT_EQ(after_set("  export B = 2 # why\r\nC=3", "B", "x"), "  export B = x # why\r\nC=3");
  EXPECT_EQ(after_set("B=\"2\"\nC='3' # c\n", "B", "x"), "B=\"x\"\nC='3' # c\n");
  EXPECT_EQ(after_set("B='2' # two\n", "B", "x"), "B='x' # two\n");
}

TEST(EnvFile, AddsAnAbsentKeyAtTheEnd) {
  EXPECT_EQ(after_set("", "B", "x"), "B=x\n");
  EXPECT_EQ(after_set("A=1", "B", "x"), "A=1\nB=x\n");
  EXPECT_EQ(after_set("A=1\r\n", "B", "x"), "A=1\r\nB=x\r\n");
  EXPECT_EQ(after_set("#B=1\nB\nBB=1\nAB=1\n", "B", "x"), "#B=1\nB\nBB=1\nAB=1\nB=x\n");
}

TEST(EnvFile, TakesTheLastOfARepeatedKey) {
  EXPECT_EQ(EnvFile("B=1\nB=2\n").value("B"), "2");
  EXPECT_EQ(after_set("B=1\nB=2\n", "B", "x"), "B=1\nB=x\n");
}

TEST(EnvFile, ReadsValuesAsTheirReadersDo) {
  EXPECT_EQ(EnvFile("B=a#b").value("B"), "a#b");
  EXPECT_EQ(EnvFile("B=a #b").value("B"), "a");
  EXPECT_EQ(EnvFile("B=\"a #b\" # c").value("B"), "a #b");
  EXPECT_EQ(EnvFile("B=\"a").value("B"), "\"a");
  EXPECT_EQ(EnvFile("B= \t").value("B"), "");
  EXPECT_EQ(EnvFile("# B=1\nB\n=1\n").value("B"), std::nullopt);
}

TEST(EnvFile, RemovesAllLinesOfAKeyAndNothingElse) {
  EnvFile file("A=1\nB=1\n# B=3\nexport B=2\nC=1");
  file.remove("B");
  EXPECT_EQ(file.text(), "A=1\n# B=3\nC=1");
  file.remove("C");
  EXPECT_EQ(file.text(), "A=1\n# B=3\n");
  file.remove("none");
  EXPECT_EQ(file.text(), "A=1\n# B=3\n");
}

TEST(EnvFile, RefusesWhatWouldMeanSomethingElseThere) {
  EnvFile file("A=1\n");
  for (const char* bad : {"", "a b", "a\nC=2", "a#", "\"a\"", "$HOME", "a\\", "a'"})
    EXPECT_EQ(file.set("B", bad).error().fault, Fault::invalid) << bad;
  EXPECT_EQ(file.set("B=C", "x").error().fault, Fault::invalid);
  EXPECT_EQ(file.text(), "A=1\n");
}

std::string any_text(std::mt19937& dice) {
  static const std::vector<std::string> kPieces = {"A=1",
                                                   "B=2",
                                                   "IS_HA_SLAVE=false",
                                                   "IS_HA_SLAVE",
                                                   "=",
                                                   "#",
                                                   " ",
                                                   "\t",
                                                   "\n",
                                                   "\n",
                                                   "\r\n",
                                                   "\"",
                                                   "'",
                                                   "\\",
                                                   "export ",
                                                   "KEY=\"v w\"",
                                                   "\xC3\xA9",
                                                   std::string(1, '\0'),
                                                   "IS_HA_SLAVE='x' # why"};
  std::string text;
  for (auto count = dice() % 24; count > 0; --count) {
    text += kPieces[dice() % kPieces.size()];
    if (dice() % 8 == 0) text += static_cast<char>(dice() % 256);
  }
  return text;
}

// Whatever the file is: what was before the value and after it is there, byte for byte, afterwards.
TEST(EnvFile, KeepsEveryOtherByteOfAnyFile) {
  std::mt19937 dice(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const std::string before = any_text(dice);
    SCOPED_TRACE("text " + std::to_string(i) + " of seed " + std::to_string(kSeed) + ": " + before);
    const auto others = {"A", "B", "KEY"};
    EnvFile file(before);
    const bool had = file.value("IS_HA_SLAVE").has_value();
    ASSERT_TRUE(file.set("IS_HA_SLAVE", "true").ok());
    const std::string& after = file.text();
    ASSERT_EQ(file.value("IS_HA_SLAVE"), "true");
    for (const char* key : others) ASSERT_EQ(file.value(key), EnvFile(before).value(key)) << key;
    if (had) {
      const auto at = after.rfind("true");
      const auto tail = after.size() - at - 4;
      ASSERT_EQ(after.substr(0, at), before.substr(0, at));
      ASSERT_EQ(after.substr(at + 4), before.substr(before.size() - tail));
    } else {
      ASSERT_EQ(after.substr(0, before.size()), before);
    }
    EnvFile again(after);
    ASSERT_TRUE(again.set("IS_HA_SLAVE", "true").ok());
    ASSERT_EQ(again.text(), after) << "a second time";
    file.remove("IS_HA_SLAVE");
    ASSERT_EQ(file.value("IS_HA_SLAVE"), std::nullopt);
    for (const char* key : others) ASSERT_EQ(file.value(key), EnvFile(before).value(key)) << key;
  }
}

}  // namespace
}  // namespace tandem
