#include "ports/foreground.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

Result<int> shell(const std::string& script, const std::string& input = "",
                  std::chrono::seconds deadline = std::chrono::seconds(20)) {
  return run_in_foreground({"/bin/sh", "-c", script}, input, deadline);
}

TEST(Foreground, ReturnsHowTheProgramEnded) {
  EXPECT_EQ(shell("exit 0").value(), 0);
  EXPECT_EQ(shell("exit 7").value(), 7);
  EXPECT_EQ(shell("kill -9 $$").value(), 128 + 9);
}

TEST(Foreground, GivesItTheInput) {
  TemporaryFolder folder;
  EXPECT_EQ(shell("cat > " + folder / "got", "a line\nno end").value(), 0);
  EXPECT_EQ(content_of(folder / "got"), "a line\nno end");
}

TEST(Foreground, LeavesItInOurSessionSoThatItMayAsk) {
  TemporaryFolder folder;
  ASSERT_EQ(shell("ps -o sid= -p $$ > " + folder / "sid").value(), 0);
  EXPECT_EQ(std::stoi(content_of(folder / "sid")), getsid(0));
}

TEST(Foreground, EndsItAtTheDeadline) {
  EXPECT_EQ(shell("sleep 60", "", std::chrono::seconds(1)).error().fault, Fault::timed_out);
  EXPECT_EQ(
      shell("trap '' TERM; while :; do sleep 0.1; done", "", std::chrono::seconds(1)).error().fault,
      Fault::timed_out);
}

TEST(Foreground, TellsAProgramThatIsMissing) {
  EXPECT_EQ(run_in_foreground({"/nonexistent"}, "", std::chrono::seconds(1)).error().fault,
            Fault::not_found);
  EXPECT_EQ(run_in_foreground({"sh"}, "", std::chrono::seconds(1)).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem
