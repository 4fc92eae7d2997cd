#include "app/kept_suspension.h"

#include <gtest/gtest.h>

#include "ports/real_slot_device.h"
#include "reconciler/failover/memory_keeper.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using std::chrono::hours;

// What an operator kept that does not run any more; `tandem apply` and `tandem plan` ask for it.
class KeptSuspensionTest : public testing::Test {
 protected:
  KeptSuspensionTest() { config_.state_dir = folder_.path(); }

  void keep(std::optional<Suspension> suspension) {
    FailoverMemory memory;
    memory.suspension = std::move(suspension);
    RealSlotDevice device(folder_ / "failover");
    TwoSlots slots(device);
    MemoryKeeper keeper(slots);
    ASSERT_TRUE(keeper.keep(memory).ok());
  }

  TemporaryFolder folder_;
  OperatorConfig config_;
  const WallTime now_{hours{500'000}};
};

TEST_F(KeptSuspensionTest, IsNoneWhereNoneWasKept) {
  EXPECT_FALSE(kept_suspension(config_, now_).value().has_value());
  keep(std::nullopt);
  EXPECT_FALSE(kept_suspension(config_, now_).value().has_value());
}

TEST_F(KeptSuspensionTest, LastsUntilItsEnd) {
  keep(Suspension{"works", now_ + hours{1}});
  const auto kept = kept_suspension(config_, now_);
  ASSERT_TRUE(kept.ok() && kept.value());
  EXPECT_EQ(kept.value()->reason, "works");
  EXPECT_FALSE(kept_suspension(config_, now_ + hours{1}).value().has_value());
}

TEST_F(KeptSuspensionTest, IsAnErrorWhereItCanNotBeRead) {
  write_to(folder_ / "failover", std::string(SlotFile::kFileBytes, 'x'));
  const auto kept = kept_suspension(config_, now_);
  ASSERT_FALSE(kept.ok());
  EXPECT_NE(kept.error().message.find("systemctl start tandem"), std::string::npos);
}

}  // namespace
}  // namespace tandem
