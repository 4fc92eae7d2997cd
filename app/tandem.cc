// main(): parses the command line by the table of commands.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "app/command_table.h"
#include "app/completion/completion.h"
#include "app/manual/manual.h"
#include "app/terminal.h"
#include "app/version.h"
#include "core/wording.h"
#include "ports/cpprest_http.h"

namespace tandem {
namespace {

// Of cpprestsdk's pool, which would be 40. None of its handlers waits for another: what they get()
// is over. With more threads each step of a request wakes another one.
constexpr int kHttpThreads = 1;
// Of malloc, which would make one for each thread: most of ours allocate little, and seldom.
constexpr int kArenas = 2;

// For the help of each command; the options themselves belong to the program.
constexpr const char* kCommandFooter =
    "\nEvery command also takes --operator FILE, --pair FILE, --node NAME, --root DIR,\n"
    "--listen IP:PORT, --state-dir DIR and --no-color; see `tandem --help`.\n";

constexpr const char* kFooter =
    "\nExamples:\n"
    "  tandem validate pair.yaml              read a declaration as strictly as the operator does\n"
    "  tandem plan                            what would change on this node, and what it "
    "disturbs\n"
    "  tandem apply --structural --reason set-up\n"
    "                                         put the first declaration in force\n"
    "  tandem status                          how this node is\n"
    "  tandem explain spec.sip.expiry         what a field means\n"
    "\nExit status: 0 good, 1 failed, 2 changes (plan), degraded (status) or something not met\n"
    "(doctor), 64 wrong usage, 130 cancelled by a signal (replicate).\n"
    "Environment: TANDEM_OPERATOR, TANDEM_PAIR, TANDEM_NODE, TANDEM_ROOT, TANDEM_LISTEN,\n"
    "TANDEM_STATE_DIR, NO_COLOR. Flags win over the environment, that over the operator file.\n";

// An option given with nothing after it would silently be as if it were not given.
std::string not_empty(std::string& value) {
  return value.empty() ? "must not be empty" : std::string();
}

// What is typed goes into JSON, which must be UTF-8: into orders, events and the configuration.
std::string utf8(std::string& value) {
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t length = utf8_length(value, at);
    if (length == 0)
      return fmt::format(
          "must be UTF-8, and its byte {} (\\x{:02x}) is not: the terminal uses "
          "another encoding; type it without accents, or set the terminal to UTF-8",
          at + 1, static_cast<unsigned char>(value[at]));
    at += length;
  }
  return "";
}

CLI::Option* add_parameter(CLI::App& app, Arguments& arguments, const Parameter& parameter) {
  const std::string name(parameter.name), text(parameter.text);
  CLI::Option* option = std::visit(
      [&](auto member) {
        using Member = std::decay_t<decltype(arguments.*member)>;
        if constexpr (std::is_same_v<Member, bool>)
          return app.add_flag(name, arguments.*member, text);
        else
          return app.add_option(name, arguments.*member, text);
      },
      parameter.target);
  if (!parameter.value.empty()) option->type_name(std::string(parameter.value));
  if (!std::holds_alternative<bool Arguments::*>(parameter.target)) {
    option->check(CLI::Validator(not_empty, ""));
    // Of files that are only read the name is no text of ours.
    if (!parameter.positional() || parameter.completes != Completes::files)
      option->check(CLI::Validator(utf8, ""));
  }
  if (!parameter.choices.empty()) option->check(CLI::IsMember(split(parameter.choices)));
  if (!parameter.environment.empty()) option->envname(std::string(parameter.environment));
  if (parameter.required) option->required();
  return option;
}

// What the table has no room for, from the manual.
std::string footer_of(const CommandEntry& command) {
  std::string footer;
  const CommandProse* prose = prose_of(command.name);
  if (prose != nullptr && !prose->text.empty()) footer += "\n" + wrapped(prose->text, 80, 0);
  if (prose != nullptr && !prose->examples.empty()) {
    footer += "\nExamples:\n";
    for (const std::string& line : split(prose->examples, '\n')) footer += "  " + line + "\n";
  }
  return footer + kCommandFooter;
}

// The parser of the table.
struct Parser {
  CLI::App app{
      "Tandem keeps a two-node Wazo or XiVO pair in the high-availability state that one YAML file "
      "declares."};
  Arguments arguments;
  std::vector<std::pair<CLI::App*, const CommandEntry*>> commands;

  Parser() {
    app.name("tandem");
    app.require_subcommand(1);
    app.footer(kFooter);
    app.set_version_flag("--version", fmt::format("tandem {} ({})", kVersion, kRevision),
                         "What `tandem version` prints");
    for (const Parameter& parameter : global_parameters()) add_parameter(app, arguments, parameter);
    for (const CommandEntry& command : command_table()) add_command(command);
    for (const CommandEntry& command : hidden_commands()) add_command(command)->group("");
  }

  CLI::App* add_command(const CommandEntry& command) {
    CLI::App* added = app.add_subcommand(std::string(command.name), std::string(command.text));
    added->fallthrough();
    added->footer(footer_of(command));
    for (const Parameter& parameter : command.parameters)
      add_parameter(*added, arguments, parameter);
    for (const Parameter& parameter : command.parameters)
      if (!parameter.needs.empty())
        added->get_option(std::string(spellings(parameter).front()))
            ->needs(added->get_option(std::string(parameter.needs)));
    commands.emplace_back(added, &command);
    return added;
  }

  int help() {
    if (arguments.help_of.empty()) {
      std::fputs(app.help().c_str(), stdout);
      return kExitGood;
    }
    for (const auto& [parsed, command] : commands)
      if (parsed->get_name() == arguments.help_of) {
        std::fputs(parsed->help("tandem").c_str(), stdout);
        return kExitGood;
      }
    std::fprintf(stderr, "error: there is no command '%s'\n", arguments.help_of.c_str());
    return kExitUsage;
  }
};

// The first argument that is neither an option nor the value of one: where a command is expected.
std::string first_word(const CLI::App& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with('-')) return word;
    const CLI::Option* option = app.get_option_no_throw(word);
    if (option != nullptr && option->get_items_expected_max() > 0) ++i;
  }
  return "";
}

// What is wrong with a command line, and what may have been meant.
std::string complaint(const Parser& parser, const CLI::ParseError& error, int argc, char** argv) {
  const std::string word = first_word(parser.app, argc, argv);
  std::vector<std::string> names;
  for (const CommandEntry& command : command_table()) names.emplace_back(command.name);
  const std::string all = "\nRun `tandem --help` for the commands.";
  if (word.empty()) return error.what() + all;
  if (std::find(names.begin(), names.end(), word) != names.end())
    return std::string(error.what()) + "\nRun `tandem " + word + " --help` for what it takes.";
  const std::string near = nearest(word, names);
  return "there is no command " + in_quotes(word) +
         (near.empty() ? "" : "\nDid you mean: tandem " + near + "?") + all;
}

int parse_and_run(int argc, char** argv) {
  Parser parser;
  if (argc < 2) {
    std::fputs(parser.app.help().c_str(), stdout);
    return kExitGood;
  }
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return parser.app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "error: %s\n", complaint(parser, error, argc, argv).c_str());
    return kExitUsage;
  }
  for (const auto& [parsed, command] : parser.commands)
    if (parsed->parsed())
      return command->run == nullptr ? parser.help() : command->run(parser.arguments);
  return kExitUsage;
}

// A closed one would be given to the next file that is opened, and the log written into it. Where
// nobody reads the output it must still fail as a closed one does: so it is open for reading only.
bool hold_standard_streams() {
  constexpr int kModes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(number, F_GETFD) == -1 && open("/dev/null", kModes[number]) != number) return false;
  return true;
}

}  // namespace
}  // namespace tandem

int main(int argc, char** argv) {
  if (!tandem::hold_standard_streams()) return tandem::kExitFailed;
  for (const int number : {SIGPIPE, SIGUSR1, SIGUSR2}) std::signal(number, SIG_IGN);
  mallopt(M_ARENA_MAX, tandem::kArenas);
  tandem::limit_http_threads(tandem::kHttpThreads);
  try {
    const int status = tandem::parse_and_run(argc, argv);
    // A result that nobody could read is no success.
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? status : tandem::kExitFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return tandem::kExitFailed;
  }
}
