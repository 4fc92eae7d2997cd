// What the Filesystem in memory has beyond the contract: its journal, and faults on request.
#include "tests/fakes/memory_filesystem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/run.h"

namespace tandem {
namespace {

using testing::ElementsAre;

class MemoryFilesystemTest : public testing::Test {
 protected:
  MemoryFilesystemTest() { disk_.files["/etc/file"] = "old"; }

  fakes::MemoryFilesystem disk_;
};

TEST_F(MemoryFilesystemTest, WritesDownItsChanges) {
  EXPECT_TRUE(disk_.replace("/etc/file", "new", 0600).ok());
  EXPECT_TRUE(disk_.set_mode("/etc//file", 0600).ok());
  EXPECT_TRUE(disk_.remove("/etc/file").ok());
  EXPECT_TRUE(disk_.remove("/etc/file").ok());
  EXPECT_TRUE(disk_.make_directories("/var/lib").ok());
  EXPECT_TRUE(disk_.make_directories("/var/lib").ok());
  EXPECT_FALSE(disk_.replace("/none/file", "x", 0600).ok());
  EXPECT_THAT(disk_.journal, ElementsAre("replace /etc/file", "mode /etc/file", "remove /etc/file",
                                         "mkdir /var/lib"));
}

TEST_F(MemoryFilesystemTest, KeepsWhoOwnsAFileAndWhenItWasWritten) {
  disk_.files["/etc/file"].owner = 7;
  EXPECT_TRUE(disk_.replace("/etc/file", "new", 0600).ok());
  EXPECT_EQ(disk_.status("/etc/file").value()->owner, 7U);
  EXPECT_EQ(disk_.status("/etc/file").value()->modified, disk_.now);
  EXPECT_EQ(disk_.files["/etc/file"].mode, 0644U);
}

TEST_F(MemoryFilesystemTest, StopsAfterSoManyChanges) {
  disk_.changes_left = 1;
  EXPECT_TRUE(disk_.replace("/etc/file", "one", 0600).ok());
  EXPECT_EQ(disk_.replace("/etc/file", "two", 0600).error().fault, Fault::unavailable);
  EXPECT_EQ(disk_.remove("/etc/file").error().fault, Fault::unavailable);
  EXPECT_EQ(disk_.read("/etc/file").value(), "one");
  EXPECT_THAT(disk_.journal, ElementsAre("replace /etc/file"));
}

TEST_F(MemoryFilesystemTest, LosesTheAnswerOfOneChange) {
  disk_.changes_left = 0;
  disk_.fails_after_change = true;
  EXPECT_FALSE(disk_.replace("/etc/file", "one", 0600).ok());
  EXPECT_FALSE(disk_.replace("/etc/file", "two", 0600).ok());
  EXPECT_EQ(disk_.read("/etc/file").value(), "one");
  disk_.changes_left = 1;
  EXPECT_TRUE(disk_.replace("/etc/file", "three", 0600).ok());
  EXPECT_FALSE(disk_.remove("/etc/file").ok());
  EXPECT_FALSE(disk_.files.contains("/etc/file"));
}

TEST_F(MemoryFilesystemTest, FailsAsATestAsks) {
  disk_.read_errors["/etc/file"] = Error{Fault::denied, "read"};
  EXPECT_EQ(disk_.read("/etc/file").error().message, "read");
  EXPECT_TRUE(disk_.replace("/etc/file", "new", 0600).ok());
  disk_.change_errors["/etc/file"] = Error{Fault::unavailable, "change"};
  EXPECT_EQ(disk_.replace("/etc/file", "x", 0600).error().message, "change");
  EXPECT_EQ(disk_.remove("/etc/file").error().message, "change");
  EXPECT_TRUE(disk_.status("/etc/file").ok());
  disk_.errors["/etc/file"] = Error{Fault::denied, "all"};
  EXPECT_EQ(disk_.status("/etc/file").error().message, "all");
  disk_.watch_error = Error{Fault::unavailable, "watch"};
  EXPECT_EQ(disk_.watch({"/etc/file"}).error().message, "watch");
}

TEST_F(MemoryFilesystemTest, WakesItsWatchesByHand) {
  boost::asio::io_context io;
  const auto watch = std::move(disk_.watch({"/etc/file", "/etc/other"})).value();
  disk_.touched("/etc/file");
  EXPECT_THAT(run(io, watch->next()).value(), ElementsAre("/etc/file"));
  disk_.touched("/etc");
  EXPECT_THAT(run(io, watch->next()).value(), ElementsAre("/etc/file", "/etc/other"));
  disk_.overflow();
  EXPECT_THAT(run(io, watch->next()).value(), ElementsAre("/etc/file", "/etc/other"));
  EXPECT_EQ(disk_.watches_open(), 1U);
}

}  // namespace
}  // namespace tandem
