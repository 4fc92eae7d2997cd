#include "core/formats.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Formats, TheirExamplesAreRight) {
  for (int i = 0; i <= static_cast<int>(Format::day_window); ++i) {
    const auto& rule = rule_of(static_cast<Format>(i));
    EXPECT_EQ(rule.check(rule.example), "") << rule.noun;
    EXPECT_NE(rule.check(""), "") << rule.noun << " takes an empty text";
    EXPECT_NE(rule.check("a\nb"), "") << rule.noun << " takes a line break";
  }
}

TEST(Formats, ReadTimesWithZones) {
  const auto noon = parse_time("2026-12-01T12:00:00Z");
  ASSERT_TRUE(noon);
  EXPECT_EQ(parse_time("2026-12-01T14:00:00+02:00"), noon);
  EXPECT_EQ(parse_time("2026-12-01T06:30:00.999-05:30"), noon);
  EXPECT_EQ(to_string(*noon), "2026-12-01T12:00:00Z");
  for (const auto* text : {"2026-12-01", "2026-12-01T12:00:00", "2026-12-01 12:00:00Z",
                           "2026-13-01T12:00:00Z", "2026-02-29T12:00:00Z", "2026-12-01T24:00:00Z",
                           "2026-12-01T12:00:00.Z", "2026-12-01T12:00:00Zx", "1969-12-31T00:00:00Z",
                           "9999-12-01T12:00:00Z", "2026-12-01T12:00:00+2:00"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Formats, FindAPasswordHoweverLibpqWouldTakeIt) {
  for (const auto* text :
       {"password=x", "host=a password=x", "host=a PASSWORD = x", "host='a b' password='x y'",
        "host=a\\ b password=x", "sslpassword=x", "host='it\\'s' password=x"})
    EXPECT_NE(check_dsn(text).find("passwordFile"), std::string::npos) << text;
  for (const auto* text : {"host=a application_name='password=x'", "host=a passfile=/etc/pgpass"})
    EXPECT_EQ(check_dsn(text), "") << text;
  for (const auto* text : {"host", "host='a", "=x", "host=a user"})
    EXPECT_NE(check_dsn(text), "") << text;
}

}  // namespace
}  // namespace tandem
