#include "app/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include "ports/descriptor.h"

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

// A reader of the log sees what was written, in the order in which it was.
TEST(LogLine, EscapesWhatSteersATerminalOrTurnsTheText) {
  EXPECT_EQ(format_line(Format::logfmt, "T", "info", "m", {{"a", "\u00e9\u202e\u2028\u009b\xff"}}),
            "time=T level=info msg=m a=\"\u00e9\\xe2\\x80\\xae\\xe2\\x80\\xa8\\xc2\\x9b\\xff\"");
  EXPECT_EQ(format_line(Format::json, "T", "info", "m", {{"a", "\u00e9\u202e\u009b"}}),
            "{\"time\":\"T\",\"level\":\"info\",\"message\":\"m\",\"a\":\"\u00e9\\u202e\\u009b\"}");
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
  std::optional<Log> log(std::in_place, Log::Level::info, Format::logfmt);
  for (int i = 0; i < 3; ++i) log->reported(report);
  report.outcome = Outcome::repaired;
  report.error.reset();
  report.done.push_back({"node_type", "slave", "master", "nothing", "", Reach::file});
  for (int i = 0; i < 3; ++i) log->reported(report);
  log.reset();  // which writes what waits
  const std::string text = testing::internal::GetCapturedStderr();
  const auto count = [&](const std::string& word) {
    std::size_t n = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("could not reconcile"), 1U);
  EXPECT_EQ(count("repaired drift"), 3U);
}

// As a journald that hangs: a pipe of one page that nobody reads.
class UnreadLog : public testing::Test {
 protected:
  static constexpr int kPage = 4096;
  // More than the pipe and the queue hold together.
  static constexpr int kLines = 2 * static_cast<int>(LineWriter::kWaitingMax) / 100;

  UnreadLog() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
    EXPECT_GE(fcntl(writer.get(), F_SETPIPE_SZ, kPage), kPage);
    log.emplace(Log::Level::info, Format::logfmt, writer.get());
  }
  void tell(int lines) {
    const std::string fill(100, 'x');
    for (int i = 0; i < lines; ++i) log->write(Log::Level::info, "line", {{"fill", fill}});
  }
  // All up to and with a line that says `word`.
  std::string read_until(const std::string& word) const {
    std::string text;
    std::array<char, kPage> part{};
    while (text.find(word) == std::string::npos || text.back() != '\n') {
      const auto count = ::read(reader.get(), part.data(), part.size());
      if (count <= 0) break;
      text.append(part.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

  Descriptor reader, writer;
  std::optional<Log> log;
};

TEST_F(UnreadLog, HoldsNobodyUpAndTellsWhatWasLostOnceItIsRead) {
  tell(kLines);
  const std::string text = read_until("lost");
  const auto written =
      std::count(text.begin(), text.end(), '\n') - 1;  // without the one of the loss
  EXPECT_GT(written, 0);
  EXPECT_LT(written, kLines);
  EXPECT_NE(text.find("lines=" + std::to_string(kLines - written)), std::string::npos)
      << text.substr(text.size() - 200);
  tell(1);
  EXPECT_NE(read_until("fill").find("msg=line"), std::string::npos) << "and it goes on";
}

TEST_F(UnreadLog, IsLeftAtTheEnd) {
  tell(kLines);
  log.reset();
  SUCCEED() << "a line that hangs keeps no operator from ending";
}

}  // namespace
}  // namespace tandem
