#include "tests/systemd_sim/systemd_objects.h"

#include <chrono>
#include <utility>

namespace tandem::systemd_sim {
namespace {

constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
constexpr const char* kService = "org.freedesktop.systemd1.Service";

}  // namespace

std::string object_path(const std::string& unit) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string path = "/org/freedesktop/systemd1/unit/";
  bool first = true;
  for (const char c : unit) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (!first && c >= '0' && c <= '9'))
      path += c;
    else
      path += std::string("_") + kDigits[byte >> 4U] + kDigits[byte & 15U];
    first = false;
  }
  return path;
}

SystemdObjects::SystemdObjects(sdbus::IConnection& connection, UnitTable table)
    : connection_(connection), table_(std::move(table)) {
  note_times({});
  add_manager();
  for (const auto& [name, row] : table_.units) add_unit(name);
  connection_.requestName("org.freedesktop.systemd1");
}

void SystemdObjects::add_manager() {
  manager_ = sdbus::createObject(connection_, "/org/freedesktop/systemd1");
  manager_->registerMethod("Subscribe").onInterface(kManager).implementedAs([] {});
  manager_->registerMethod("Unsubscribe").onInterface(kManager).implementedAs([] {});
  manager_->registerMethod("ListUnitsByNames")
      .onInterface(kManager)
      .implementedAs([this](const std::vector<std::string>& names) { return list(names); });
  manager_->registerMethod("GetUnitFileState")
      .onInterface(kManager)
      .implementedAs([this](const std::string& name) { return file_state(name); });
  manager_->finishRegistration();
}

void SystemdObjects::add_unit(const std::string& name) {
  auto object = sdbus::createObject(connection_, object_path(name));
  const auto property = [&](const char* interface, const char* word, std::string UnitRow::*member) {
    object->registerProperty(word).onInterface(interface).withGetter(
        [this, name, member] { return row_of(name).*member; });
  };
  property(kUnit, "LoadState", &UnitRow::load);
  property(kUnit, "ActiveState", &UnitRow::active);
  property(kUnit, "SubState", &UnitRow::sub);
  property(kUnit, "UnitFileState", &UnitRow::file);
  property(kService, "Result", &UnitRow::result);
  object->registerProperty("ActiveEnterTimestamp").onInterface(kUnit).withGetter([this, name] {
    const std::lock_guard lock(guard_);
    return active_since_[name];
  });
  object->finishRegistration();
  units_[name] = std::move(object);
}

void SystemdObjects::change_to(const UnitTable& table) {
  std::vector<std::string> changed;
  {
    const std::lock_guard lock(guard_);
    for (const auto& [name, row] : table.units)
      if (table_.row_of(name) != row) changed.push_back(name);
    for (const auto& [name, row] : table_.units)
      if (!table.units.contains(name)) changed.push_back(name);
    const UnitTable before = std::exchange(table_, table);
    note_times(before);
  }
  for (const std::string& name : changed) {
    if (!units_.contains(name)) add_unit(name);
    units_.at(name)->emitPropertiesChangedSignal(kUnit, {"ActiveState", "SubState"});
    units_.at(name)->emitPropertiesChangedSignal(kService, {"Result"});
  }
}

void SystemdObjects::note_times(const UnitTable& before) {
  using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::system_clock;
  const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  for (const auto& [name, row] : table_.units)
    if (row.active == "active" && before.row_of(name).active != "active")
      active_since_[name] = static_cast<std::uint64_t>(now);
}

UnitRow SystemdObjects::row_of(const std::string& name) {
  const std::lock_guard lock(guard_);
  return table_.row_of(name);
}

// In the order of the names. No unit of the stand-in has a job that waits.
std::vector<SystemdObjects::Listed> SystemdObjects::list(const std::vector<std::string>& names) {
  std::vector<Listed> all;
  const std::lock_guard lock(guard_);
  for (const std::string& name : names) {
    const std::string own = table_.name_of(name);
    const UnitRow row = table_.row_of(own);
    all.push_back({own, own, row.load, row.active, row.sub, std::string(), object_path(own), 0U,
                   std::string(), sdbus::ObjectPath("/")});
  }
  return all;
}

std::string SystemdObjects::file_state(const std::string& name) {
  const UnitRow row = row_of(name);
  if (row.file.empty())
    throw sdbus::Error("org.freedesktop.DBus.Error.FileNotFound", "No such file or directory");
  return row.file;
}

}  // namespace tandem::systemd_sim
