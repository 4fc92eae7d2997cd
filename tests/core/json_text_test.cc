#include "core/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace tandem {
namespace {

std::string nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

TEST(JsonText, NestsSoFarAndNoFurther) {
  EXPECT_TRUE(read_json(nested(kJsonDepthMax)).is_array());
  EXPECT_TRUE(read_json(nested(kJsonDepthMax + 1)).is_discarded());
  EXPECT_TRUE(read_ordered_json(nested(100'000)).is_discarded());
}

TEST(JsonText, BracketsInATextAreNoNesting) {
  const std::string text = "[\"" + std::string(200, '[') + "\\\"" + std::string(200, '{') + "\"]";
  EXPECT_EQ(read_json(text)[0].get<std::string>().size(), 401U);
}

// nlohmann's reader takes it for the end, and would be content with what stands before it.
TEST(JsonText, ANulIsNoEnd) {
  EXPECT_TRUE(read_json(std::string_view("{}\0x", 4)).is_discarded());
  EXPECT_TRUE(read_json(std::string_view("[\"\\\0\"]", 6)).is_discarded());
}

TEST(JsonText, WhatIsNoJsonIsDiscarded) {
  for (const char* text : {"", "{", "]", "\"", "\"\\", "nul"})
    EXPECT_TRUE(read_json(text).is_discarded()) << text;
  EXPECT_EQ(read_ordered_json("{\"b\": 1, \"a\": 2}").begin().key(), "b");
}

}  // namespace
}  // namespace tandem
