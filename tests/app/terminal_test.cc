#include "app/terminal.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/commands/asking.h"

namespace tandem {
namespace {

TEST(Table, AlignsColumnsAndLeavesNothingBehindTheLast) {
  const auto text =
      table(Terminal(false), {"NAME", "STATUS"}, {{{"a"}, {"True"}}, {{"longer"}, {"x"}}});
  EXPECT_EQ(text, "NAME    STATUS\na       True\nlonger  x\n");
}

TEST(Table, CountsCharactersNotBytes) {
  const auto text = table(Terminal(false), {"N", "S"}, {{{"é"}, {"x"}}, {{"a"}, {"y"}}});
  EXPECT_EQ(text, "N  S\né  x\na  y\n");
}

// A foreign file's content must not drive the terminal.
TEST(Table, ShowsNoControlCharacters) {
  const auto text = table(Terminal(false), {"N"}, {{{"a\x1b[31mb\n"}}});
  EXPECT_EQ(text, "N\na?[31mb?\n");
}

TEST(Table, ShowsNoControlCharactersOfTheSecondSetNorHalfCharacters) {
  const auto text = table(Terminal(false), {"N"},
                          {{{"Ünal\xc2\x9b"
                             "31m \x9b"
                             "1m \xc3"}}});
  EXPECT_EQ(text, "N\nÜnal?31m ?1m ?\n");
}

TEST(ShownJson, EscapesWhatSteersATerminalOrTurnsTheText) {
  const std::string text = "\u00e9\n\u202e\u009b\x7f\U000e0041";
  const std::string shown = shown_json({{"a", text}});
  EXPECT_EQ(shown, "{\n  \"a\": \"\u00e9\\n\\u202e\\u009b\\u007f\\udb40\\udc41\"\n}");
  EXPECT_EQ(nlohmann::json::parse(shown)["a"], text) << "a program reads what it was";
  EXPECT_EQ(shown_json("\xff", -1), "\"\ufffd\"");
  EXPECT_EQ(as_yaml({{"a", "x\u202e"}}), "a: \"x\\u202e\"\n");
}

TEST(Table, ColoursOnlyWhereWanted) {
  EXPECT_EQ(Terminal(false).tinted(Tint::good, "x"), "x");
  EXPECT_EQ(Terminal(true).tinted(Tint::good, "x"), "\x1b[32mx\x1b[0m");
  EXPECT_EQ(Terminal(true).tinted(Tint::none, "x"), "x");
}

TEST(Wrapped, BreaksAtBlanks) { EXPECT_EQ(wrapped("one two three", 9, 2), "  one two\n  three\n"); }

TEST(Wrapped, KeepsAWordThatIsTooLong) {
  EXPECT_EQ(wrapped("abcdefgh ij", 4, 0), "abcdefgh\nij\n");
}

TEST(Age, ReadsAsKubectlWritesIt) {
  EXPECT_EQ(age(4), "4s");
  EXPECT_EQ(age(130), "2m10s");
  EXPECT_EQ(age(1200), "20m");
  EXPECT_EQ(age(7500), "2h5m");
  EXPECT_EQ(age(86400 * 5 + 3600 * 3), "5d3h");
  EXPECT_EQ(age(-3), "0s");
}

}  // namespace
}  // namespace tandem
