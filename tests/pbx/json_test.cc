#include "pbx/json.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

Json read(const char* text) { return parse_json(text, "confd: GET /x").value(); }

TEST(JsonReading, NamesTheFieldAndNeverItsValue) {
  const Json answer = read(R"({"host": 17, "enabled": "yes", "password": "hidden"})");
  const auto host = optional_text(answer, "host", "confd: GET /x");
  ASSERT_FALSE(host.ok());
  EXPECT_EQ(host.error().fault, Fault::unavailable);
  EXPECT_EQ(host.error().message, "confd: GET /x has no usable host: it must be a string or null");
  EXPECT_FALSE(required_bool(answer, "enabled", "").ok());
  EXPECT_FALSE(required_text(answer, "id", "").ok());
}

TEST(JsonReading, TakesAbsentNullAndEmptyForOne) {
  const Json answer = read(R"({"null": null, "empty": ""})");
  for (const char* field : {"absent", "null", "empty"})
    EXPECT_EQ(optional_text(answer, field, "").value(), "") << field;
}

TEST(JsonReading, RefusesWhatIsNoJson) {
  for (const char* text : {"", "<html>", "{\"a\":", "[1] 2", "\"\xff\""})
    EXPECT_EQ(parse_json(text, "x").error().fault, Fault::unavailable) << text;
  EXPECT_FALSE(parse_json(std::string(200'000, '['), "x").ok());
}

TEST(JsonReading, NeverReturnsAShortList) {
  EXPECT_EQ(complete_items(read(R"({"total": 1, "items": [1]})"), "x").value().size(), 1u);
  const auto part = complete_items(read(R"({"total": 2, "items": [1]})"), "x");
  EXPECT_EQ(part.error(), (Error{Fault::unavailable, "x has no usable items: 1 of 2 came"}));
  for (const char* text : {"[]", "{}", R"({"items": []})", R"({"total": -1, "items": []})",
                           R"({"total": "0", "items": []})", R"({"total": 0, "items": {}})"})
    EXPECT_FALSE(complete_items(read(text), "x").ok()) << text;
}

TEST(JsonReading, KeepsDuplicatePairs) {
  const Json answer = read(R"({"pairs": [["a","1"],["b","2"],["a","1"]]})");
  EXPECT_EQ(required_pairs(answer, "pairs", "").value().size(), 3u);
  for (const char* text : {R"({"pairs": {}})", R"({"pairs": [["a"]]})", R"({"pairs": [["a", 1]]})",
                           R"({"pairs": null})", "{}"})
    EXPECT_FALSE(required_pairs(read(text), "pairs", "").ok()) << text;
}

TEST(JsonReading, ComparesPairsAsAMultiset) {
  const std::pair<std::string, std::string> a{"a", "1"}, b{"b", "2"};
  EXPECT_TRUE(same_pairs({a, b}, {b, a}));
  EXPECT_FALSE(same_pairs({a, a, b}, {a, b, b}));
  EXPECT_FALSE(same_pairs({a}, {a, a}));
}

}  // namespace
}  // namespace tandem
