// Programs that are heard while they run, and ended when they are not wanted any more.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "ports/real_process.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

class AttendedProcessTest : public testing::Test {
 protected:
  Result<CommandOutcome> attend(const std::string& script, Attendance& attendance) {
    Command command;
    command.argv = {"/bin/sh", "-c", script, "sh", folder_ / "pid"};
    command.output_max = 10;
    return run(io_, process_.attend(std::move(command), attendance));
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  RealProcess process_;
};

TEST_F(AttendedProcessTest, AreHeardWhollyWhateverIsKept) {
  std::string heard;
  Attendance attendance([&](std::string_view piece) { heard += piece; });
  const auto outcome = attend("seq 10000; echo err >&2; exit 3", attendance).value();
  EXPECT_EQ(outcome.exit_status, 3);
  EXPECT_EQ(outcome.errors, "err\n");
  EXPECT_EQ(outcome.output.size(), 10U);
  EXPECT_EQ(heard.size(), 48894U);
  EXPECT_TRUE(heard.ends_with("9999\n10000\n"));
}

TEST_F(AttendedProcessTest, EndWithTheirGroup) {
  Attendance* mine = nullptr;
  Attendance attendance([&](std::string_view) { mine->end(); });
  mine = &attendance;
  const auto outcome = attend("sleep 1000 & echo $! >\"$1\"; echo ready; wait", attendance).error();
  EXPECT_EQ(outcome.fault, Fault::cancelled);
  const int child = std::stoi(content_of(folder_ / "pid"));
  const auto status = content_of("/proc/" + std::to_string(child) + "/stat");
  EXPECT_TRUE(status.empty() || status.find(" Z ") != std::string::npos) << status;
}

TEST_F(AttendedProcessTest, AreNotStartedOnceTheyAreUnwanted) {
  Attendance attendance;
  attendance.end();
  EXPECT_EQ(attend("echo $$ >\"$1\"", attendance).error().fault, Fault::cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "pid"));
}

TEST_F(AttendedProcessTest, MayBeEndedTwiceAndAfterTheirEnd) {
  Attendance attendance;
  EXPECT_EQ(attend("exit 0", attendance).value().exit_status, 0);
  attendance.end();
  attendance.end();
}

}  // namespace
}  // namespace tandem
