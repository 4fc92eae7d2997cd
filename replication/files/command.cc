#include "replication/files/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "replication/files/itemised.h"
#include "replication/files/programs.h"

namespace tandem::files {
namespace {

constexpr std::size_t kErrorsMax = 64U << 10U;

// rsync takes the text behind -e apart at blanks, and knows quotes.
bool is_one_word(const std::string& word) {
  return !word.empty() && std::ranges::none_of(word, [](char c) {
    return c == ' ' || c == '\'' || c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
}

std::string option_of(const TreeRule& rule) {
  switch (rule.verb) {
    case TreeRule::Verb::include: return "--include=" + rule.pattern;
    case TreeRule::Verb::exclude: return "--exclude=" + rule.pattern;
    case TreeRule::Verb::hide: return "--filter=hide " + rule.pattern;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

void add_rules(const Tree& tree, std::vector<std::string>& argv) {
  for (const TreeRule& rule : tree.rules) argv.push_back(option_of(rule));
}

}  // namespace

Status check_words(const std::vector<std::string>& ssh) {
  if (std::ranges::all_of(ssh, is_one_word)) return success();
  return Error{Fault::invalid,
               fmt::format("spec.sshDir and spec.stateDir of operator.yaml must be of letters, "
                           "digits and '/', '.', '_', '-' only, as rsync takes them: {}",
                           fmt::join(ssh, " "))};
}

Result<Command> copy_command(const CopyCommand& copy) {
  const auto checked = check_words(copy.ssh);
  if (!checked.ok()) return checked.error();
  Command command;
  auto& argv = command.argv;
  argv = bound_to_us();
  argv.insert(argv.end(), {"/usr/bin/rsync", "-rlptgoJ"});
  if (copy.only_compare) argv.emplace_back("-n");
  // Without a planned deletion there is no option that could delete.
  if (!copy.deletions || *copy.deletions > 0) argv.emplace_back("--delete-delay");
  if (copy.deletions && *copy.deletions > 0)
    argv.push_back(fmt::format("--max-delete={}", *copy.deletions));
  argv.push_back(fmt::format("--timeout={}", kSilenceMax.count()));
  for (std::string& option : itemised_options()) argv.push_back(std::move(option));
  add_rules(copy.tree, argv);
  argv.push_back(fmt::format("--rsh={}", fmt::join(copy.ssh, " ")));
  argv.emplace_back("--");
  argv.push_back(copy.place + "/");
  argv.push_back(copy.peer + ":" + copy.tree.path + "/");
  command.deadline = copy.only_compare ? std::chrono::milliseconds(kCompareDeadline)
                                       : std::chrono::milliseconds(kCopyDeadline);
  command.output_max = kErrorsMax;
  return command;
}

}  // namespace tandem::files
