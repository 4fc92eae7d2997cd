// The contract of Units, held by a real systemd; and what only a real one can show.
#include "tests/contracts/systemd_machine.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "ports/dbus_units.h"
#include "tests/contracts/units_contract.h"

namespace tandem {
namespace {

// One machine for all: it boots when the first test needs it.
std::optional<SystemdMachine> machine_of_all;

SystemdMachine& booted() {
  if (!machine_of_all) machine_of_all.emplace();
  return *machine_of_all;
}

struct MachineUnits {
  MachineUnits() {
    machine.start_bus();
    machine.systemctl({"stop", "pbx-idle.service", "pbx-broken.service"});
    machine.systemctl({"start", "pbx-busy.service"});
    machine.systemctl({"reset-failed"});
  }

  Units& units() { return dbus; }
  void start(const std::string& name) { machine.systemctl({"start", name}); }
  void stop(const std::string& name) { machine.systemctl({"stop", name}); }
  void fail(const std::string& name) {
    machine.run({"/bin/sh", "-c", "systemctl start " + name + " || true"});
  }
  void kill(const std::string& name) { machine.systemctl({"kill", "--signal=KILL", name}); }
  void lose_bus() { machine.stop_bus(); }
  void find_bus() { machine.start_bus(); }

  SystemdMachine& machine = booted();
  boost::asio::io_context io;
  SystemBus bus{io.get_executor(), machine.bus_address()};
  DbusUnits dbus{bus};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Systemd, UnitsContract, MachineUnits);

class StopsMachine : public testing::Environment {
 public:
  void TearDown() override { machine_of_all.reset(); }
};
const auto* const kStops = testing::AddGlobalTestEnvironment(new StopsMachine);

}  // namespace
}  // namespace tandem
