// A text that is shown anew where it stands: on a terminal without flicker, elsewhere as it
// changes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tandem {

struct ScreenSize {
  std::size_t rows = 0, columns = 0;  // 0 rows: there is no terminal
  bool operator==(const ScreenSize&) const = default;
};

// Of standard output, now.
ScreenSize screen_size();

class LiveView {
 public:
  // What is to be written to show `text`, which may be coloured, and may be nothing where it is
  // shown already. What has no room is cut at the right, and below with a line that says so.
  std::string show(std::string_view text, ScreenSize size);
  // Leaves the terminal as it was found.
  std::string end();

 private:
  std::string shown_;
  ScreenSize size_;
  bool begun_ = false;
};

// `line` cut after so many characters; sequences that colour have no width, and are kept.
std::string cut(std::string_view line, std::size_t columns);

}  // namespace tandem
