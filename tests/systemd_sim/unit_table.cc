#include "tests/systemd_sim/unit_table.h"

#include <fstream>
#include <sstream>

namespace tandem::systemd_sim {

const std::string& UnitTable::name_of(const std::string& name) const {
  const auto alias = aliases.find(name);
  return alias == aliases.end() ? name : alias->second;
}

UnitRow UnitTable::row_of(const std::string& name) const {
  const auto unit = units.find(name_of(name));
  return unit == units.end() ? UnitRow{} : unit->second;
}

UnitTable read_table(const std::filesystem::path& path) {
  UnitTable table;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    UnitRow row;
    if (!(words >> name >> row.load) || name.starts_with('#')) continue;
    if (row.load == "->") {
      words >> table.aliases[name];
      continue;
    }
    if (!(words >> row.active >> row.sub >> row.file >> row.result)) continue;
    if (row.file == "-") row.file.clear();
    table.units[name] = row;
  }
  return table;
}

}  // namespace tandem::systemd_sim
