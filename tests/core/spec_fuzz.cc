// libFuzzer's entry for everything that reads YAML. spec_fuzz_test.cc drives it with a fixed seed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/credentials.h"
#include "core/spec.h"

namespace {

// What is accepted must be written and read again as the same; what is refused must say why.
template <class T>
void read(std::string_view text, tandem::Parsed<T> (*parse)(std::string_view, std::string_view)) {
  const auto first = parse(text, "f");
  if (!first) {
    if (first.error().empty()) std::abort();
    for (const auto& problem : first.error())
      if (problem.line < 1 || problem.column < 1 || problem.message.empty()) std::abort();
    return;
  }
  const auto again = parse(to_json(*first).dump(), "f");
  if (!again || *again != *first) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // One reader for each text: half of the time is yaml-cpp's.
  if (text.find("HAPair") != std::string_view::npos)
    read(text, tandem::parse_pair);
  else if (text.find("OperatorConfig") != std::string_view::npos)
    read(text, tandem::parse_operator);
  else
    static_cast<void>(tandem::parse_credentials(text, "f"));
  return 0;
}
