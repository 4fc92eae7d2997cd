// The contracts of Units and of Process, held by a real systemd.
#include "tests/contracts/systemd_machine.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "ports/dbus_units.h"
#include "ports/transient_process.h"
#include "tests/contracts/process_contract.h"
#include "tests/contracts/units_contract.h"

namespace tandem {
namespace {

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

  SystemdMachine& machine = booted_machine();
  boost::asio::io_context io;
  SystemBus bus{io.get_executor(), machine.bus_address()};
  DbusUnits dbus{bus};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Systemd, UnitsContract, MachineUnits);

struct TransientUnits {
  static constexpr bool kKnowsTheEnd = true;

  struct Operator {
    explicit Operator(const SystemdMachine& machine)
        : bus(io.get_executor(), machine.bus_address()), programs(bus, machine.path("")) {}
    Process& process() { return programs; }

    boost::asio::io_context io;
    SystemBus bus;
    TransientProcess programs;
  };

  TransientUnits() {
    machine.start_bus();
    std::filesystem::remove_all(machine.path("work"));
    std::filesystem::create_directory(machine.path("work"));
  }

  std::unique_ptr<Operator> make_operator() const { return std::make_unique<Operator>(machine); }
  std::string inside(const std::string& name) const { return "/work/" + name; }
  std::string outside(const std::string& name) const { return machine.path("work/" + name); }
  bool runs(const std::string& pid) const {
    return std::filesystem::exists(machine.process_folder(pid));
  }
  void end(const std::string& pid) const { machine.run({"/bin/kill", "-9", pid}); }

  SystemdMachine& machine = booted_machine();
};

INSTANTIATE_TYPED_TEST_SUITE_P(Systemd, ProcessContract, TransientUnits);

class StopsMachine : public testing::Environment {
 public:
  void TearDown() override { stop_booted_machine(); }
};
const auto* const kStops = testing::AddGlobalTestEnvironment(new StopsMachine);

}  // namespace
}  // namespace tandem
