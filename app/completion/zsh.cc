#include <fmt/format.h>

#include "app/completion/completion.h"
#include "core/wording.h"

namespace tandem {
namespace {

// clang-format off
constexpr std::string_view kHead = R"sh(#compdef tandem
# zsh completion of tandem, made by `tandem completion zsh`:
#   tandem completion zsh > /usr/share/zsh/vendor-completions/_tandem
_tandem_names() {
  local -a names
  names=(${(f)"$(@names@)"})
  compadd -a names
}

_tandem() {
  local context state state_descr line
  typeset -A opt_args
  local -a globals commands
)sh";

// clang-format on
constexpr std::string_view kTail = R"sh(
# Loaded by compinit, the file is the function; sourced, it registers itself.
if [[ $funcstack[1] == _tandem ]]; then _tandem "$@"; else compdef _tandem tandem; fi
)sh";

// For a description inside [ ] within single quotes.
std::string described(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c == '\'' ? '"' : c;
  }
  return result;
}

std::string action(const Parameter& parameter) {
  if (!parameter.choices.empty())
    return fmt::format("({})", fmt::join(split(parameter.choices), " "));
  switch (parameter.completes) {
    case Completes::nothing: return " ";
    case Completes::files: return "_files";
    case Completes::folders: return "_files -/";
    case Completes::fields: return fmt::format("({})", fmt::join(explainable_fields(), " "));
    case Completes::names: return "_tandem_names";
    case Completes::commands: return "($commands_only)";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

// One specification of _arguments.
std::string specification(const Parameter& parameter) {
  if (parameter.positional()) {
    const bool many =
        std::holds_alternative<std::vector<std::string> Arguments::*>(parameter.target);
    return fmt::format("'{}:{}:{}'", many ? "*" : "", parameter.name, action(parameter));
  }
  const auto names = spellings(parameter);
  const std::string value =
      parameter.value.empty()
          ? ""
          : fmt::format(":{}:{}", described(parameter.value), action(parameter));
  const char* const equals = parameter.value.empty() ? "" : "=";
  if (names.size() == 1)
    return fmt::format("'{}{}[{}]{}'", names[0], equals, described(parameter.text), value);
  return fmt::format("'({0} {1})'{{{0},{1}{2}}}'[{3}]{4}'", names[0], names[1], equals,
                     described(parameter.text), value);
}

std::string specifications(std::span<const Parameter> parameters, std::string_view margin) {
  std::string result;
  for (const Parameter& parameter : parameters)
    result += fmt::format("{}{} \\\n", margin, specification(parameter));
  return result;
}

}  // namespace

std::string zsh_completion() {
  std::string script(kHead);
  script.replace(script.find("@names@"), 7, names_command("\"$line[1]\""));
  script += "  globals=(\n";
  for (const Parameter& parameter : global_parameters())
    script += fmt::format("    {}\n", specification(parameter));
  script += "    '--help[Show help]'\n  )\n  commands=(\n";
  std::string names;
  for (const CommandEntry& command : command_table()) {
    script += fmt::format("    '{}:{}'\n", command.name, described(command.text));
    names += fmt::format("{} ", command.name);
  }
  script += "  )\n";
  script +=
      "  _arguments -C $globals '1: :->command' '*:: :->rest'\n"
      "  case $state in\n    command) _describe -t commands command commands ;;\n"
      "    rest)\n      case $words[1] in\n";
  for (const CommandEntry& command : command_table()) {
    std::string specs = specifications(command.parameters, "            ");
    const auto at = specs.find("$commands_only");
    if (at != std::string::npos) specs.replace(at, 14, names);
    script += fmt::format(
        "        {})\n          _arguments $globals \\\n{}            && return\n          ;;\n",
        command.name, specs);
  }
  script += "      esac\n      ;;\n  esac\n}\n";
  script += kTail;
  return script;
}

}  // namespace tandem
