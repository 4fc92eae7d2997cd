// What the other node sends.
#include "core/order_text.h"
#include "core/peer_word_text.h"
#include "tests/fuzz/targets.h"

namespace tandem::fuzz {

void peer_wire(std::string_view text) {
  round_trip(text, parse_peer_word, [](const PeerWord& word) { return to_text(word); });
  round_trip(text, parse_order, [](const Order& order) { return to_text(order); });
}

}  // namespace tandem::fuzz
