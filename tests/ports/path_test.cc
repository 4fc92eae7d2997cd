#include "ports/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "ports/system_error.h"

namespace tandem {
namespace {

using testing::ElementsAre;

TEST(Path, IsCleaned) {
  EXPECT_EQ(clean_path("/").value(), "/");
  EXPECT_EQ(clean_path("//").value(), "/");
  EXPECT_EQ(clean_path("//a/./b//c.d/..e/").value(), "/a/b/c.d/..e");
}

TEST(Path, IsRefusedWithTheReason) {
  EXPECT_EQ(clean_path("a").error().message, "path 'a': must be absolute");
  EXPECT_EQ(clean_path("/a/..").error().message, "path '/a/..': must not contain '..'");
  EXPECT_EQ(clean_path(std::string("/a\0b", 4)).error().message,
            "path '/a': must not contain a NUL");
}

TEST(Path, FallsIntoParts) {
  EXPECT_THAT(path_parts("a//../b/./c"), ElementsAre("a", "..", "b", "c"));
  EXPECT_THAT(path_parts("/"), ElementsAre());
  EXPECT_EQ(parent_folder("/a/b"), "/a");
  EXPECT_EQ(parent_folder("/a"), "/");
  EXPECT_EQ(parent_folder("/"), "/");
  EXPECT_EQ(last_name("/a/b"), "b");
  EXPECT_EQ(last_name("/"), ".");
}

TEST(SystemError, TellsWhatACallerMayDo) {
  EXPECT_EQ(fault_of(ENOENT), Fault::not_found);
  EXPECT_EQ(fault_of(EROFS), Fault::denied);
  EXPECT_EQ(fault_of(EDQUOT), Fault::unavailable);
  EXPECT_EQ(fault_of(ELOOP), Fault::invalid);
  EXPECT_EQ(system_error("/p", "read", EIO),
            (Error{Fault::unavailable, "/p: cannot read: Input/output error"}));
}

}  // namespace
}  // namespace tandem
