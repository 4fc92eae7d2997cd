#include "ports/confined_program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class ConfinedProgramTest : public testing::Test {
 protected:
  ConfinedProgramTest() {
    fs::create_directories(base_ / "allowed/sub");
    fs::create_directories(base_ / "other");
    write_to(base_ / "other/secret", "secret");
    write_to(base_ / "allowed/file", "content");
  }

  // What a shell in the folder ends with; 120 where it did not start.
  int shell(const std::string& script, bool may_write, const std::string& below = "") {
    return in_child([&] {
      const auto folder = hold_folder(base_.path(), "/allowed", below);
      if (!folder.ok()) return 121;
      ConfinedProgram program{
          {"/bin/sh", "-c", "exec 2>/dev/null; " + script}, {"PATH=/usr/bin:/bin"}, may_write};
      static_cast<void>(become(program, folder.value()));
      return 120;
    });
  }

  TemporaryFolder base_;
};

TEST_F(ConfinedProgramTest, BeginsInItsFolderWithACleanEnvironment) {
  EXPECT_EQ(shell("[ \"$(cat file)\" = content ] && [ -z \"$HOME\" ]", false), 0);
  EXPECT_EQ(shell("exit 7", false), 7);
}

TEST_F(ConfinedProgramTest, HasNoDescriptorButTheThreeStreams) {
  EXPECT_EQ(shell("for n in 3 4 5 6 7 8 9; do if ( : >&$n ); then exit 1; fi; done", true), 0);
}

TEST_F(ConfinedProgramTest, WritesInItsFolderAndNowhereElse) {
  ASSERT_TRUE(kernel_confines()) << "this kernel has no Landlock: nothing can be shown";
  EXPECT_EQ(shell("echo new > file && mkdir -p a/b && ln -s x a/link && mv file sub/", true), 0);
  EXPECT_EQ(content_of(base_ / "allowed/sub/file"), "new\n");
  for (const std::string path : {"../other/new", "../new", "/tmp/tandem-confined-program-test"})
    EXPECT_NE(shell("echo x > " + path, true), 0) << path;
  EXPECT_NE(shell("ln -s ../other link && echo x > link/new", true), 0);
  EXPECT_FALSE(fs::exists(base_ / "other/new"));
  EXPECT_NE(shell("rm ../other/secret", true), 0);
  EXPECT_NE(shell("mv ../other/secret .", true), 0);
}

TEST_F(ConfinedProgramTest, ReadsInItsFolderAndNowhereElse) {
  ASSERT_TRUE(kernel_confines());
  EXPECT_NE(shell("cat ../other/secret", true), 0);
  EXPECT_NE(shell("cat /etc/shadow", true), 0);
  EXPECT_NE(shell("cat /etc/hostname", false), 0);
  EXPECT_NE(shell("echo x > file", false), 0);
  EXPECT_EQ(content_of(base_ / "allowed/file"), "content");
}

TEST_F(ConfinedProgramTest, MakesNoDevice) {
  ASSERT_TRUE(kernel_confines());
  EXPECT_NE(shell("mknod disk b 8 0", true), 0);
  EXPECT_NE(shell("mkfifo fifo", true), 0);
}

TEST_F(ConfinedProgramTest, HoldsAFolderBehindTheAdministratorsLink) {
  fs::rename(base_ / "allowed", base_ / "disk2");
  fs::create_directory_symlink("/disk2", base_ / "allowed");
  EXPECT_EQ(shell("cat file", false), 0) << "the link counts from the root";
}

TEST_F(ConfinedProgramTest, HoldsNoFolderBehindALinkBelow) {
  fs::create_directory_symlink(base_ / "other", base_ / "allowed/link");
  fs::create_directory_symlink("sub", base_ / "allowed/near");
  const auto fault = [&](const std::string& below) {
    const auto held = hold_folder(base_.path(), "/allowed", below);
    return held.ok() ? std::string("held") : std::string(fault_name(held.error().fault));
  };
  EXPECT_EQ(fault("sub"), "held");
  EXPECT_EQ(fault("link"), "invalid");
  EXPECT_EQ(fault("near"), "invalid");
  EXPECT_EQ(fault("../other"), "invalid");
  EXPECT_EQ(fault("file"), "invalid");
  EXPECT_EQ(fault("missing"), "not_found");
}

TEST_F(ConfinedProgramTest, TellsAProgramThatIsMissing) {
  const auto folder = hold_folder(base_.path(), "/allowed", "");
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(in_child([&] {
              const ConfinedProgram program{{"/nonexistent/program"}, {}, false};
              return become(program, folder.value()).fault == Fault::not_found ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace tandem
