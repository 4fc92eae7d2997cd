// libFuzzer's entry: one program for all targets, so that it is linked once. TANDEM_FUZZ_TARGET
// names the one that is meant.
#include <cstdint>
#include <cstdio>

#include "tests/fuzz/targets.h"

namespace {

const tandem::fuzz::Target* target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* const wanted = std::getenv("TANDEM_FUZZ_TARGET");
  for (const auto& one : tandem::fuzz::kTargets)
    if (wanted != nullptr && one.name == wanted) target = &one;
  if (target != nullptr) return 0;
  std::fputs("TANDEM_FUZZ_TARGET must be one of:\n", stderr);
  for (const auto& one : tandem::fuzz::kTargets)
    std::fprintf(stderr, "%s\n", std::string(one.name).c_str());
  std::exit(64);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
