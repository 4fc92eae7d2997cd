#include <fmt/format.h>

#include "app/completion/completion.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kHead =
    R"sh(# fish completion of tandem, made by `tandem completion fish`:
#   tandem completion fish > /usr/share/fish/vendor_completions.d/tandem.fish
function __tandem_arguments -d 'How many arguments stand behind the command'
    set -l words (commandline -opc)
    set -l count 0
    set -l skip 0
    for word in $words[2..-1]
        if test $skip -eq 1
            set skip 0
        else if contains -- $word @valued@
            set skip 1
        else if not string match -q -- '-*' $word
            set count (math $count + 1)
        end
    end
    test $count -gt 0; and math $count - 1; or echo none
end
function __tandem_topic -d 'What tandem get is asked for'
    set -l words (commandline -opc)
    set -l at (contains -i -- get $words); and echo $words[(math $at + 1)]
end
complete -c tandem -f
)sh";

std::string single_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

// Where the values of a parameter come from, as options of `complete`.
std::string source(const Parameter& parameter) {
  if (!parameter.choices.empty())
    return fmt::format("-xa {}",
                       single_quoted(fmt::format("{}", fmt::join(split(parameter.choices), " "))));
  switch (parameter.completes) {
    case Completes::nothing: return "-x";
    case Completes::files: return "-rF";
    case Completes::folders: return "-xa '(__fish_complete_directories)'";
    case Completes::fields:
      return fmt::format("-xa {}",
                         single_quoted(fmt::format("{}", fmt::join(explainable_fields(), " "))));
    case Completes::names:
      return fmt::format("-xa {}", single_quoted("(" + names_command("(__tandem_topic)") + ")"));
    case Completes::commands: {
      std::string names;
      for (const CommandEntry& command : command_table()) names += fmt::format("{} ", command.name);
      return fmt::format("-xa {}", single_quoted(names));
    }
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

void add_option(std::string& script, std::string_view condition, const Parameter& parameter) {
  script += "complete -c tandem";
  if (!condition.empty()) script += fmt::format(" -n {}", single_quoted(condition));
  for (const auto& name : spellings(parameter))
    script += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                     : fmt::format(" -s {}", name.substr(1));
  if (!parameter.value.empty()) script += " " + source(parameter);
  script += fmt::format(" -d {}\n", single_quoted(parameter.text));
}

std::string valued_options() {
  std::string result;
  const auto add = [&](std::span<const Parameter> parameters) {
    for (const Parameter& parameter : parameters)
      if (!parameter.value.empty())
        for (const auto& name : spellings(parameter)) result += name + " ";
  };
  add(global_parameters());
  for (const CommandEntry& command : command_table()) add(command.parameters);
  return result;
}

}  // namespace

std::string fish_completion() {
  std::string script(kHead);
  script.replace(script.find("@valued@"), 8, valued_options());
  for (const Parameter& parameter : global_parameters()) add_option(script, "", parameter);
  for (const CommandEntry& command : command_table()) {
    script += fmt::format("complete -c tandem -n 'test (__tandem_arguments) = none' -a {} -d {}\n",
                          command.name, single_quoted(command.text));
    const std::string here = fmt::format("__fish_seen_subcommand_from {}", command.name);
    std::size_t place = 0;
    for (const Parameter& parameter : command.parameters) {
      if (!parameter.positional()) {
        add_option(script, here, parameter);
        continue;
      }
      const bool many =
          std::holds_alternative<std::vector<std::string> Arguments::*>(parameter.target);
      script += fmt::format("complete -c tandem -n {} {}\n",
                            single_quoted(fmt::format("{}; and test (__tandem_arguments) {} {}",
                                                      here, many ? "-ge" : "-eq", place)),
                            source(parameter));
      ++place;
    }
  }
  return script;
}

}  // namespace tandem
