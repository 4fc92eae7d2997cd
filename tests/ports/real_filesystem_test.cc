// What only the real files can show: the jail, devices, owners, the host's refusals.
#include "ports/real_filesystem.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <thread>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class RealFilesystemTest : public testing::Test {
 protected:
  RealFilesystemTest() {
    fs::create_directories(outside_.path());
    write_to(outside_ / "secret", "secret");
    fs::create_directories(root_ / "etc");
    write_to(root_ / "etc/file", "inside");
  }

  // Neither what is read nor what is written through `path` is outside.
  void expect_inside(const std::string& path) {
    const auto content = files_.read(path);
    if (content.ok()) {
      EXPECT_NE(content.value(), "secret") << path;
    }
    static_cast<void>(files_.replace(path, "overwritten", 0600).ok());
    static_cast<void>(files_.set_mode(path, 0777).ok());
    static_cast<void>(files_.remove(path).ok());
    EXPECT_EQ(content_of(outside_ / "secret"), "secret") << path;
    EXPECT_NE(mode_of(outside_ / "secret"), 0777U) << path;
    EXPECT_EQ(std::distance(fs::directory_iterator(outside_.path()), {}), 1) << path;
  }

  boost::asio::io_context io_;
  TemporaryFolder outside_;
  TemporaryFolder root_;
  RealFilesystem files_{io_.get_executor(), root_.path()};
};

TEST_F(RealFilesystemTest, KeepsAbsoluteLinksInside) {
  fs::create_symlink(outside_ / "secret", root_ / "file");
  fs::create_symlink(outside_.path(), root_ / "folder");
  EXPECT_EQ(files_.read("/file").error().fault, Fault::not_found);
  expect_inside("/file");
  expect_inside("/folder/secret");
  expect_inside("/folder/new");
}

TEST_F(RealFilesystemTest, KeepsRelativeLinksInside) {
  std::string up = "..";
  for (int i = 0; i < 20; ++i) up += "/..";
  fs::create_symlink(up + (outside_ / "secret"), root_ / "etc/up");
  fs::create_symlink(up + outside_.path(), root_ / "etc/folder");
  fs::create_symlink("folder/../../../" + outside_.path() + "/secret", root_ / "etc/down_and_up");
  fs::create_symlink("../" + fs::path(outside_.path()).filename().string() + "/secret",
                     root_ / "sibling");
  for (const auto* path :
       {"/etc/up", "/etc/folder/secret", "/etc/folder/new", "/etc/down_and_up", "/sibling"})
    expect_inside(path);
}

TEST_F(RealFilesystemTest, DoesNotFollowMagicLinks) {
  RealFilesystem host(io_.get_executor(), "/");
  EXPECT_EQ(host.read("/proc/self/root/etc/passwd").error().fault, Fault::invalid);
  EXPECT_EQ(host.read("/proc/self/cwd/x").error().fault, Fault::invalid);
  EXPECT_FALSE(host.read("/proc/self/fd/0").ok());
}

TEST_F(RealFilesystemTest, StaysInsideWhileAFolderIsReplacedByALink) {
  fs::create_directories(root_ / "real");
  write_to(root_ / "real/secret", "inside");
  fs::create_directory_symlink(outside_.path(), root_ / "link");
  std::atomic<bool> done = false;
  std::thread attacker([&] {
    while (!done)
      renameat2(AT_FDCWD, (root_ / "real").c_str(), AT_FDCWD, (root_ / "link").c_str(),
                RENAME_EXCHANGE);
  });
  for (int i = 0; i < 300; ++i) expect_inside("/real/secret");
  for (int i = 0; i < 300; ++i) expect_inside("/real/new");
  done = true;
  attacker.join();
}

TEST_F(RealFilesystemTest, WorksOnTheHostItself) {
  RealFilesystem host(io_.get_executor(), "/");
  const auto path = root_ / "etc/file";
  EXPECT_EQ(host.read(path).value(), "inside");
  EXPECT_TRUE(host.replace(path, "new", 0600).ok());
  EXPECT_EQ(content_of(path), "new");
  EXPECT_EQ(host.status("/").value()->kind, FileStatus::Kind::directory);
  EXPECT_TRUE(host.make_directories(root_ / "a/b").ok());
  EXPECT_TRUE(fs::is_directory(root_ / "a/b"));
}

TEST_F(RealFilesystemTest, SaysThatTheRootIsMissing) {
  RealFilesystem nowhere(io_.get_executor(), root_ / "none");
  EXPECT_EQ(nowhere.read("/file").error().fault, Fault::not_found);
  EXPECT_FALSE(nowhere.make_directories("/etc").ok());
  EXPECT_FALSE(nowhere.watch({"/file"}).ok());
}

TEST_F(RealFilesystemTest, OpensNeitherDevicesNorSockets) {
  RealFilesystem host(io_.get_executor(), "/");
  EXPECT_EQ(host.read("/dev/zero").error().fault, Fault::invalid);
  EXPECT_EQ(host.status("/dev/zero").value()->kind, FileStatus::Kind::other);
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", (root_ / "socket").c_str());
  ASSERT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(files_.read("/socket").error().fault, Fault::invalid);
  EXPECT_EQ(files_.replace("/socket", "x", 0600).error().fault, Fault::invalid);
  close(descriptor);
}

TEST_F(RealFilesystemTest, ReadsFilesThatDoNotKnowTheirSize) {
  RealFilesystem host(io_.get_executor(), "/");
  EXPECT_THAT(host.read("/proc/self/status").value(), HasSubstr("Pid:"));
}

TEST_F(RealFilesystemTest, KeepsOwnerAndModeOfAReplacedFile) {
  const auto path = root_ / "etc/file";
  if (chown(path.c_str(), 1234, 4321) != 0) GTEST_SKIP() << "chown is not permitted";
  ASSERT_EQ(chmod(path.c_str(), 04751), 0);
  ASSERT_TRUE(files_.replace("/etc/file", "new", 0600).ok());
  const auto status = files_.status("/etc/file").value();
  EXPECT_EQ(status->owner, 1234U);
  EXPECT_EQ(status->group, 4321U);
  EXPECT_EQ(status->mode, 04751U);
}

TEST_F(RealFilesystemTest, IsIndependentOfTheUmask) {
  const auto before = umask(0177);
  EXPECT_TRUE(files_.replace("/etc/open", "x", 0666).ok());
  EXPECT_TRUE(files_.make_directories("/var/lib").ok());
  umask(0);
  EXPECT_TRUE(files_.replace("/etc/closed", "x", 0600).ok());
  EXPECT_TRUE(files_.make_directories("/opt").ok());
  umask(before);
  EXPECT_EQ(mode_of(root_ / "etc/open"), 0666U);
  EXPECT_EQ(mode_of(root_ / "etc/closed"), 0600U);
  EXPECT_EQ(mode_of(root_ / "var/lib"), 0755U);
  EXPECT_EQ(mode_of(root_ / "opt"), 0755U);
}

TEST_F(RealFilesystemTest, NamesPathAndReasonInItsErrors) {
  const auto error = files_.read("/etc/none").error();
  EXPECT_EQ(error.message, "/etc/none: cannot read: No such file or directory");
}

TEST_F(RealFilesystemTest, SaysThatItMayNot) {
  ASSERT_EQ(chmod((root_ / "etc/file").c_str(), 0600), 0);
  ASSERT_EQ(chmod(root_.path().c_str(), 0755), 0);
  const int code = in_child([&] {
    if (setegid(65534) != 0 || seteuid(65534) != 0) return kNotPermitted;
    const bool read = files_.read("/etc/file").error().fault == Fault::denied;
    const bool replaced = files_.replace("/etc/file", "x", 0600).error().fault == Fault::denied;
    const bool mode = files_.set_mode("/etc/file", 0666).error().fault == Fault::denied;
    const bool removed = files_.remove("/etc/file").error().fault == Fault::denied;
    const bool made = files_.make_directories("/etc/x").error().fault == Fault::denied;
    return read && replaced && mode && removed && made ? 0 : 1;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "seteuid is not permitted";
  EXPECT_EQ(code, 0);
  EXPECT_EQ(content_of(root_ / "etc/file"), "inside");
}

}  // namespace
}  // namespace tandem
