// The units of the systemd at the other end of the system bus.
#pragma once

#include "ports/system_bus.h"
#include "ports/units.h"

namespace tandem {

class DbusUnits : public Units {
 public:
  explicit DbusUnits(SystemBus& bus) : bus_(bus) {}

  Task<Result<std::map<std::string, UnitState>>> states(std::vector<std::string> names) override;
  std::unique_ptr<UnitWatch> watch(std::set<std::string> names) override;

 private:
  SystemBus& bus_;
  // What systemd calls a unit: object path by the name asked for. An alias has another's.
  std::shared_ptr<std::map<std::string, std::string>> paths_ =
      std::make_shared<std::map<std::string, std::string>>();
};

}  // namespace tandem
