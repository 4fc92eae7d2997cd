// Texts of the two kinds to start tests from.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "core/spec.h"

namespace tandem::samples {

// The shortest good pair: lines 1 to 8. `more` goes below spec, from line 9 on.
inline std::string pair(std::string_view more = "") {
  return fmt::format(
      "apiVersion: tandem.ha/v1alpha1\n"
      "kind: HAPair\n"
      "metadata: {{ name: montreal }}\n"
      "spec:\n"
      "  product: wazo\n"
      "  primary:   {{ name: pbx-a, address: 192.0.2.10 }}\n"
      "  secondary: {{ name: pbx-b, address: 192.0.2.11 }}\n"
      "  restart: advise\n"
      "{}",
      more);
}

// Likewise, `more` from line 4 on.
inline std::string operator_config(std::string_view more = "  node: pbx-a\n") {
  return fmt::format("apiVersion: tandem.ha/v1alpha1\nkind: OperatorConfig\nspec:\n{}", more);
}

// The problems as lines, file name "f"; empty if the text is good.
template <class T>
std::string problems(const Parsed<T>& parsed) {
  std::string lines;
  if (parsed) return lines;
  for (const auto& problem : parsed.error())
    lines += (lines.empty() ? "" : "\n") + to_string(problem);
  return lines;
}

inline std::string pair_problems(std::string_view text) { return problems(parse_pair(text, "f")); }

inline std::string file(const std::string& path) {
  std::ifstream stream(std::string(TANDEM_SOURCE_DIR "/") + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace tandem::samples
