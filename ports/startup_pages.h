// What only the start has needed of memory.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace tandem {

// Unmaps what is in memory of the libraries' text and constants: what runs from now on maps its own
// again, in microseconds a page. The program's own stays. A start touches libraries whole
// (GnuTLS and Kerberos, which libpq brings, and which nobody calls afterwards), and maps sixteen
// pages around each. And gives free heap back.
void give_startup_pages_back();

// A mapping that may go.
struct StartupPages {
  std::uintptr_t begin = 0, end = 0;

  bool operator==(const StartupPages&) const = default;
};
// Those of /proc/PID/smaps; `own` is the inode of the program.
std::vector<StartupPages> startup_pages(std::istream& smaps, const std::string& own);

}  // namespace tandem
