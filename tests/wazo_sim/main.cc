// wazo_sim: stands in for wazo-confd, wazo-provd, wazo-auth and wazo-sysconfd of one node.
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "tests/wazo_sim/simulator.h"

namespace {

using tandem::wazo_sim::Options;

constexpr int kUsage = 64;

struct Command {
  Options options;
  std::string password_file;
  bool die_with_parent = false;
};

void declare(CLI::App& app, Command& command) {
  Options& options = command.options;
  options.seed = std::random_device{}();
  app.add_option("--root", options.root,
                 "the node's file system: provd's documents, sysconfd's files")
      ->required();
  app.add_option("--state", options.state, "directory of confd.json and auth.json")->required();
  app.add_option("--confd", options.confd_port, "port of confd; 0 or absent: any free one");
  app.add_option("--provd", options.provd_port, "port of provd");
  app.add_option("--auth", options.auth_port, "port of auth");
  app.add_option("--sysconfd", options.sysconfd_port, "port of sysconfd");
  app.add_option("--control", options.control_port, "port of the control endpoint");
  app.add_option("--bind", options.bind, "IPv4 address to listen on");
  app.add_option("--own-address", options.own_address, "the address phones register at");
  app.add_option("--user", options.user, "name of the operator's user");
  app.add_option("--password-file", command.password_file, "file with the user's password");
  app.add_flag("--provd-down", options.provd_down, "start with provd down, as on a standby node");
  app.add_flag("--unconfigured", options.unconfigured, "start as before the wizard");
  app.add_flag("--run-programs", options.run_programs,
               "run what sysconfd calls, where the root has a program of that name");
  app.add_flag("--sip-general", options.sip_general,
               "start as before Wazo 20.13, or as XiVO: no SIP templates but general options");
  app.add_option("--seed", options.seed, "for the order of option pairs");
  app.add_flag("--die-with-parent", command.die_with_parent, "end when the parent process ends");
}

bool read_password(Command& command) {
  if (command.password_file.empty()) return true;
  std::ifstream in(command.password_file);
  return static_cast<bool>(std::getline(in, command.options.password));
}

// The signals that end the program are taken by sigwait(), in every thread of ours.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int serve(const Options& options, const sigset_t& signals) {
  const tandem::wazo_sim::Simulator simulator(options);
  std::cout << simulator.ports().dump() << std::endl;  // flushed: somebody waits for the line
  std::cerr << "wazo_sim: seed " << options.seed << '\n';
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Command command;
  CLI::App app("Stands in for wazo-confd, wazo-provd, wazo-auth and wazo-sysconfd of one node",
               "wazo_sim");
  declare(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : kUsage;
  }
  if (!read_password(command)) {
    std::cerr << "wazo_sim: cannot read " << command.password_file << '\n';
    return kUsage;
  }
  const pid_t parent = getppid();
  const sigset_t signals = block_end_signals();
  if (command.die_with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 0;  // it ended before we asked
  }
  try {
    return serve(command.options, signals);
  } catch (const std::exception& problem) {
    std::cerr << "wazo_sim: " << problem.what() << '\n';
    return 1;
  }
}
