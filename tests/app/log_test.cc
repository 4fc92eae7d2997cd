#include "app/log.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using Format = OperatorConfig::LogFormat;

TEST(LogLine, IsOneLineOfLogfmt) {
  EXPECT_EQ(format_line(Format::logfmt, "T", "info", "repaired drift", {{"resource", "ha-conf"}}),
            "time=T level=info msg=\"repaired drift\" resource=ha-conf");
}

TEST(LogLine, EscapesWhatWouldBreakIt) {
  EXPECT_EQ(format_line(Format::logfmt, "T", "info", "m", {{"a", "x\n\"y\"\x1b"}, {"b", ""}}),
            "time=T level=info msg=m a=\"x\\n\\\"y\\\"\\x1b\" b=\"\"");
}

TEST(LogLine, IsJsonWhereWanted) {
  EXPECT_EQ(format_line(Format::json, "T", "info", "m", {{"a", "x\ny"}}),
            R"({"time":"T","level":"info","message":"m","a":"x\ny"})");
}

TEST(LogLine, SurvivesTextThatIsNotUtf8) {
  EXPECT_NE(format_line(Format::json, "T", "info", "m", {{"a", "\xff"}}).find("\"a\""),
            std::string::npos);
}

TEST(Log, TellsARepairEachTimeAndAStateOnce) {
  Report report;
  report.resource = "ha-conf";
  report.outcome = Outcome::failed;
  report.error = Error{Fault::denied, "immutable"};
  testing::internal::CaptureStderr();
  Log log(Log::Level::info, Format::logfmt);
  for (int i = 0; i < 3; ++i) log.reported(report);
  report.outcome = Outcome::repaired;
  report.error.reset();
  report.done.push_back({"node_type", "slave", "master", "nothing", "", Reach::file});
  for (int i = 0; i < 3; ++i) log.reported(report);
  const std::string text = testing::internal::GetCapturedStderr();
  const auto count = [&](const std::string& word) {
    std::size_t n = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("could not reconcile"), 1U);
  EXPECT_EQ(count("repaired drift"), 3U);
}

}  // namespace
}  // namespace tandem
