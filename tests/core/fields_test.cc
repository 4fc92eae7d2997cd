#include "core/fields.h"

#include <gtest/gtest.h>

#include <set>

#include "core/spec.h"

namespace tandem {
namespace {

TEST(Fields, EveryRowIsToldInWholeSentences) {
  for (const auto rows : {pair_rows(), operator_rows()}) {
    for (const auto& row : rows) {
      EXPECT_GE(row.text.size(), 7U) << row.path;
      EXPECT_TRUE(row.text.ends_with('.')) << row.path;
    }
  }
}

TEST(Fields, EveryRowHasTheLimitsOfItsType) {
  for (const auto rows : {pair_rows(), operator_rows()}) {
    std::set<std::string_view> paths;
    for (const auto& row : rows) {
      EXPECT_TRUE(paths.insert(row.path).second) << row.path << " is there twice";
      EXPECT_FALSE(row.required && !row.fallback.empty()) << row.path;
      EXPECT_EQ(row.nullable, row.fallback == "null") << row.path << ": null only as a default";
      const bool many = row.type == Type::list || row.type == Type::map;
      EXPECT_EQ(many, row.items_max > 0) << row.path;
      EXPECT_EQ(row.type == Type::integer || row.type == Type::duration, !row.at_least.empty())
          << row.path;
      EXPECT_FALSE(row.type == Type::choice && row.choices.empty()) << row.path;
      if (row.type == Type::duration) {
        const auto least = parse_duration(row.at_least);
        const auto most = parse_duration(row.at_most);
        ASSERT_TRUE(least && most) << row.path;
        EXPECT_LT(*least, *most) << row.path;
      }
    }
  }
}

TEST(Fields, AListOrMapHasOneRowForWhatIsInIt) {
  const auto walk = [](const auto& self, const FieldTree& tree) -> void {
    const bool many = tree.field->type == Type::list || tree.field->type == Type::map;
    const bool object = tree.field->type == Type::object;
    EXPECT_EQ(many || object, !tree.children.empty()) << tree.field->path;
    EXPECT_FALSE(many && tree.children.size() != 1) << tree.field->path;
    for (const auto& child : tree.children) self(self, child);
  };
  walk(walk, pair_fields());
  walk(walk, operator_fields());
}

}  // namespace
}  // namespace tandem
