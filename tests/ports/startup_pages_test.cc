#include "ports/startup_pages.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

constexpr std::size_t kSize = 1U << 20U;

// A file of the letter x, mapped as a loader maps it.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    std::ofstream(path) << std::string(kSize, 'x');
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    start_ = static_cast<char*>(mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    close(file);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { munmap(start_, kSize); }

  void write(char letter) { start_[kSize / 2] = letter; }
  void make_read_only() { mprotect(start_, kSize, PROT_READ); }
  std::string text() const { return {start_, kSize}; }
  // In KiB, as the kernel counts it.
  long in_memory() const {
    std::ostringstream begin;
    begin << std::hex << reinterpret_cast<std::uintptr_t>(start_) << '-';
    std::ifstream smaps("/proc/self/smaps");
    bool mine = false;
    for (std::string line; std::getline(smaps, line);) {
      if (line.find('-') < 17 && line.find(" 00:") == std::string::npos) mine = false;
      if (line.starts_with(begin.str())) mine = true;
      if (mine && line.starts_with("Rss:")) return std::stol(line.substr(4));
    }
    return -1;
  }

 private:
  char* start_ = nullptr;
};

TEST(StartupPages, GoAndComeBackWhenTheyAreRead) {
  TemporaryFolder folder;
  MappedFile file(folder / "constants");
  file.make_read_only();
  EXPECT_EQ(file.text(), std::string(kSize, 'x'));
  ASSERT_EQ(file.in_memory(), 1024);
  give_startup_pages_back();
  EXPECT_EQ(file.in_memory(), 0);
  EXPECT_EQ(file.text(), std::string(kSize, 'x'));
}

// As what the loader relocates: read-only by now, and nobody's file has it.
TEST(StartupPages, StayWhereOneOfThemWasWritten) {
  TemporaryFolder folder;
  MappedFile file(folder / "relocated");
  file.write('y');
  file.make_read_only();
  give_startup_pages_back();
  EXPECT_EQ(file.text()[kSize / 2], 'y');
}

TEST(StartupPages, StayWhereTheyCanBeWritten) {
  TemporaryFolder folder;
  MappedFile file(folder / "data");
  EXPECT_EQ(file.text(), std::string(kSize, 'x'));
  give_startup_pages_back();
  EXPECT_EQ(file.in_memory(), 1024);
}

// As the kernel tells of a mapping.
std::string told(const std::string& begin, const std::string& end, const std::string& rights,
                 const std::string& inode, int anonymous, int swapped) {
  return begin + "-" + end + " " + rights + " 00001000 fd:00 " + inode + "    /usr/lib/x.so\n" +
         "Rss:                   8 kB\nAnonymous:             " + std::to_string(anonymous) +
         " kB\nKSM:                   0 kB\nSwap:                  " + std::to_string(swapped) +
         " kB\nSwapPss:               0 kB\nVmFlags: rd mr mw me\n";
}

TEST(StartupPages, AreThoseOfLibrariesThatTheirFilesHaveWhole) {
  std::istringstream smaps(
      told("1000", "2000", "r-xp", "77", 0, 0) + told("2000", "3000", "r--p", "77", 4, 0) +
      told("3000", "4000", "r--p", "77", 0, 4) +  // relocated, and swapped out
      told("4000", "5000", "rw-p", "77", 0, 0) +
      told("5000", "6000", "r-xp", "42", 0, 0) +  // the program
      told("6000", "7000", "r--p", "0", 0, 0) + told("7000", "8000", "r--p", "78", 0, 0));
  EXPECT_EQ(startup_pages(smaps, "42"),
            (std::vector<StartupPages>{{0x1000, 0x2000}, {0x7000, 0x8000}}));
}

}  // namespace
}  // namespace tandem
