// The contract of Units, held by the units in memory.
#include "tests/contracts/units_contract.h"

#include <boost/asio/io_context.hpp>
#include <string>

#include "tests/fakes/fake_units.h"

namespace tandem {
namespace {

struct MemoryUnits {
  MemoryUnits() {
    fake.units = {{"pbx-idle.service", fakes::stopped_unit("static")},
                  {"pbx-busy.service", fakes::running_unit("static")},
                  {"pbx-broken.service", fakes::stopped_unit("static")},
                  {"pbx-enabled.service", fakes::stopped_unit("enabled")},
                  {"pbx-disabled.service", fakes::stopped_unit("disabled")},
                  {"pbx-masked.service", {"masked", "inactive", "dead", "masked", "", "success"}}};
    fake.aliases = {{"pbx-alias.service", "pbx-busy.service"}};
  }

  Units& units() { return fake; }
  void start(const std::string& name) { fake.set(name, fakes::running_unit("static")); }
  void stop(const std::string& name) { fake.set(name, fakes::stopped_unit("static")); }
  void fail(const std::string& name) { fake.set(name, fakes::failed_unit("exit-code", "static")); }
  void kill(const std::string& name) { fake.set(name, fakes::failed_unit("signal", "static")); }
  void lose_bus() { fake.lose_bus(); }
  void find_bus() { fake.find_bus(); }

  boost::asio::io_context io;
  fakes::FakeUnits fake;
};

INSTANTIATE_TYPED_TEST_SUITE_P(UnitsContractInMemory, UnitsContract, MemoryUnits);

}  // namespace
}  // namespace tandem
