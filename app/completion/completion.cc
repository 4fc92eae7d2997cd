#include "app/completion/completion.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/commands/commands.h"
#include "core/field_text.h"
#include "core/fields.h"
#include "core/wording.h"

namespace tandem {

std::vector<std::string> explainable_fields() {
  std::vector<std::string> result{std::string(kPairKind), std::string(kOperatorKind)};
  for (const auto rows : {pair_rows(), operator_rows()})
    for (const Field& row : rows.subspan(1)) {
      const std::string path = typed_path(row);
      const bool known = std::find(result.begin(), result.end(), path) != result.end();
      if (!known && path.find("ID") == std::string::npos) result.push_back(path);
    }
  return result;
}

std::vector<std::string> spellings(const Parameter& parameter) {
  return split(parameter.name, ',');
}

std::string names_command(std::string_view topic) {
  return fmt::format("timeout 0.2 tandem get {} -o name 2>/dev/null", topic);
}

int completion_command(const std::string& shell) {
  fmt::print("{}", shell == "bash"  ? bash_completion()
                   : shell == "zsh" ? zsh_completion()
                                    : fish_completion());
  return kExitGood;
}

}  // namespace tandem
