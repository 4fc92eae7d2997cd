// A loss of power after every system call of a real write, by a model of what a disk then may hold:
// the file is the old or the new one whole, and it is the new one once the call has returned.
#include "tests/ports/power_cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <iostream>

#include "ports/real_filesystem.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using testing::ElementsAre;
using Found = PowerCutDisk::Found;

const std::string kOld = "the old content";
const std::string kNew(10'000, 'n');

class PowerCutTest : public testing::Test {
 protected:
  // Every state that a cut after any call of `act` may leave under "/file".
  std::set<Found> cut_everywhere(const std::function<Status(Filesystem&)>& act) {
    std::set<Found> seen = disk_.after_power_cut("file");
    const auto look = [&](pid_t child, const Syscall& call) {
      disk_.follow(child, call);
      seen.merge(disk_.after_power_cut("file"));
    };
    const auto stepped =
        step_through([&] { return act(files_).ok() ? 0 : 1; }, {}, Stops::all, look);
    permitted_ = stepped.permitted;
    EXPECT_EQ(stepped.code, 0);
    return seen;
  }

  void report(const char* what, int syncs) {
    if (!permitted_) GTEST_SKIP() << "tracing is not permitted";
    std::cout << "power cuts of " << what << ": after each of " << disk_.steps()
              << " system calls, " << disk_.syncs() << " of them syncs\n";
    EXPECT_GE(disk_.syncs(), syncs) << "the model has not seen the syncs";
  }

  static Found file(const std::string& text, mode_t mode) { return {{text, mode}}; }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  RealFilesystem files_{io_.get_executor(), folder_.path()};
  PowerCutDisk disk_;
  bool permitted_ = true;
};

TEST_F(PowerCutTest, AReplacementIsOldOrNewAndLasts) {
  ASSERT_TRUE(files_.replace("/file", kOld, 0640).ok());
  disk_.put("file", kOld, 0640);
  const auto seen =
      cut_everywhere([](Filesystem& files) { return files.replace("/file", kNew, 0644); });
  report("a replacement", 2);
  if (!permitted_) return;
  EXPECT_THAT(seen, testing::UnorderedElementsAre(file(kOld, 0640), file(kNew, 0640)));
  EXPECT_THAT(disk_.after_power_cut("file"), ElementsAre(file(kNew, 0640))) << "it lasts";
}

TEST_F(PowerCutTest, AReplacementOverALeftoverIsToo) {
  ASSERT_TRUE(files_.replace("/file", kOld, 0644).ok());
  write_to(folder_ / ".file.tandem-aaaaaa", "left");
  disk_.put("file", kOld, 0644);
  disk_.put(".file.tandem-aaaaaa", "left", 0600);
  const auto seen =
      cut_everywhere([](Filesystem& files) { return files.replace("/file", kNew, 0644); });
  report("a replacement over a leftover", 2);
  if (!permitted_) return;
  EXPECT_THAT(seen, testing::UnorderedElementsAre(file(kOld, 0644), file(kNew, 0644)));
  EXPECT_THAT(disk_.after_power_cut(".file.tandem-aaaaaa"), ElementsAre(std::nullopt));
}

TEST_F(PowerCutTest, ANewFileIsThereWholeOrNotAndLasts) {
  const auto seen =
      cut_everywhere([](Filesystem& files) { return files.replace("/file", kNew, 0644); });
  report("a new file", 2);
  if (!permitted_) return;
  EXPECT_THAT(seen, testing::UnorderedElementsAre(std::nullopt, file(kNew, 0644)));
  EXPECT_THAT(disk_.after_power_cut("file"), ElementsAre(file(kNew, 0644)));
}

TEST_F(PowerCutTest, ARemovalLasts) {
  ASSERT_TRUE(files_.replace("/file", kOld, 0644).ok());
  disk_.put("file", kOld, 0644);
  const auto seen = cut_everywhere([](Filesystem& files) { return files.remove("/file"); });
  report("a removal", 1);
  if (!permitted_) return;
  EXPECT_THAT(seen, testing::UnorderedElementsAre(std::nullopt, file(kOld, 0644)));
  EXPECT_THAT(disk_.after_power_cut("file"), ElementsAre(std::nullopt));
}

// The model itself: a write as an editor makes it may be torn, and one without the last sync
// undone.
TEST_F(PowerCutTest, TheModelTearsAWriteInPlaceAndUndoesARenameThatIsNotSynced) {
  disk_.put("file", kOld, 0644);
  const auto seen = cut_everywhere([&](Filesystem&) -> Status {
    const int at = open(folder_.path().c_str(), O_PATH | O_DIRECTORY);
    const int made = openat(at, "new", O_WRONLY | O_CREAT, 0644);
    if (write(made, kNew.data(), kNew.size()) < 0 || renameat(at, "new", at, "file") != 0)
      return Error{Fault::invalid, "the test could not write"};
    return success();
  });
  if (!permitted_) GTEST_SKIP() << "tracing is not permitted";
  EXPECT_TRUE(seen.contains(file("", 0644)));
  EXPECT_TRUE(seen.contains(file(kNew.substr(0, kNew.size() / 2), 0644)));
  EXPECT_TRUE(disk_.after_power_cut("file").contains(file(kOld, 0644))) << "undone";
}

}  // namespace
}  // namespace tandem
