#include "app/manual/manual.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr std::string_view kPages[] = {"tandem.1", "tandem-pair.yaml.5", "tandem-operator.yaml.5"};

}  // namespace

std::span<const std::string_view> manual_pages() { return kPages; }

std::string manual_page(std::string_view name) {
  if (name == kPages[0]) return command_manual();
  if (name == kPages[1]) return kind_manual(pair_fields(), "tandem-pair.yaml", "TANDEM-PAIR.YAML");
  if (name == kPages[2])
    return kind_manual(operator_fields(), "tandem-operator.yaml", "TANDEM-OPERATOR.YAML");
  return "";
}

}  // namespace tandem
