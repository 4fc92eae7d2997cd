// What a client of systemd sees on the bus: the manager, and an object for each unit.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/systemd_sim/unit_table.h"

namespace tandem::systemd_sim {

// As systemd names a unit's object: every byte but letters and digits is _ and two hex digits.
std::string object_path(const std::string& unit);

class SystemdObjects {
 public:
  // Takes the name org.freedesktop.systemd1.
  SystemdObjects(sdbus::IConnection& connection, UnitTable table);

  // Each unit that differs sends PropertiesChanged.
  void change_to(const UnitTable& table);

 private:
  using Listed =
      sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string,
                    sdbus::ObjectPath, std::uint32_t, std::string, sdbus::ObjectPath>;

  void add_manager();
  void add_unit(const std::string& name);
  UnitRow row_of(const std::string& name);
  std::vector<Listed> list(const std::vector<std::string>& names);
  std::string file_state(const std::string& name);
  // Notes the time of those that are active now and were not before. Under the guard.
  void note_times(const UnitTable& before);

  sdbus::IConnection& connection_;
  std::mutex guard_;  // of the table: the bus is served by a thread of the library
  UnitTable table_;
  std::map<std::string, std::uint64_t> active_since_;  // microseconds since 1970
  std::unique_ptr<sdbus::IObject> manager_;
  std::map<std::string, std::unique_ptr<sdbus::IObject>> units_;
};

}  // namespace tandem::systemd_sim
