// The manual and the table of exit codes have every command and every option of the program, and
// the page on architecture the order of the resources.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "app/command_table.h"
#include "app/manual/manual.h"
#include "app/manual/mdoc.h"
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

TEST(Manual, IsAsTheTablesMakeIt) {
  for (const auto page : manual_pages())
    EXPECT_EQ(document("docs/man/" + std::string(page)), manual_page(page))
        << "run scripts/reference";
  EXPECT_EQ(manual_page("tandem.8"), "");
}

// What has no prose is told in one line only; and prose of no command is of one that is gone.
TEST(Manual, HasProseForEachCommandInTheOrderOfTheTable) {
  std::vector<std::string> told, known;
  for (const CommandProse& prose : command_prose()) told.emplace_back(prose.command);
  for (const CommandEntry& command : command_table()) known.emplace_back(command.name);
  EXPECT_EQ(told, known);
}

// A person copies an example: each begins as a command line of a command that there is.
TEST(Manual, ShowsExamplesOfItsOwnCommand) {
  for (const CommandProse& prose : command_prose())
    for (const std::string& line : split(prose.examples, '\n'))
      if (!line.empty()) {
        EXPECT_TRUE((line + " ").starts_with(fmt::format("tandem {} ", prose.command))) << line;
      }
}

TEST(Manual, HasEachCommandOptionAndVariable) {
  std::string page = command_manual();
  std::replace(page.begin(), page.end(), '\n', ' ');
  for (const CommandEntry& command : command_table()) {
    SCOPED_TRACE(command.name);
    EXPECT_NE(page.find(fmt::format(" .Ss {} ", mdoc::argument(command.name))), std::string::npos);
    for (const Parameter& parameter : command.parameters)
      EXPECT_NE(page.find(mdoc::prose(parameter.text)), std::string::npos) << parameter.name;
  }
  for (const Parameter& parameter : global_parameters())
    EXPECT_NE(page.find(parameter.environment), std::string::npos) << parameter.environment;
}

TEST(Manual, HasEachFieldOfBothFiles) {
  const auto has_all = [](std::string_view page, std::span<const Field> rows) {
    const std::string text = manual_page(page);
    for (const Field& row : rows)
      if (!row.path.empty()) {
        EXPECT_NE(text.find(fmt::format("\n.It Li {}\n", mdoc::argument(row.path))),
                  std::string::npos)
            << row.path;
      }
  };
  has_all("tandem-pair.yaml.5", pair_rows());
  has_all("tandem-operator.yaml.5", operator_rows());
}

// What a field's text or a name holds is never a request to roff.
TEST(Mdoc, TakesNothingOfATextForARequest) {
  EXPECT_EQ(mdoc::paragraphs(".so /etc/shadow. 'x."), "\\&.so /etc/shadow.\n\\&'x.\n");
  EXPECT_EQ(mdoc::prose("a \\fB `-x \\n`"), "a \\efB \\fB\\-x \\en\\fP");
  EXPECT_EQ(mdoc::argument("a \"b\""), "\"a \\(dqb\\(dq\"");
  EXPECT_EQ(mdoc::literal(".one\ntwo"), ".Bd -literal -offset indent\n\\&.one\ntwo\n.Ed\n");
}

TEST(Mdoc, BreaksLinesAtTheEndsOfSentencesAndNotInCode) {
  EXPECT_EQ(mdoc::paragraphs("One. Two: `a. b` is.\n\nThree."),
            "One.\nTwo:\n\\fBa. b\\fP is.\n.Pp\nThree.\n");
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
