#include <fmt/format.h>

#include <set>

#include "app/completion/completion.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kHead =
    R"sh(# bash completion of tandem, made by `tandem completion bash`:
#   tandem completion bash > /usr/share/bash-completion/completions/tandem
_tandem() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' topic='' word
  local -i i before=0
  COMPREPLY=()
  # bash makes a word of the '=' in --output=json.
  if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
)sh";

constexpr std::string_view kAfterOptions = R"sh(        i+=1
        [ "${COMP_WORDS[i]}" != = ] || i+=1
        ;;
      -*) ;;
      *)
        if [ -z "$command" ]; then
          command=$word
        else
          [ "$before" -gt 0 ] || topic=$word
          before+=1
        fi
        ;;
    esac
  done
)sh";

constexpr std::string_view kTail = R"sh(}
# What answers at the operator's port is not trusted: compgen -W would run what it tells.
_tandem_names() {
  local name
  while IFS= read -r name; do
    [[ $name =~ ^[A-Za-z0-9-]+$ && $name == "$2"* ]] && COMPREPLY+=("$name")
  done < <(@names@)
}
complete -F _tandem tandem
)sh";

std::string words(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

std::string offer(const std::string& list) {
  return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")", list);
}

// What completes a value of the parameter; empty: nothing does.
std::string action(const Parameter& parameter) {
  if (!parameter.choices.empty()) return offer(words(split(parameter.choices)));
  switch (parameter.completes) {
    case Completes::nothing: return "";
    case Completes::files:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
    case Completes::folders:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
    case Completes::fields: return offer(words(explainable_fields()));
    case Completes::names: return "_tandem_names \"$topic\" \"$cur\"";
    case Completes::commands: {
      std::vector<std::string> names;
      for (const CommandEntry& command : command_table()) names.emplace_back(command.name);
      return offer(words(names));
    }
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

void add_values(std::string& script, std::string_view command,
                std::span<const Parameter> parameters) {
  for (const Parameter& parameter : parameters) {
    if (parameter.positional() || parameter.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const auto& spelling : spellings(parameter))
      patterns.push_back(fmt::format("{}:{}", command, spelling));
    const std::string act = action(parameter);
    script += fmt::format("    {})\n      {}\n      return\n      ;;\n", fmt::join(patterns, " | "),
                          act.empty() ? ":" : act);
  }
}

std::set<std::string> options_with_value() {
  std::set<std::string> result;
  const auto add = [&](std::span<const Parameter> parameters) {
    for (const Parameter& parameter : parameters)
      if (!parameter.value.empty())
        for (const auto& spelling : spellings(parameter)) result.insert(spelling);
  };
  add(global_parameters());
  for (const CommandEntry& command : command_table()) add(command.parameters);
  return result;
}

std::vector<std::string> option_words(const CommandEntry& command) {
  std::vector<std::string> result;
  for (const auto parameters : {command.parameters, global_parameters()})
    for (const Parameter& parameter : parameters)
      for (const auto& spelling : spellings(parameter))
        if (!parameter.positional()) result.push_back(spelling);
  result.emplace_back("--help");
  return result;
}

void add_positionals(std::string& script, const CommandEntry& command) {
  std::size_t place = 0;
  for (const Parameter& parameter : command.parameters) {
    if (!parameter.positional()) continue;
    const std::string act = action(parameter);
    const bool many =
        std::holds_alternative<std::vector<std::string> Arguments::*>(parameter.target);
    if (!act.empty())
      script +=
          fmt::format("    {}:{}) {} ;;\n", command.name, many ? "*" : std::to_string(place), act);
    ++place;
  }
}

}  // namespace

std::string bash_completion() {
  std::string script(kHead);
  script += fmt::format("      {})\n", fmt::join(options_with_value(), " | "));
  script += kAfterOptions;

  script += "  case $command:$prev in\n";
  for (const CommandEntry& command : command_table())
    add_values(script, command.name, command.parameters);
  add_values(script, "*", global_parameters());
  script += "  esac\n  if [[ $cur == -* ]]; then\n    case $command in\n";
  for (const CommandEntry& command : command_table())
    script += fmt::format("      {}) {} ;;\n", command.name, offer(words(option_words(command))));
  script += fmt::format("      *) {} ;;\n", offer(words(option_words({"", "", {}, nullptr}))));
  script += "    esac\n    return\n  fi\n  case $command:$before in\n";
  std::vector<std::string> names;
  for (const CommandEntry& command : command_table()) names.emplace_back(command.name);
  script += fmt::format("    :0) {} ;;\n", offer(words(names)));
  for (const CommandEntry& command : command_table()) add_positionals(script, command);
  script += "  esac\n";
  script += kTail;
  script.replace(script.find("@names@"), 7, names_command("\"$1\""));
  return script;
}

}  // namespace tandem
