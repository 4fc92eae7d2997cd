// JSON from outside the program. nlohmann's own reader nests without end, and copies, comparisons
// and dump() of what it read are recursive: some 100 kB of brackets would overflow the stack.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace tandem {

inline constexpr int kJsonDepthMax = 100;

// is_discarded() where it is no JSON, has a NUL (which nlohmann's reader takes for the end), or
// nests deeper than kJsonDepthMax.
nlohmann::json read_json(std::string_view text);
// The same, with members in their order.
nlohmann::ordered_json read_ordered_json(std::string_view text);

}  // namespace tandem
