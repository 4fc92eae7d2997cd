// The manual: tandem(1) from the table of commands, tandem-pair.yaml(5) and tandem-operator.yaml(5)
// from the tables of fields, in mdoc; and what `tandem help COMMAND` adds to its options.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/fields.h"

namespace tandem {

// What the table of commands has no room for. `text` is of whole sentences, with `code` in
// backticks; an empty line parts paragraphs.
struct CommandProse {
  std::string_view command;
  std::string_view text;
  std::string_view examples = {};  // command lines, one a line
};

// One for each command of the table, in its order.
std::span<const CommandProse> command_prose();
// nullptr: there is no such command.
const CommandProse* prose_of(std::string_view command);

// Of all pages: that of the release, so that a build tells no time.
inline constexpr std::string_view kManualDate = "November 27, 2026";

// The page on the program.
std::string command_manual();
// The page on one of the two files.
std::string kind_manual(const FieldTree& kind, std::string_view file, std::string_view title);

// The names under which `tandem manual` prints the pages, and each page.
std::span<const std::string_view> manual_pages();
// "" where there is no such page.
std::string manual_page(std::string_view name);

}  // namespace tandem
