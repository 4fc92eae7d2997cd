// systemd_sim: stands in for systemd on a bus of its own. Its units are the lines of a file, and
// somebody else changes them: the stand-in for systemctl of a lab's node, or a test.
#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "tests/systemd_sim/systemd_objects.h"

namespace {

using namespace tandem::systemd_sim;

// Until SIGTERM or SIGINT; then true. False: something in the folder has changed.
bool wait_for_end(int inotify, int signals) {
  std::array<pollfd, 2> waited{{{inotify, POLLIN, 0}, {signals, POLLIN, 0}}};
  while (poll(waited.data(), waited.size(), -1) < 0 && errno == EINTR) continue;
  if (waited[1].revents != 0) return true;
  std::array<char, 4096> news{};
  return read(inotify, news.data(), news.size()) < 0;
}

int serve(const std::string& address, const std::filesystem::path& file) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before the library starts its thread
  const int signals = signalfd(-1, &ends, SFD_CLOEXEC);
  // The folder: the file is replaced, not written.
  const int inotify = inotify_init1(IN_CLOEXEC);
  if (inotify_add_watch(inotify, file.parent_path().c_str(), IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
    throw std::runtime_error("cannot watch " + file.parent_path().string());

  const auto connection = sdbus::createSessionBusConnectionWithAddress(address);
  SystemdObjects objects(*connection, read_table(file));
  connection->enterEventLoopAsync();
  std::cout << "ready" << std::endl;  // flushed: somebody waits for the line
  while (!wait_for_end(inotify, signals)) objects.change_to(read_table(file));
  connection->leaveEventLoop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string address;
  std::filesystem::path units;
  CLI::App app("Stands in for systemd on a bus of its own", "systemd_sim");
  app.add_option("--bus", address, "address of the bus: unix:path=...")->required();
  app.add_option("--units", units, "file with a unit a line, alone in a folder")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(address, units);
  } catch (const std::exception& problem) {
    std::cerr << "systemd_sim: " << problem.what() << '\n';
    return 1;
  }
}
