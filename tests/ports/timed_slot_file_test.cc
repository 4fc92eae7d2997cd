// A disk that hangs: neither done nor refused.
#include "ports/timed_slot_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using Contents = std::vector<std::string>;

// Hangs in the first write until it is let go.
class HangingSlots : public SlotFile {
 public:
  Result<std::optional<std::string>> read() override { return std::optional<std::string>(); }
  Status write(const std::string& content) override {
    if (written.empty()) gate.wait();
    written.push_back(content);
    return success();
  }
  void thaw() { open_.set_value(); }

  Contents written;

 private:
  std::promise<void> open_;
  std::shared_future<void> gate{open_.get_future()};
};

class TimedSlotFileTest : public testing::Test {
 protected:
  // Until the disk takes it.
  void write_at_last(const std::string& content) {
    while (!file.write(content).ok()) std::this_thread::yield();
  }

  std::shared_ptr<HangingSlots> slots = std::make_shared<HangingSlots>();
  TimedSlotFile file{slots, milliseconds{1}};
};

TEST_F(TimedSlotFileTest, CountsAWriteThatHangsAsRefused) {
  const Status written = file.write("1");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().fault, Fault::timed_out);
  EXPECT_EQ(file.write("2").error().fault, Fault::timed_out);
  slots->thaw();
  write_at_last("3");
}

TEST_F(TimedSlotFileTest, WritesNothingOlderOverSomethingNewer) {
  EXPECT_FALSE(file.write("1").ok());
  EXPECT_FALSE(file.write("2").ok());
  slots->thaw();
  write_at_last("3");
  write_at_last("4");
  const Contents& written = slots->written;
  EXPECT_TRUE(std::is_sorted(written.begin(), written.end()));
  EXPECT_EQ(written.front(), "1");
  EXPECT_EQ(written.back(), "4");
  EXPECT_EQ(std::count(written.begin(), written.end(), "2"), 0)
      << "what was refused while it hung is never written";
}

TEST_F(TimedSlotFileTest, MayEndWhileAWriteHangs) {
  {
    TimedSlotFile other(slots, milliseconds{1});
    EXPECT_FALSE(other.write("1").ok());
  }
  slots->thaw();
  write_at_last("2");
}

TEST_F(TimedSlotFileTest, TellsWhatTheDiskTells) {
  class Refusing : public SlotFile {
    Result<std::optional<std::string>> read() override { return Error{Fault::invalid, "damaged"}; }
    Status write(const std::string&) override { return Error{Fault::denied, "read-only"}; }
  };
  TimedSlotFile refusing(std::make_shared<Refusing>(), std::chrono::minutes{1});
  EXPECT_EQ(refusing.write("1").error().fault, Fault::denied);
  EXPECT_EQ(refusing.read().error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem
