#include "core/wording.h"

#include <gtest/gtest.h>

#include <string>

#include "core/remedies.h"

namespace tandem {
namespace {

TEST(Wording, QuotesWithoutControlCharacters) {
  EXPECT_EQ(in_quotes("it's\n\x1b[0m\xC2\x9B"), "'it\\'s\\n\\x1b[0m\\x9b'");
  EXPECT_EQ(in_quotes(std::string(41, 'x')), "'" + std::string(40, 'x') + "'...");
}

// A webhook's path is a secret, and a person types it into the wrong place.
TEST(Wording, QuotesOfAUrlItsHostAlone) {
  EXPECT_EQ(in_quotes("https://h.example.com/SEED"), "'https://h.example.com/...'");
  EXPECT_EQ(in_quotes("x https://h:8443?SEED y"), "'x https://h:8443/...'");
  EXPECT_EQ(in_quotes("https://user:SEED@h/x"), "'https://h/...'");
  EXPECT_EQ(in_quotes("https://user:SE/ED@h/x"), "'https://...'");
  EXPECT_EQ(in_quotes("https://h.example.com"), "'https://h.example.com'");
  EXPECT_EQ(in_quotes("/usr/bin/tell"), "'/usr/bin/tell'");
  EXPECT_EQ(path_part("https://h/SEED"), "'https://h/...'");
  EXPECT_EQ(path_part("h.example.com/SEED"), "'h.example.com/...'");
}

// It may stand in a sentence of ours: it steers no terminal, turns no text, and offers no command.
TEST(Wording, TellsForeignWordsInPlainOnes) {
  EXPECT_EQ(foreign_words("down: run `/bin/sh -c x`"), "down: run '/bin/sh -c x'");
  EXPECT_EQ(foreign_words("a\u009b2J\u009b31mB"), "a 2J 31mB");
  EXPECT_EQ(foreign_words("one\u202etwo\u2028three\u2066"), "one two three");
  EXPECT_EQ(foreign_words("\x1b[2Ja\r\n\x80z"), "[2Ja z");
  EXPECT_EQ(foreign_words("Zürich, 東京, €"), "Zürich, 東京, €");
  EXPECT_EQ(foreign_words("abcdef", 3), "abc...");
  for (const std::string foreign :
       {"run systemctl stop asterisk.service", "tandem takeover now", "(chmod 777 /etc/shadow)"})
    EXPECT_TRUE(commands_in(foreign_words(foreign)).empty()) << foreign;
  EXPECT_EQ(foreign_words("tandem sync-gate: refused"), "tandem sync-gate: refused");
}

TEST(Wording, ShowsNothingThatSteersOrTurnsOrHides) {
  for (const char* hidden :
       {"",       "\n",     "\x7f",   "\u0085", "\u009b", "\u061c",    "\u180e",
        "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a",    "\u202e",
        "\u2060", "\u2066", "\u2069", "\ufeff", "\ufffb", "\U000e0041"})
    EXPECT_FALSE(is_shown(hidden)) << in_quotes(hidden);
  for (const char* shown :
       {" ", "a", "\u00a0", "\u00e9", "\u200d", "\u2014", "\u6771", "\U0001f525"})
    EXPECT_TRUE(is_shown(shown)) << shown;
}

TEST(Wording, TakesOfWhatAProgramSaidItsLastWords) {
  EXPECT_EQ(last_foreign_line("Warning: slow\nPermission denied\r\n\n \t\n"), "Permission denied");
  EXPECT_EQ(last_foreign_line("only `this`"), "only 'this'");
  EXPECT_EQ(last_foreign_line("progress 1%\rfull"), "full");
  EXPECT_EQ(last_foreign_line(" \n"), "");
}

TEST(Wording, FindsTheNearestName) {
  EXPECT_EQ(nearest("polcy", {"preset", "policy", "expiry"}), "policy");
  EXPECT_EQ(nearest("Policy", {"preset", "policy"}), "policy");
  EXPECT_EQ(nearest("opLicy", {"preset", "policy"}), "policy");
  EXPECT_EQ(nearest("zzz", {"preset", "policy"}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), {"policy"}), "");
}

}  // namespace
}  // namespace tandem
