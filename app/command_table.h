// The table of commands: the parser of the command line, the help and the completions of the shells
// follow it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/commands/commands.h"
#include "app/options.h"

namespace tandem {

// Everything that a command line can say.
struct Arguments : Options {
  std::vector<std::string> files;
  std::vector<std::string> names;
  std::string topic, field, shell, help_of;
  std::string output;
  bool no_headers = false;
  bool now = false, structural = false;
  std::string reason;
  std::string product, role, address, peer_address, peer_name, write;
  std::string pair_name = "ha-pair";
  std::string accept_host_key, peer_command;
  std::string dir, days, out;
  bool authorize = false, print_authorized_key = false;
  std::optional<std::string> tenant;
  bool accept_failures = false;
  std::optional<std::string> force_reason;
  bool confirm_direction = false, undo = false;
  std::string apply;
  std::optional<std::string> user;
  bool discard = false;
  bool force = false, yes = false;
  std::optional<std::string> since, event_type, lasts, until, timeout;
  bool watch = false, take_over = false, end = false, no_wait = false, test = false;
};

// What a shell offers where a value is due; choices come first.
enum class Completes { nothing, files, folders, fields, names, commands };

using Target =
    std::variant<bool Arguments::*, std::string Arguments::*,
                 std::optional<std::string> Arguments::*, std::vector<std::string> Arguments::*>;

// An option ("-o,--output") or a positional argument ("FILE").
struct Parameter {
  std::string_view name;
  std::string_view value;  // what the help calls the value: "FORM"; empty: a flag or a positional
  std::string_view text;   // one line for the help
  Target target;
  std::string_view choices = {};  // "text|json"
  Completes completes = Completes::nothing;
  bool required = false;
  std::string_view needs = {};        // another option that must be given with this one
  std::string_view environment = {};  // the variable that stands in for the option

  bool positional() const { return !name.starts_with('-'); }
};

struct CommandEntry {
  std::string_view name;
  std::string_view text;  // one line for the help
  std::span<const Parameter> parameters;
  int (*run)(const Arguments&);
};

std::span<const Parameter> global_parameters();

// In the order of `tandem --help`. The parser itself answers `help`.
std::span<const CommandEntry> command_table();

// What other programs run and no person types: parsed, but in no help and no completion.
std::span<const CommandEntry> hidden_commands();

}  // namespace tandem
