#include "app/commands/live_view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/wording.h"

namespace tandem {
namespace {

// The other screen, so that what stood there before comes back; and no cursor.
constexpr std::string_view kBegin = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kEnd = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

}  // namespace

ScreenSize screen_size() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  // A terminal that does not tell is taken for the smallest there was.
  return {size.ws_row == 0 ? 24U : size.ws_row, size.ws_col == 0 ? 80U : size.ws_col};
}

std::string cut(std::string_view line, std::size_t columns) {
  std::string result;
  std::size_t width = 0;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t length = std::max<std::size_t>(1, utf8_length(line, at));
    if (line[at] == '\x1b') {
      const auto end = line.find('m', at);  // only colours are in it
      length = end == std::string_view::npos ? line.size() - at : end - at + 1;
    } else if (++width > columns) {
      at += length;
      continue;
    }
    result += line.substr(at, length);
    at += length;
  }
  return result;
}

std::string LiveView::show(std::string_view text, ScreenSize size) {
  if (begun_ && text == shown_ && size == size_) return "";
  const bool first = !begun_;
  shown_ = text;
  size_ = size;
  begun_ = true;
  if (size.rows == 0) return (first ? "" : "\n") + shown_;
  std::vector<std::string> lines = split(shown_, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() > size.rows) {
    const std::size_t hidden = lines.size() - (size.rows - 1);
    lines.resize(size.rows - 1);
    lines.push_back(fmt::format("... {} more lines: tandem status", hidden));
  }
  std::string frame = first ? std::string(kBegin) : "";
  frame += kHome;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    frame += cut(lines[i], size.columns);
    frame += kClearLine;
    if (i + 1 < lines.size()) frame += "\r\n";
  }
  return frame + std::string(kClearBelow);
}

std::string LiveView::end() {
  const bool terminal = begun_ && size_.rows != 0;
  begun_ = false;
  return terminal ? std::string(kEnd) : "";
}

}  // namespace tandem
