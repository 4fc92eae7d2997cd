// The worlds of the contract of Units: each has the same units, which are started, stopped and
// killed by somebody else than Tandem.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "tests/fakes/fake_units.h"

namespace tandem {

struct MemoryUnits {
  static constexpr const char* kName = "Memory";

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

using UnitWorlds = testing::Types<MemoryUnits>;

}  // namespace tandem
