#include "app/locks.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

class NodeLocksTest : public testing::Test {
 protected:
  NodeLocksTest() {
    config_.root = folder_ / "root";
    config_.state_dir = folder_ / "state";
    std::filesystem::create_directories(config_.root);
  }

  TemporaryFolder folder_;
  OperatorConfig config_;
  std::vector<std::string> told_;
};

TEST_F(NodeLocksTest, WaitForAnOperatorThatIsJustEnding) {
  std::optional<NodeLocks> before;
  before.emplace(NodeLocks::acquire(config_).value());
  const auto locks = NodeLocks::acquire_after_predecessor(config_, [&](const std::string& who) {
    told_.push_back(who);
    before.reset();  // its last thread is gone
  });
  EXPECT_TRUE(locks.ok());
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_NE(told_[0].find("(pid " + std::to_string(getpid()) + ")"), std::string::npos);
}

TEST_F(NodeLocksTest, WaitForOneThatHoldsOnlyTheNode) {
  OperatorConfig other = config_;
  other.state_dir = folder_ / "other-state";
  std::optional<NodeLocks> before;
  before.emplace(NodeLocks::acquire(other).value());
  EXPECT_TRUE(NodeLocks::acquire_after_predecessor(config_, [&](const std::string&) {
                before.reset();
              }).ok());
}

TEST_F(NodeLocksTest, RefuseASecondOperatorThatStays) {
  const auto first = NodeLocks::acquire(config_);
  ASSERT_TRUE(first.ok());
  const auto second = NodeLocks::acquire_after_predecessor(
      config_, [&](const std::string& who) { told_.push_back(who); });
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().fault, Fault::unavailable);
  EXPECT_EQ(told_.size(), 1U) << "it is said once, not at every try";
}

TEST_F(NodeLocksTest, WaitForNothingWhereTheFolderIsTheTrouble) {
  std::filesystem::create_directory(config_.state_dir);
  std::filesystem::create_directory(config_.state_dir + "/lock");
  const auto locks = NodeLocks::acquire_after_predecessor(
      config_, [&](const std::string& who) { told_.push_back(who); });
  ASSERT_FALSE(locks.ok());
  EXPECT_TRUE(told_.empty());
}

TEST_F(NodeLocksTest, WakeTheirHolderAndNobodyElse) {
  EXPECT_FALSE(NodeLocks::wake_holder(config_)) << "no operator runs";
  static volatile std::sig_atomic_t woken = 0;
  const auto before = std::signal(SIGHUP, [](int) { woken = 1; });
  const auto locks = NodeLocks::acquire(config_);
  EXPECT_TRUE(NodeLocks::wake_holder(config_));
  EXPECT_EQ(woken, 1);
  // A number of another process, as from inside a container.
  write_to(config_.state_dir + "/lock", std::to_string(getppid()) + "\n");
  EXPECT_FALSE(NodeLocks::wake_holder(config_));
  std::signal(SIGHUP, before);
}

}  // namespace
}  // namespace tandem
