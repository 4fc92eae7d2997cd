// Values as a server's answer has them.
#pragma once

#include <charconv>
#include <optional>
#include <string>

namespace tandem {

// 0 for NULL, and for what is no number.
template <class Number>
Number number_in(const std::optional<std::string>& cell) {
  Number number = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), number);
  return number;
}

}  // namespace tandem
