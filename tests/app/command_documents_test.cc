// The man page and the table of exit codes have every command and every option of the program, and
// the page on architecture the order of the resources.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "app/command_table.h"
#include "core/wording.h"
#include "reconciler/schedule.h"

namespace tandem {
namespace {

std::string document(const std::string& path) {
  std::ifstream file(std::string(TANDEM_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto begin = text.find(from);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find(to, begin + from.size()) - begin);
}

const std::string& man_page() {
  static const std::string text = document("docs/man/tandem.1");
  return text;
}

// The lines of the synopsis that are of this command.
std::string synopsis_of(std::string_view command) {
  std::string synopsis = between(man_page(), ".Sh SYNOPSIS", ".Sh DESCRIPTION");
  while (!synopsis.empty()) {
    const std::string form = synopsis.substr(0, synopsis.find(".Nm", 3));
    if (form.find(fmt::format(".Cm {}\n", command)) != std::string::npos) return form;
    synopsis.erase(0, form.size());
  }
  return "";
}

// "-o,--output" is "o" in mdoc, "--peer-name" is "-peer-name".
std::string flag_of(const Parameter& option) {
  return std::string(
      option.name.substr(1, option.name.substr(0, option.name.find(',')).size() - 1));
}

std::string choices_of(const Parameter& parameter) {
  return fmt::format("{}", fmt::join(split(parameter.choices, '|'), " | "));
}

TEST(CommandDocuments, HaveEachCommandAndOptionInTheManPage) {
  for (const CommandEntry& command : command_table()) {
    SCOPED_TRACE(command.name);
    EXPECT_NE(man_page().find(fmt::format("\n.It Cm {}", command.name)), std::string::npos)
        << "it is not described";
    const std::string synopsis = synopsis_of(command.name);
    EXPECT_NE(synopsis, "") << "it is not in the synopsis";
    for (const Parameter& parameter : command.parameters) {
      if (!parameter.positional()) {
        EXPECT_NE(synopsis.find("Fl " + flag_of(parameter)), std::string::npos) << parameter.name;
      }
      if (!parameter.choices.empty()) {
        EXPECT_NE(synopsis.find(choices_of(parameter)), std::string::npos) << parameter.choices;
      }
    }
  }
}

TEST(CommandDocuments, DescribeEachOptionInTheManPage) {
  const auto is_described = [](const Parameter& parameter) {
    return man_page().find(fmt::format("\n.It Fl {}", flag_of(parameter))) != std::string::npos;
  };
  for (const CommandEntry& command : command_table())
    for (const Parameter& parameter : command.parameters)
      if (!parameter.positional()) {
        EXPECT_TRUE(is_described(parameter)) << command.name << " " << parameter.name;
      }
  for (const Parameter& parameter : global_parameters()) {
    EXPECT_TRUE(is_described(parameter)) << parameter.name;
    EXPECT_NE(man_page().find(parameter.environment), std::string::npos) << parameter.environment;
  }
}

// The commands of the first column, written as `run` or `version`, `help`.
std::set<std::string> commands_with_exit_codes() {
  std::set<std::string> commands;
  std::istringstream lines(between(document("docs/operate.md"), "## Exit codes", "\n## "));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const auto words = split(line.substr(0, line.find('|', 1)), '`');
    for (std::size_t i = 1; i < words.size(); i += 2) commands.insert(words[i]);
  }
  return commands;
}

TEST(CommandDocuments, HaveEachCommandInTheTableOfExitCodes) {
  std::set<std::string> known;
  for (const CommandEntry& command : command_table()) known.emplace(command.name);
  EXPECT_EQ(commands_with_exit_codes(), known);
}

TEST(ArchitectureDocument, HasTheOrderOfEachRole) {
  const std::string page = document("docs/architecture.md");
  const auto row = [](const char* roles, Role role, Product product) {
    return fmt::format("| {} | {} |", roles, fmt::join(order_of(role, product), ", "));
  };
  const auto other =
      row("secondary, off, and every role of a XiVO", Role::secondary, Product::wazo);
  EXPECT_NE(page.find(row("primary (Wazo)", Role::primary, Product::wazo)), std::string::npos);
  EXPECT_NE(page.find(other), std::string::npos);
  EXPECT_EQ(order_of(Role::off, Product::wazo), order_of(Role::secondary, Product::wazo));
  for (const Role role : {Role::primary, Role::secondary, Role::off})
    EXPECT_EQ(order_of(role, Product::xivo), order_of(Role::secondary, Product::wazo));
}

}  // namespace
}  // namespace tandem
