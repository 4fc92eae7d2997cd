// Output for a person: colours where a terminal wants them, and aligned tables.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

enum class Tint { none, good, bad, warn, dim, strong };

class Terminal {
 public:
  // Colour only where `descriptor` is a terminal that can, and neither NO_COLOR nor the flag
  // forbids it.
  Terminal(int descriptor, bool no_color);
  // For tests: as told.
  explicit Terminal(bool color) : color_(color) {}

  std::string tinted(Tint tint, std::string_view text) const;

 private:
  bool color_ = false;
};

// Control characters as '?': what another program told must not steer a terminal.
std::string printable(std::string_view text);

// As JSON, where a terminal or a log may have it: what is_shown() refuses is escaped, and broken
// UTF-8 replaced. `indent` as dump() has it: -1 is one line.
std::string shown_json(const nlohmann::ordered_json& json, int indent = 2);

struct Cell {
  std::string text;
  Tint tint = Tint::none;
};

// Columns two blanks apart, upper-case headers, nothing after the last column. Widths are counted
// in code points; control characters in a cell are shown as '?'.
std::string table(const Terminal& terminal, const std::vector<std::string>& headers,
                  const std::vector<std::vector<Cell>>& rows);

// `text` broken at blanks so that no line is longer than `width`, each behind `indent` blanks.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

// "5d3h", "2m10s", "4s": an age as kubectl writes it.
std::string age(long long seconds);

}  // namespace tandem
