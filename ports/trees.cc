#include "ports/trees.h"

#include "ports/path.h"

namespace tandem {
namespace {

// `*` stands for any number of characters. Backtracks to the last `*` alone, so that no pattern is
// slow.
bool fits_name(std::string_view pattern, std::string_view name) {
  std::size_t at = 0, star = std::string_view::npos, from = 0, next = 0;
  while (at < name.size()) {
    if (next < pattern.size() && pattern[next] == '*') {
      star = next++;
      from = at;
    } else if (next < pattern.size() && pattern[next] == name[at]) {
      ++next;
      ++at;
    } else if (star != std::string_view::npos) {
      next = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '*') ++next;
  return next == pattern.size();
}

bool fits(std::string_view pattern, std::string_view name, bool is_folder) {
  if (pattern == "*") return true;
  if (pattern.ends_with('/') && !is_folder) return false;
  const auto wanted = path_parts(pattern);
  const auto parts = path_parts(name);
  if (wanted.size() != parts.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!fits_name(wanted[i], parts[i])) return false;
  return true;
}

}  // namespace

bool belongs(const Tree& tree, std::string_view name, bool is_folder) {
  for (const TreeRule& rule : tree.rules)
    if (fits(rule.pattern, name, is_folder)) return rule.verb == TreeRule::Verb::include;
  return true;
}

}  // namespace tandem
