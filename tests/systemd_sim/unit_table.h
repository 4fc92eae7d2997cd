// The units of the stand-in, as its file tells them.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace tandem::systemd_sim {

// The words of org.freedesktop.systemd1.Unit and .Service.
struct UnitRow {
  std::string load = "not-found";
  std::string active = "inactive";
  std::string sub = "dead";
  std::string file;  // UnitFileState
  std::string result = "success";

  bool operator==(const UnitRow&) const = default;
};

struct UnitTable {
  std::map<std::string, UnitRow> units;
  std::map<std::string, std::string> aliases;  // to the name of a unit

  // The unit's own name; the same where it is no alias.
  const std::string& name_of(const std::string& name) const;
  // A unit that is not in the table is not found.
  UnitRow row_of(const std::string& name) const;
};

// A unit a line: its name, load, active and sub state, the state of its file ("-" for none), its
// result; or an alias, "->" and the unit's name. What is no such line is passed over.
UnitTable read_table(const std::filesystem::path& path);

}  // namespace tandem::systemd_sim
