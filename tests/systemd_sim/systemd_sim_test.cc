// The contract of Units, held by the stand-in for systemd on a real bus.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "ports/dbus_units.h"
#include "tests/contracts/units_contract.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

constexpr std::chrono::milliseconds kLook{5};
constexpr int kLooksMax = 4000;

// A program of the test's own, which ends with it.
pid_t start_program(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork_bound();
  if (child != 0) return child;
  execv(argv[0], argv.data());
  _exit(127);
}

struct StandInUnits {
  StandInUnits() {
    std::filesystem::create_directory(folder / "units");
    lines = {{"pbx-idle.service", "loaded inactive dead static success"},
             {"pbx-busy.service", "loaded active running static success"},
             {"pbx-broken.service", "loaded inactive dead static success"},
             {"pbx-enabled.service", "loaded inactive dead enabled success"},
             {"pbx-disabled.service", "loaded inactive dead disabled success"},
             {"pbx-masked.service", "masked inactive dead masked success"},
             {"pbx-alias.service", "-> pbx-busy.service"}};
    write();
    find_bus();
  }
  ~StandInUnits() { lose_bus(); }

  Units& units() { return dbus; }
  void start(const std::string& name) { set(name, "loaded active running static success"); }
  void stop(const std::string& name) { set(name, "loaded inactive dead static success"); }
  void fail(const std::string& name) { set(name, "loaded failed failed static exit-code"); }
  void kill(const std::string& name) { set(name, "loaded failed failed static signal"); }

  void lose_bus() {
    for (pid_t* program : {&stand_in, &daemon}) {
      if (*program <= 0) continue;
      ::kill(*program, SIGTERM);
      waitpid(*program, nullptr, 0);
      *program = -1;
    }
    std::filesystem::remove(folder / "bus");
  }
  void find_bus() {
    daemon =
        start_program({"/usr/bin/dbus-daemon", std::string("--config-file=") + TANDEM_BUS_CONFIG,
                       "--address=unix:path=" + folder / "bus", "--nofork", "--nopidfile"});
    wait_for("the bus", [&] { return std::filesystem::exists(folder / "bus"); });
    stand_in = start_program({TANDEM_SYSTEMD_SIM, "--bus", "unix:path=" + folder / "bus", "--units",
                              folder / "units/table"});
    // Whoever asks finds systemd there.
    wait_for("systemd_sim", [&] { return run(io, dbus.states({"pbx-busy.service"})).ok(); });
  }

 private:
  template <class Condition>
  static void wait_for(const std::string& what, Condition&& holds) {
    for (int looks = 0; !holds(); ++looks) {
      if (looks > kLooksMax) throw std::runtime_error(what + " does not come");
      std::this_thread::sleep_for(kLook);
    }
  }

  void set(const std::string& name, const std::string& line) {
    lines[name] = line;
    write();
  }
  void write() const {
    {
      std::ofstream out(folder / "units/new");
      for (const auto& [name, line] : lines) out << name << ' ' << line << '\n';
    }
    std::filesystem::rename(folder / "units/new", folder / "units/table");
    // A look, and no signal, comes at once: what the test does next finds the new state.
    std::this_thread::sleep_for(kLook * 4);
  }

  TemporaryFolder folder;
  std::map<std::string, std::string> lines;
  pid_t daemon = -1;
  pid_t stand_in = -1;

 public:
  boost::asio::io_context io;

 private:
  SystemBus bus{io.get_executor(), "unix:path=" + folder / "bus"};
  DbusUnits dbus{bus};
};

INSTANTIATE_TYPED_TEST_SUITE_P(StandIn, UnitsContract, StandInUnits);

}  // namespace
}  // namespace tandem
