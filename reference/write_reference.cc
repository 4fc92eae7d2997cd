// Writes every generated file below a source tree: `write_reference DIR`.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "reference/files.h"

namespace {

// The pages that are generated as a whole, and those with a part that is.
std::vector<tandem::GeneratedFile> all_files(const std::filesystem::path& tree) {
  auto files = tandem::generated_files();
  for (const auto& part : tandem::generated_parts()) {
    std::ifstream file(tree / part.path, std::ios::binary);
    std::ostringstream page;
    page << file.rdbuf();
    if (auto text = tandem::with_part(page.str(), part)) files.push_back({part.path, *text});
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_reference SOURCE_DIR\n", stderr);
    return 64;
  }
  for (const auto& [path, text] : all_files(argv[1])) {
    const auto target = std::filesystem::path(argv[1]) / path;
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    std::ofstream file(target, std::ios::binary);
    file << text;
    if (!file.flush()) {
      std::fprintf(stderr, "write_reference: %s can not be written\n", target.c_str());
      return 1;
    }
    std::printf("%s\n", path.c_str());
  }
  return 0;
}
