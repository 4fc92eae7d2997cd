#include "core/yaml_tree.h"

#include <gtest/gtest.h>

#include "tests/core/spec_samples.h"

namespace tandem {
namespace {

using samples::pair;
using samples::pair_problems;

std::string refusal(std::string_view text) {
  const auto document = read_yaml(text, "f");
  return document.problems.empty() ? "" : to_string(document.problems.back());
}

TEST(YamlTree, RefusesWhatIsNoText) {
  EXPECT_EQ(refusal(std::string("a: 1\nb: \0", 9)), "f:2:4: a NUL byte; the file must be text");
  EXPECT_EQ(refusal("a: caf\xE9\n"),
            "f:1:7: byte 0xe9 is not UTF-8; the file must be saved as UTF-8");
  EXPECT_EQ(refusal("a: \xED\xA0\x80\n"),
            "f:1:4: byte 0xed is not UTF-8; the file must be saved as UTF-8");
  EXPECT_EQ(refusal("a: \x1b[31m\n"), "f:1:4: control character 0x1b; remove it");
  EXPECT_EQ(refusal("a: 1\rb: 2\n"), "f:1:5: control character 0x0d; remove it");
  EXPECT_EQ(refusal("\xFF\xFE"
                    "a"),
            "f:1:1: byte 0xff is not UTF-8; the file must be saved as UTF-8");
}

TEST(YamlTree, TakesWindowsLineEndsAndAByteOrderMark) {
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : pair("  enabled: maybe\n")) windows += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(pair_problems(windows),
            "f:9:12: spec.enabled: 'maybe' is not a boolean; must be true or false, unquoted");
}

TEST(YamlTree, RefusesBombs) {
  EXPECT_EQ(refusal(std::string(100'000'000, 'x')),
            "f:1:1: larger than 1 MiB; at most 1048576 bytes are read");
  EXPECT_EQ(refusal(std::string(500, '[') + std::string(500, ']')),
            "f:1:65: nested too deeply; at most 64 levels are read");
  EXPECT_EQ(refusal("a: &a [x, x]\nb: &b [*a, *a]\n"),
            "f:2:8: an alias may only mean an earlier scalar or flat map; write the value out");
  EXPECT_EQ(refusal("a: &a [1, *a]\n"),
            "f:1:11: an alias may only mean an earlier scalar or flat map; write the value out");
  EXPECT_EQ(refusal("a: &a { b: *a }\n"),
            "f:1:12: an alias may only mean an earlier scalar or flat map; write the value out");
  std::string many = "a: &a 1\nb: [";
  for (int i = 0; i < 101; ++i) many += "*a ,";
  EXPECT_EQ(refusal(many + "]\n"), "f:2:405: too many aliases; at most 100 are read");
  std::string values = "a: [";
  for (int i = 0; i < 100'000; ++i) values += "x,";
  EXPECT_NE(refusal(values + "]\n").find("too many values; at most 100000 are read"),
            std::string::npos);
}

TEST(YamlTree, RefusesWhatYamlCppWouldSwallow) {
  EXPECT_EQ(refusal("a: 1\nb: \"x\nc: 2\n"),
            "f:2:1: a quote opened after this is never closed; close it");
  EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"),
            "f:2:1: a second document starts here; a file must have exactly one");
  EXPECT_EQ(refusal("a: 1\n...\nb: 2\n"),
            "f:3:1: a second document starts here; a file must have exactly one");
  EXPECT_EQ(refusal("{a: 1} x\n"),
            "f:1:8: a second document starts here; a file must have exactly one");
  EXPECT_EQ(refusal("a: {}\n  b: 1\n"),
            "f:2:3: the indentation or a ':' is wrong here; fields of one object must stand in one "
            "column");
}

TEST(YamlTree, RefusesTagsAndNamesThatAreNoText) {
  EXPECT_EQ(refusal("a: !!str 1\n"),
            "f:1:4: a YAML tag is not allowed here; the value must stand without it");
  EXPECT_EQ(refusal("? [1]\n: 2\n"),
            "f:1:3: a name must not be a list or a map; it must be plain text followed by ':'");
  EXPECT_EQ(refusal("a: &x b\n*x : 1\n"),
            "f:2:1: a name must not be an alias; it must be written out");
  EXPECT_EQ(refusal(": 1\n"), "f:1:1: a name is missing before ':'; it must be plain text");
}

TEST(YamlTree, FindsNamesGivenTwiceHoweverTheyAreWritten) {
  EXPECT_EQ(refusal("a:\n  - b: 1\n    \"b\": 2\n"),
            "f:3:5: a[0].b: is given twice; one of them must go");
}

TEST(YamlTree, SaysClearlyThatAFileIsNoObject) {
  constexpr auto kRight = "; must be an object with apiVersion, kind HAPair and spec";
  for (const std::string empty : {"", "\n", "# only a comment\n", "null\n", "---\n", "~"})
    EXPECT_EQ(pair_problems(empty), std::string("f:1:1: the file has no content") + kRight)
        << empty;
  EXPECT_EQ(pair_problems("- a\n"), std::string("f:1:1: the file is no object") + kRight);
  EXPECT_EQ(pair_problems("text\n"), std::string("f:1:1: the file is no object") + kRight);
}

TEST(YamlTree, SaysThatATabIndents) {
  const auto document = read_yaml("spec:\n  sip:\n\tpreset: fast\n", "f");
  ASSERT_EQ(document.problems.size(), 1U);
  EXPECT_EQ(document.problems[0].line, 3);
  EXPECT_NE(document.problems[0].message.find("tab"), std::string::npos)
      << document.problems[0].message;
}

}  // namespace
}  // namespace tandem
