#include "tests/wazo_sim/disk.h"

#include <fstream>
#include <sstream>
#include <system_error>

namespace tandem::wazo_sim {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  auto fresh = path;
  fresh += ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out)
      throw std::filesystem::filesystem_error("cannot write", fresh,
                                              std::make_error_code(std::errc::io_error));
  }
  std::filesystem::rename(fresh, path);
}

std::optional<Json> read_json(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return parse_json(text.str());
}

}  // namespace tandem::wazo_sim
