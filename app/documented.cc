#include "app/documented.h"

#include <fmt/format.h>

#include "app/terminal.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::size_t kLineWidth = 80;
constexpr std::size_t kConditionCells = 3;  // at least: type, what it means, what to do
constexpr std::size_t kAlertCells = 4;      // name, severity, after, what it says

// Of a Markdown text what a terminal shows: without bold, of links their words.
std::string plain(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t target = text[at] == ']' ? text.find(')', at) : std::string_view::npos;
    if (text.substr(at, 2) == "**")
      ++at;
    else if (text.substr(at, 2) == "](" && target != std::string_view::npos)
      at = target;
    else if (text[at] != '[')
      shown += text[at];
  }
  return shown;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (line.remove_prefix(2); !line.empty();) {
    const auto end = line.find(" |");
    cells.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size()
                                                     : std::min(end + 3, line.size()));
  }
  return cells;
}

// The rows of a page whose first cell begins with a name in these signs.
template <class Do>
void for_each_row(std::string_view page, std::string_view opens, char closes, Do&& take) {
  while (!page.empty()) {
    const std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    if (!line.starts_with(opens) || line.size() == opens.size()) continue;
    const std::string_view rest = line.substr(opens.size());
    const std::string_view name = rest.substr(0, rest.find(closes));
    if (rest[0] >= 'A' && rest[0] <= 'Z' && name.find(' ') == std::string_view::npos)
      take(name, cells_of(line));
  }
}

template <class Do>
void for_each_condition(Do&& take) {
  for_each_row(operate_page(), "| `", '`', [&](auto name, const auto& cells) {
    if (cells.size() >= kConditionCells) take(name, cells);
  });
}

template <class Do>
void for_each_alert(Do&& take) {
  for_each_row(runbooks_page(), "| [", ']', [&](auto name, const auto& cells) {
    if (cells.size() == kAlertCells) take(name, cells);
  });
}

std::string paragraph(std::string_view label, std::string_view text) {
  return wrapped(fmt::format("{}{}", label, plain(text)), kLineWidth, 2);
}

}  // namespace

std::string documented(std::string_view name) {
  std::string text;
  for_each_condition([&](std::string_view known, const auto& cells) {
    if (known != name) return;
    text = fmt::format("{} (condition)\n", name) +
           paragraph("Not well: ", cells[cells.size() - 2]) + paragraph("Do: ", cells.back());
  });
  for_each_alert([&](std::string_view known, const auto& cells) {
    if (known != name) return;
    text = fmt::format("{} (alert, {}, after {})\n", name, cells[1], cells[2]) +
           paragraph("", cells.back()) +
           fmt::format("  Runbook: runbooks/{}.md in /usr/share/doc/tandem/docs\n", name);
  });
  return text;
}

std::vector<std::string> documented_names() {
  std::vector<std::string> names;
  const auto keep = [&](std::string_view name, const auto&) { names.emplace_back(name); };
  for_each_condition(keep);
  for_each_alert(keep);
  return names;
}

}  // namespace tandem
