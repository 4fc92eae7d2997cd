#include "app/commands/live_view.h"

#include <gtest/gtest.h>

#include <string>

namespace tandem {
namespace {

constexpr ScreenSize kSmall{3, 10};

TEST(LiveView, WritesOverWhatItShowedAndLeavesTheTerminalAsItWas) {
  LiveView view;
  EXPECT_EQ(view.show("one\ntwo\n", kSmall),
            "\x1b[?1049h\x1b[?25l\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
  EXPECT_EQ(view.show("one\nten\n", kSmall), "\x1b[Hone\x1b[K\r\nten\x1b[K\x1b[J");
  EXPECT_EQ(view.end(), "\x1b[?25h\x1b[?1049l");
  EXPECT_EQ(view.end(), "") << "it was left already";
}

// A calm view writes nothing where nothing is new.
TEST(LiveView, WritesNothingWhereNothingChanged) {
  LiveView view;
  view.show("one\n", kSmall);
  EXPECT_EQ(view.show("one\n", kSmall), "");
  EXPECT_NE(view.show("one\n", {4, 10}), "") << "the terminal has another size";
}

TEST(LiveView, CutsWhatHasNoRoomAndSaysSo) {
  LiveView view;
  const std::string frame = view.show("1\n2\n3\n4\n5\n", {3, 80});
  EXPECT_NE(frame.find("2\x1b[K\r\n... 3 more lines"), std::string::npos) << frame;
  EXPECT_EQ(frame.find("3\x1b[K"), std::string::npos);
  LiveView exact;
  EXPECT_EQ(exact.show("1\n2\n3\n", {3, 80}).find("more"), std::string::npos);
}

TEST(LiveView, CountsCharactersAndNoColours) {
  EXPECT_EQ(cut("\x1b[31mabcdef\x1b[0m", 4), "\x1b[31mabcd\x1b[0m");
  EXPECT_EQ(cut("\xc3\xa9\xc3\xa9\xc3\xa9", 2), "\xc3\xa9\xc3\xa9");
  EXPECT_EQ(cut("short", 80), "short");
  EXPECT_EQ(cut("odd\x1b", 80), "odd\x1b") << "a sequence without its end";
}

TEST(LiveView, AppendsWhereThereIsNoTerminal) {
  LiveView view;
  EXPECT_EQ(view.show("one\n", {}), "one\n");
  EXPECT_EQ(view.show("two\n", {}), "\ntwo\n");
  EXPECT_EQ(view.end(), "");
}

}  // namespace
}  // namespace tandem
