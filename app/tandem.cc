// main(): the list of commands.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "app/commands/commands.h"
#include "app/options.h"
#include "app/run.h"
#include "core/wording.h"
#include "ports/cpprest_http.h"

namespace tandem {
namespace {

constexpr int kHttpThreads = 4;  // of cpprestsdk's pool, which would be 40

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
    "\nExit status: 0 good, 1 failed, 2 changes (plan) or degraded (status), 64 wrong usage.\n"
    "Environment: TANDEM_OPERATOR, TANDEM_PAIR, TANDEM_NODE, TANDEM_ROOT, TANDEM_LISTEN,\n"
    "TANDEM_STATE_DIR, NO_COLOR. Flags win over the environment, that over the operator file.\n";

struct Arguments {
  Options options;
  std::vector<std::string> files;
  std::string field, what, output, help_of;
  bool no_headers = false;
  ApplyFlags apply;
};

void add_global_options(CLI::App& app, Options& options) {
  app.add_option("--operator", options.operator_file,
                 "Operator file (default /etc/tandem/operator.yaml)")
      ->envname("TANDEM_OPERATOR")
      ->type_name("FILE");
  app.add_option("--pair", options.pair, "Declaration of the pair")
      ->envname("TANDEM_PAIR")
      ->type_name("FILE");
  app.add_option("--node", options.node, "Name of this node in the pair")
      ->envname("TANDEM_NODE")
      ->type_name("NAME");
  app.add_option("--root", options.root, "Prefix of every managed path")
      ->envname("TANDEM_ROOT")
      ->type_name("DIR");
  app.add_option("--listen", options.listen, "Address of the plain listener")
      ->envname("TANDEM_LISTEN")
      ->type_name("IP:PORT");
  app.add_option("--state-dir", options.state_dir, "Where the operator keeps what must last")
      ->envname("TANDEM_STATE_DIR")
      ->type_name("DIR");
  app.add_flag("--no-color", options.no_color, "Never colour the output");
}

CLI::Option* add_output(CLI::App* command, std::string& output,
                        const std::vector<std::string>& forms) {
  output = "";
  return command->add_option("-o,--output", output, "Form of the output")
      ->check(CLI::IsMember(forms))
      ->type_name("FORM");
}

// Each command with what runs it; the order is the one of --help.
using Run = std::function<int()>;

struct Commands {
  CLI::App& app;
  Arguments& arguments;
  std::vector<std::pair<CLI::App*, Run>> list;

  CLI::App* add(const char* name, const char* text, Run run) {
    CLI::App* command = app.add_subcommand(name, text);
    command->fallthrough();
    command->footer(kCommandFooter);
    list.emplace_back(command, std::move(run));
    return command;
  }
};

int with_config(const Options& options, int (*run)(const OperatorConfig&)) {
  const auto config = load_config(options);
  if (config.ok()) return run(config.value());
  print_error(options, config.error().message);
  return kExitFailed;
}

void add_operator_commands(Commands& commands) {
  Arguments& a = commands.arguments;
  commands.add("run", "Keep this node as declared until SIGTERM",
               [&a] { return with_config(a.options, run_operator); });
  auto* plan = commands.add("plan", "Show what would change on this node; exit 2 if anything",
                            [&a] { return plan_command(a.options, a.output); });
  add_output(plan, a.output, {"text", "json"});
  auto* apply = commands.add("apply", "Make one converging pass, then exit", [&a] {
    a.apply.output = a.output;
    return apply_command(a.options, a.apply);
  });
  apply->add_flag("--now", a.apply.now, "Also make changes beyond spec.changes.allow");
  auto* structural = apply->add_flag(
      "--structural", a.apply.structural,
      "Put a structural change (enabled, product, names, addresses, roles) in force");
  auto* reason =
      apply->add_option("--reason", a.apply.reason, "Why, for the record")->type_name("TEXT");
  structural->needs(reason);
  add_output(apply, a.output, {"text", "json"});
}

void add_looking_commands(Commands& commands) {
  Arguments& a = commands.arguments;
  auto* status = commands.add("status", "Show how this node is; exit 2 if degraded",
                              [&a] { return status_command(a.options, a.output); });
  add_output(status, a.output, {"text", "wide", "json", "yaml"});
  auto* get = commands.add("get", "List conditions or resources",
                           [&a] { return get_command(a.options, a.what, a.output, a.no_headers); });
  get->add_option("WHAT", a.what, "conditions or resources")
      ->required()
      ->check(CLI::IsMember({"conditions", "resources"}));
  get->add_flag("--no-headers", a.no_headers, "Only the rows");
  add_output(get, a.output, {"table", "wide", "json", "yaml", "name"});
  commands.add("health", "Exit 0 if the operator of this node is ready",
               [&a] { return health_command(a.options); });
}

void add_reading_commands(Commands& commands) {
  Arguments& a = commands.arguments;
  auto* validate = commands.add("validate", "Read files of either kind strictly",
                                [&a] { return validate_command(a.files, a.options); });
  validate->add_option("FILE", a.files, "Files to read")->required();
  auto* explain =
      commands.add("explain", "Tell what a field means", [&a] { return explain_command(a.field); });
  explain->add_option("FIELD", a.field, "As in spec.sip.expiry; none lists the top");
  auto* version =
      commands.add("version", "Show the version", [&a] { return version_command(a.output); });
  add_output(version, a.output, {"text", "json"});
  auto* help = commands.add("help", "Show the help of a command", [&commands, &a] {
    for (const auto& [command, run] : commands.list)
      if (command->get_name() == a.help_of || a.help_of.empty()) {
        std::fputs((a.help_of.empty() ? commands.app.help() : command->help("tandem")).c_str(),
                   stdout);
        return kExitGood;
      }
    std::fprintf(stderr, "error: there is no command '%s'\n", a.help_of.c_str());
    return kExitUsage;
  });
  help->add_option("COMMAND", a.help_of, "Name of a command");
}

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
std::string complaint(const Commands& commands, const CLI::ParseError& error, int argc,
                      char** argv) {
  const std::string word = first_word(commands.app, argc, argv);
  std::vector<std::string> names;
  for (const auto& [command, run] : commands.list) names.push_back(command->get_name());
  if (word.empty() || std::find(names.begin(), names.end(), word) != names.end())
    return error.what();
  const std::string near = nearest(word, names);
  return "there is no command " + in_quotes(word) +
         (near.empty() ? "" : "\nDid you mean: tandem " + near + "?");
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{
      "Tandem keeps a two-node Wazo or XiVO pair in the high-availability state that one YAML file "
      "declares."};
  app.name("tandem");
  app.require_subcommand(1);
  app.footer(kFooter);
  Arguments arguments;
  add_global_options(app, arguments.options);
  Commands commands{app, arguments, {}};
  add_operator_commands(commands);
  add_looking_commands(commands);
  add_reading_commands(commands);

  if (argc < 2) {
    std::fputs(app.help().c_str(), stdout);
    return kExitGood;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "error: %s\nRun `tandem --help` for the commands.\n",
                 complaint(commands, error, argc, argv).c_str());
    return kExitUsage;
  }
  for (const auto& [command, run] : commands.list)
    if (command->parsed()) return run();
  return kExitUsage;
}

}  // namespace
}  // namespace tandem

int main(int argc, char** argv) {
  for (const int number : {SIGPIPE, SIGUSR1, SIGUSR2}) std::signal(number, SIG_IGN);
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
