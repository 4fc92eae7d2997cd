#include <gtest/gtest.h>

#include "core/spec.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsAndWritesWhatPeopleWrite) {
  const std::pair<const char*, Duration> cases[] = {
      {"0s", 0s},   {"800ms", 800ms},  {"1500ms", 1500ms},  {"20s", 20s},
      {"90s", 90s}, {"4m", 4min},      {"1h30m", 90min},    {"2m5s", 125s},
      {"1h", 1h},   {"90d", 90 * 24h}, {"1d1ms", 24h + 1ms}};
  for (const auto& [text, duration] : cases) {
    EXPECT_EQ(parse_duration(text), duration) << text;
    EXPECT_EQ(to_string(duration), text);
  }
}

TEST(Duration, RefusesWhatIsNoneOrTooLong) {
  for (const auto* text : {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "5m5", "5w", "1h ", "٣s",
                           "9223372036854775808ms", "106751991168d", "9223372036854775807ms1ms"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_EQ(parse_duration("9223372036854775807ms"), Duration::max());
}

TEST(Duration, NamesTheUnitThatIsNoneAndTheOneThatIsMeant) {
  const std::pair<const char*, const char*> cases[] = {{"20sec", "'sec' (write 20s)"},
                                                       {"1h5min", "'min' (write 5m)"},
                                                       {"2Hours", "'Hours' (write 2h)"},
                                                       {"7 s", "' s' (write 7s)"},
                                                       {"5msec", "'msec' (write 5ms)"},
                                                       {"1day2h", "'day' (write 1d)"},
                                                       {"9milli", "'milli' (write 9ms)"},
                                                       {"5w", "unit 'w';"},
                                                       {"1.5h", "unit '.';"},
                                                       {"3sx", "unit 'sx';"}};
  for (const auto& [text, told] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().find(told), std::string::npos) << parsed.error();
  }
}

TEST(Duration, WritesEvenTheLowestOne) {
  EXPECT_EQ(to_string(Duration{-90000}), "-90s");
  EXPECT_TRUE(to_string(Duration::min()).starts_with("-"));
}

}  // namespace
}  // namespace tandem
