// A SlotFile on real file systems: modes, full disks, limits, errors of the disk, kills.
#include "ports/real_slot_device.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iostream>

#include "tests/ports/syscall_stepper.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

class RealSlotDeviceTest : public testing::Test {
 protected:
  static bool write(const std::string& path, const std::string& content) {
    RealSlotDevice device(path);
    return TwoSlots(device).write(content).ok();
  }
  static std::string read(const std::string& path) {
    RealSlotDevice device(path);
    const auto content = TwoSlots(device).read();
    return !content.ok() ? "error: " + content.error().message
                         : content.value().value_or("(nothing)");
  }

  TemporaryFolder folder{base_in_memory()};
  std::string path = folder / "failover";
};

TEST_F(RealSlotDeviceTest, KeepsItsFileToItselfWhateverTheUmask) {
  const auto umask_before = umask(0);
  EXPECT_EQ(read(path), "(nothing)");
  ASSERT_TRUE(write(path, "one"));
  umask(umask_before);
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(std::filesystem::file_size(path), SlotFile::kFileBytes);
  ASSERT_TRUE(write(path, "two"));
  EXPECT_EQ(read(path), "two");
  EXPECT_EQ(std::filesystem::file_size(path), SlotFile::kFileBytes);
}

TEST_F(RealSlotDeviceTest, RefusesLinksAndWhatIsNoFile) {
  write_to(folder / "victim", "precious");
  std::filesystem::create_symlink(folder / "victim", path);
  EXPECT_FALSE(write(path, "one"));
  EXPECT_EQ(content_of(folder / "victim"), "precious");
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(write(path, "one"));
  EXPECT_NE(read(path).find("not a regular file"), std::string::npos);
}

TEST_F(RealSlotDeviceTest, AFolderThatIsMissingIsAnErrorOfWritingAlone) {
  EXPECT_FALSE(write(folder / "none/failover", "one"));
  EXPECT_EQ(read(folder / "none/failover"), "(nothing)");
}

TEST_F(RealSlotDeviceTest, ClearsUpWhatAKilledRunLeft) {
  write_to(path + ".new", "half");
  ASSERT_TRUE(write(path, "one"));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

// A file system of its own, filled to its last byte.
TEST_F(RealSlotDeviceTest, AFullDiskForbidsNoWriteButTheFirst) {
  const int code = in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return kNotPermitted;
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) return kNotPermitted;
    const auto fill = [&] {
      std::ofstream file(folder / "filler", std::ios::binary | std::ios::app);
      const std::string page(4096, 'x');
      while (file.write(page.data(), 4096).flush()) {
      }
    };
    fill();
    if (write(path, "no room for a new one")) return 1;
    if (std::filesystem::exists(path) || std::filesystem::exists(path + ".new")) return 2;
    std::filesystem::remove(folder / "filler");
    if (!write(path, "one")) return 3;
    fill();
    std::error_code error;
    if (std::filesystem::space(folder.path(), error).available != 0) return 4;
    const std::string largest(SlotFile::kContentMax, 'l');
    for (int i = 0; i < 4; ++i)
      if (!write(path, "small") || !write(path, largest) || read(path) != largest) return 5;
    return 0;
  });
  if (code == kNotPermitted) GTEST_SKIP() << "mounts are not permitted";
  EXPECT_EQ(code, 0);
}

// A file that was copied with holes has no room of its own: it is asked for before the write.
TEST_F(RealSlotDeviceTest, FillsTheHolesOfACopy) {
  ASSERT_TRUE(write(path, "one"));
  const std::string bytes = content_of(path);
  std::filesystem::remove(path);
  write_to(path, bytes.substr(0, 4096));
  std::filesystem::resize_file(path, SlotFile::kFileBytes);
  ASSERT_TRUE(write(path, "two"));
  EXPECT_EQ(read(path), "two");
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_GE(static_cast<std::size_t>(found.st_blocks) * 512, SlotFile::kFileBytes);
}

TEST_F(RealSlotDeviceTest, ALimitOnSizesThatFitsTheFileForbidsNothing) {
  ASSERT_TRUE(write(path, "one"));
  const int code = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{SlotFile::kFileBytes, SlotFile::kFileBytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string largest(SlotFile::kContentMax, 'l');
    return write(path, largest) && write(path, largest) && read(path) == largest ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

// Makes one system call of this process fail from now on.
bool fail_call(unsigned number, unsigned error) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog loaded{4, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &loaded) == 0;
}

TEST_F(RealSlotDeviceTest, AnErrorOfTheDiskIsTold) {
  ASSERT_TRUE(write(path, "one"));
  for (const auto call : {SYS_fdatasync, SYS_pwrite64, SYS_openat}) {
    const int code = in_child([&] {
      if (!fail_call(static_cast<unsigned>(call), EIO)) return kNotPermitted;
      RealSlotDevice device(path);
      const Status status = TwoSlots(device).write("two");
      if (status.ok()) return 1;
      return status.error().fault == Fault::unavailable &&
                     status.error().message.find("Input/output error") != std::string::npos
                 ? 0
                 : 2;
    });
    if (code == kNotPermitted) GTEST_SKIP() << "seccomp is not permitted";
    EXPECT_EQ(code, 0) << "system call " << call;
  }
}

// A kill before and after every system call: the content is the one before or the new one.
TEST_F(RealSlotDeviceTest, AKillAtAnyCallLeavesOneOfBothContents) {
  int kills = 0;
  for (const bool first : {true, false}) {
    const std::string before = first ? "(nothing)" : "before";
    for (int stop = 0;; ++stop) {
      TemporaryFolder place{base_in_memory()};
      const std::string file = place / "failover";
      if (!first) {
        ASSERT_TRUE(write(file, "older") && write(file, "before"));
      }
      const auto stepped = step_through([&] { return write(file, "after") ? 0 : 1; }, stop);
      if (!stepped.permitted) GTEST_SKIP() << "tracing is not permitted";
      const std::string content = read(file);
      ASSERT_TRUE(content == before || content == "after") << "at stop " << stop << ": " << content;
      ASSERT_TRUE(write(file, "later"));
      ASSERT_EQ(read(file), "later");
      if (!stepped.killed) {
        ASSERT_EQ(stepped.code, 0);
        break;
      }
      ++kills;
    }
  }
  std::cout << "crash of a slot's write: " << kills << " kills at system calls examined\n";
  EXPECT_GT(kills, 30) << "the steps of the write were not seen";
}

}  // namespace
}  // namespace tandem
