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

}  // namespace
}  // namespace tandem
