// What one operator tells the other, as JSON and back. Fields that are not known here are passed
// over, so that nodes of two versions understand each other; a missing or wrong one of ours is
// refused as a whole.
#pragma once

#include <string>
#include <string_view>

#include "core/failover.h"
#include "core/result.h"

namespace tandem {

inline constexpr std::size_t kPeerWordBytesMax = 64U << 10U;

// Times are told in whole seconds. What is longer than the reader takes is cut, so that what is
// written here can always be read there.
std::string to_text(const PeerWord& word);

// invalid, too_large: the message names the field.
Result<PeerWord> parse_peer_word(std::string_view text);

}  // namespace tandem
