#include "core/credentials.h"

#include <gtest/gtest.h>

#include "tests/core/spec_samples.h"

namespace tandem {
namespace {

std::string refusal(std::string_view text) {
  return samples::problems(parse_credentials(text, "f"));
}

TEST(Credentials, AreReadFromTwoFields) {
  EXPECT_EQ(parse_credentials("username: tandem\npassword: \"p:w #1\"\n", "f"),
            (Credentials{"tandem", "p:w #1"}));
}

TEST(Credentials, NeedBothAndNothingElse) {
  EXPECT_EQ(refusal("username: a\n"), "f:1:1: password: is missing; must be text");
  EXPECT_EQ(refusal("username: a\npassword: 123\n"),
            "f:2:11: password: is no text to every YAML program; must be in quotes to be text");
  EXPECT_EQ(refusal("username: a\npassword:\n"), "f:2:1: password: has no value; must be text");
}

TEST(Credentials, NeverAppearInMessages) {
  for (const std::string text :
       {"hunter2: a\nusername: b\n", "username: a\npassword: hunter2: x\n", "hunter2\n",
        "username: a\npassword: [hunter2]\n", "password: \"hunter2\\q\"\n",
        "hunter2: 1\nhunter2: 2\n", "username: a\npassword: !hunter2 x\n", "password: *hunter2\n",
        "password: \"hunter2\n", "username: a\npassword: \"hunter2\\n\"\n", "%hunter2\n---\na: 1\n",
        "password: @hunter2\n"}) {
    const auto message = refusal(text);
    EXPECT_FALSE(message.empty()) << text;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace tandem
