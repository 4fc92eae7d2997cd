#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmake/precompiled.h"

#ifdef __clang__
namespace tandem::precompiled {

// As cmake/instantiated.h, of GoogleTest.
inline void expect(const std::string& word, const std::vector<std::string>& words,
                   const nlohmann::json& json) {
  EXPECT_EQ(word, "x");
  EXPECT_EQ(word, word);
  EXPECT_EQ(words, words);
  EXPECT_EQ(words.size(), 1U);
  EXPECT_EQ(json, json);
  EXPECT_TRUE(words.empty()) << word;
  EXPECT_THAT(word, testing::HasSubstr("x"));
  EXPECT_THAT(words, testing::ElementsAre("a", "b"));
}

}  // namespace tandem::precompiled
#endif
