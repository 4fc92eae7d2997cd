// Writes every generated file below a source tree: `write_reference DIR`.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "reference/files.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_reference SOURCE_DIR\n", stderr);
    return 64;
  }
  for (const auto& [path, text] : tandem::generated_files()) {
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
