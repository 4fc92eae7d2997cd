#include "replication/database/sql_text.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(SqlText, QuotesNamesAndValues) {
  EXPECT_EQ(sql_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(sql_table("queue"), "public.\"queue\"");
  EXPECT_EQ(sql_text("it's"), "'it''s'");
  EXPECT_EQ(sql_text("a\\'b"), " E'a\\\\''b'");
}

TEST(SqlText, QuotesEveryElementOfAnArray) {
  EXPECT_EQ(sql_array({}), "'{}'");
  EXPECT_EQ(sql_array({"null", "a,b"}), "'{\"null\",\"a,b\"}'");
  EXPECT_EQ(sql_array({"a\"b"}), " E'{\"a\\\\\"b\"}'");
}

}  // namespace
}  // namespace tandem
