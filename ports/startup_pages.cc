#include "ports/startup_pages.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace tandem {
namespace {

// A mapping of /proc/self/smaps.
struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  std::string rights, inode;
  std::optional<long> anonymous{}, swapped{};  // KiB
};

bool read_header(const std::string& line, Mapping& mapping) {
  std::istringstream words(line);
  char dash = 0;
  std::string offset, device;
  Mapping found;
  if (!(words >> std::hex >> found.begin >> dash >> found.end >> found.rights >> offset >> device >>
        found.inode) ||
      dash != '-')
    return false;
  mapping = found;
  return true;
}

// Only where the file has all of it: nobody can write there, and nobody has. The pages that the
// loader has relocated are only readable too, and are told as anonymous, or as swapped.
bool may_go(const Mapping& mapping, const std::string& own) {
  return mapping.anonymous == 0 && mapping.swapped == 0 && mapping.inode != "0" &&
         mapping.inode != own && mapping.rights.size() == 4 && mapping.rights[0] == 'r' &&
         mapping.rights[1] == '-' && mapping.rights[3] == 'p';
}

// Of the program itself: a takeover must not wait for a disk to read its code.
std::string own_inode() {
  struct stat status {};
  return stat("/proc/self/exe", &status) == 0 ? std::to_string(status.st_ino) : "0";
}

}  // namespace

std::vector<StartupPages> startup_pages(std::istream& smaps, const std::string& own) {
  std::vector<StartupPages> found;
  Mapping mapping;
  for (std::string line; std::getline(smaps, line);) {
    if (read_header(line, mapping)) continue;
    std::istringstream words(line);
    std::string name;
    long amount = 0;
    if (!(words >> name >> amount)) continue;
    if (name == "Anonymous:") mapping.anonymous = amount;
    if (name != "Swap:") continue;
    mapping.swapped = amount;  // the later one of the two
    if (may_go(mapping, own)) found.push_back({mapping.begin, mapping.end});
  }
  return found;
}

void give_startup_pages_back() {
  std::ifstream smaps("/proc/self/smaps");
  for (const auto& [begin, end] : startup_pages(smaps, own_inode()))
    // Where it is refused the pages stay: nothing is lost.
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT: of /proc
  malloc_trim(0);
}

}  // namespace tandem
