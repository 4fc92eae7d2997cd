#include <fmt/format.h>

#include "reconciler/failover/explanations.h"

namespace tandem {
namespace {

constexpr Role kRoles[] = {Role::secondary, Role::primary};

std::string title(Role role) { return fmt::format("The {}", role_name(role)); }

void add_starts(Role role, std::string& text) {
  for (const StartRow& row : starts_of(role))
    text += fmt::format("  start, kept {:<13} -> {:<13} {}\n", state_name(row.kept),
                        state_name(row.to), row.why);
}

void add_diagram(Role role, std::string& text) {
  text += "```mermaid\nstateDiagram-v2\n  [*] --> Rejoining\n";
  for (const Row& row : transitions_of(role))
    text += fmt::format("  {} --> {}: {}\n", state_name(row.from), state_name(row.to),
                        text_of(row.when));
  text += "```\n\n";
}

void add_table(Role role, std::string& text) {
  text += "| from | to | when | because |\n|---|---|---|---|\n";
  for (const Row& row : transitions_of(role))
    text += fmt::format("| {}{} | {} | {} | {} |\n", state_name(row.from),
                        needs_operator(row.from) ? " *" : "", state_name(row.to), text_of(row.when),
                        row.why);
  text += "\n| kept on the disk | starts as | because |\n|---|---|---|\n";
  for (const StartRow& row : starts_of(role))
    text += fmt::format("| {} | {} | {} |\n", state_name(row.kept), state_name(row.to), row.why);
  text += '\n';
}

}  // namespace

std::string transitions_text() {
  std::string text;
  for (const Role role : kRoles) {
    text += title(role) + ". Of the rows of a state the first that holds is taken.\n\n";
    NodeState last = NodeState::off;
    for (const Row& row : transitions_of(role)) {
      if (row.from != last)
        text += fmt::format("{}{}\n", state_name(row.from),
                            needs_operator(row.from) ? " (needs a person)" : "");
      last = row.from;
      text += fmt::format("  -> {:<13} when {}\n{:>18}{}\n", state_name(row.to), text_of(row.when),
                          "", row.why);
    }
    text += '\n';
    add_starts(role, text);
    text += '\n';
  }
  return text;
}

std::string transitions_markdown() {
  std::string text;
  for (const Role role : kRoles) {
    text += fmt::format("### {}\n\n", title(role));
    add_diagram(role, text);
    add_table(role, text);
  }
  text += "\\* With nothing else changing, a person leads out of it.\n";
  return text;
}

}  // namespace tandem
