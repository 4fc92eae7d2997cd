// The completion scripts of the shells, made from the table of commands and that of fields. Names
// of resources and conditions are asked of the running operator, for 200 ms at most.
#pragma once

#include <string>
#include <vector>

#include "app/command_table.h"

namespace tandem {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

// Shared by the three:

// Every field as `explain` takes it.
std::vector<std::string> explainable_fields();

// "-o,--output" -> {"-o", "--output"}.
std::vector<std::string> spellings(const Parameter& parameter);

// The command that prints the names that `tandem get TOPIC` knows.
std::string names_command(std::string_view topic);

}  // namespace tandem
