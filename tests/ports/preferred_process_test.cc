#include "ports/preferred_process.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_process.h"
#include "tests/run.h"

namespace tandem {
namespace {

using Way = PreferredProcess::Way;

Task<bool> say(const bool& answer) { co_return answer; }

class PreferredProcessTest : public testing::Test {
 protected:
  PreferredProcessTest() {
    units_.programs["/bin/it"] = [](const Command&) { return fakes::exits(0, "unit"); };
    children_.programs["/bin/it"] = [](const Command&) { return fakes::exits(0, "child"); };
  }

  std::string way_of(PreferredProcess& process) {
    Command command;
    command.argv = {"/bin/it"};
    return run(process.run(std::move(command))).value().output;
  }
  PreferredProcess make(Way way) {
    return {way, units_, children_, [this] { return say(answers_); }};
  }

  bool answers_ = true;
  fakes::FakeProcess units_;
  fakes::FakeProcess children_;
};

TEST_F(PreferredProcessTest, AsksForEachCommandWhetherSystemdAnswers) {
  auto process = make(Way::automatic);
  EXPECT_EQ(way_of(process), "unit");
  answers_ = false;
  EXPECT_EQ(way_of(process), "child");
  answers_ = true;
  EXPECT_EQ(way_of(process), "unit");
}

TEST_F(PreferredProcessTest, DoesAsItIsToldWhateverAnswers) {
  auto as_child = make(Way::child);
  EXPECT_EQ(way_of(as_child), "child");
  answers_ = false;
  auto as_unit = make(Way::systemd);
  EXPECT_EQ(way_of(as_unit), "unit");
}

}  // namespace
}  // namespace tandem
