// Every generated file of the project, with its path in the source tree.
#pragma once

#include <string>
#include <vector>

namespace tandem {

struct GeneratedFile {
  std::string path;  // "docs/reference/metrics.md"
  std::string text;
};

std::vector<GeneratedFile> generated_files();

}  // namespace tandem
