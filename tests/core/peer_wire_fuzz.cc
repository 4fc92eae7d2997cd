// libFuzzer's entry for what the other node sends. peer_wire_fuzz_test.cc drives it with a fixed
// seed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/order_text.h"
#include "core/peer_word_text.h"

namespace {

// What is accepted is written and read again as the same; what is refused says why, in one line.
template <class T>
void read(std::string_view text, tandem::Result<T> (*parse)(std::string_view)) {
  const auto first = parse(text);
  if (!first.ok()) {
    const auto& message = first.error().message;
    if (message.empty() || message.find('\n') != std::string::npos) std::abort();
    return;
  }
  const auto again = parse(to_text(first.value()));
  if (!again.ok() || again.value() != first.value()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text, tandem::parse_peer_word);
  read(text, tandem::parse_order);
  return 0;
}
