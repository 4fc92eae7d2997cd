#include "tests/contracts/systemd_machine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace tandem {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kBootLimit{60};
constexpr std::chrono::seconds kStopLimit{10};
constexpr useconds_t kLook = 10'000;

// It is told to end with us, also where we crash. systemd-nspawn then ends its machine, which would
// go on where it is killed itself.
pid_t spawn_program(const std::vector<std::string>& argv, const std::string& log) {
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(words[0], words.data());
    dprintf(STDERR_FILENO, "%s: can not be started\n", words[0]);
    _exit(127);
  }
  close(input);
  close(output);
  return pid;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<SystemdMachine> machine_of_all;

// The process of this name whose parent is `parent`; -1: none (yet).
pid_t child_of(pid_t parent, const std::string& name) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto number = entry.path().filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto wanted = number + " (" + name + ") ";
    const auto stat = text_of(entry.path() / "stat");  // PID (NAME) STATE PPID ...
    if (stat.starts_with(wanted) && stat.size() > wanted.size() + 2 &&
        std::stoi(stat.substr(wanted.size() + 2)) == parent)
      return std::stoi(number);
  }
  return -1;
}

}  // namespace

SystemdMachine::SystemdMachine() {
  furnish();
  nspawn_ = spawn_program(
      {"systemd-nspawn", "--directory=" + folder_.path(), "--bind-ro=/usr", "--register=no",
       "--keep-unit", "--private-network", "--quiet", "--console=pipe", "--boot",
       "systemd.unit=machine.target", "systemd.mask=systemd-journal-catalog-update.service"},
      folder_ / "nspawn.log");
  try {
    await_boot();
  } catch (const std::exception&) {
    end();
    throw;
  }
}

SystemdMachine::~SystemdMachine() { end(); }

void SystemdMachine::end() {
  try {
    if (leader_ > 0) run({"/usr/bin/systemctl", "poweroff", "--force", "--force"});
  } catch (const std::exception&) {
    // It is ended below.
  }
  const auto limit = steady_clock::now() + kStopLimit;
  while (waitpid(nspawn_, nullptr, WNOHANG) == 0) {
    if (steady_clock::now() > limit && leader_ > 0) kill(leader_, SIGKILL);
    if (steady_clock::now() > limit) kill(nspawn_, SIGKILL);
    usleep(kLook);
  }
}

std::string SystemdMachine::bus_address() const {
  return "unix:path=/proc/" + std::to_string(leader_) + "/root/run/dbus/system_bus_socket";
}

void SystemdMachine::run(const std::vector<std::string>& argv) const {
  std::vector<std::string> inside{"nsenter", "--all", "--target=" + std::to_string(leader_)};
  inside.insert(inside.end(), argv.begin(), argv.end());
  const auto log = folder_ / "run.log";
  const pid_t pid = spawn_program(inside, log);
  int status = 0;
  waitpid(pid, &status, 0);
  if (status == 0) return;
  std::string line;
  for (const auto& word : argv) line += word + " ";
  throw std::runtime_error(line + "in the machine failed: " + text_of(log));
}

void SystemdMachine::systemctl(const std::vector<std::string>& words) const {
  std::vector<std::string> argv{"/usr/bin/systemctl"};
  argv.insert(argv.end(), words.begin(), words.end());
  run(argv);
}

// systemctl speaks to systemd by its private socket where there is no bus.
void SystemdMachine::stop_bus() const { systemctl({"stop", "dbus.socket", "dbus.service"}); }

void SystemdMachine::start_bus() const { systemctl({"start", "dbus.socket", "dbus.service"}); }

void SystemdMachine::unit(const std::string& name, const std::string& text) const {
  write_to(folder_ / ("etc/systemd/system/" + name), text);
}

void SystemdMachine::furnish() const {
  // The bus runs as a user of its own, and its way leads through the root.
  fs::permissions(folder_.path(), fs::perms{0755});
  for (const auto* name : {"etc/systemd/system/multi-user.target.wants", "usr", "var", "run", "tmp",
                           "proc", "sys", "dev", "root", "work"})
    fs::create_directories(folder_ / name);
  for (const auto* name : {"bin", "sbin", "lib", "lib64"})
    fs::create_symlink(std::string("usr/") + name, folder_ / name);
  write_to(folder_ / "etc/passwd",
           "root:x:0:0::/root:/bin/sh\nmessagebus:x:100:100::/:/bin/false\n"
           "nobody:x:65534:65534::/:/bin/false\n");
  write_to(folder_ / "etc/group", "root:x:0:\nmessagebus:x:100:\nnogroup:x:65534:\n");
  write_to(folder_ / "etc/os-release", "ID=machine\n");
  write_to(folder_ / "etc/machine-id", "0123456789abcdef0123456789abcdef\n");

  unit("machine.target",
       "[Unit]\nRequires=basic.target dbus.socket dbus.service\n"
       "After=basic.target dbus.service\n");
  const std::string sleeps = "[Service]\nExecStart=/usr/bin/sleep infinity\n";
  unit("pbx-idle.service", sleeps);
  unit("pbx-busy.service", sleeps);
  unit("pbx-many@.service", sleeps);
  unit("pbx-broken.service", "[Service]\nType=oneshot\nExecStart=/usr/bin/false\n");
  unit("pbx-slow.service", "[Service]\nType=oneshot\nExecStart=/usr/bin/sleep infinity\n");
  const std::string wanted = sleeps + "[Install]\nWantedBy=multi-user.target\n";
  unit("pbx-enabled.service", wanted);
  unit("pbx-disabled.service", wanted);
  const std::string units = folder_ / "etc/systemd/system/";
  fs::create_symlink("/etc/systemd/system/pbx-enabled.service",
                     units + "multi-user.target.wants/pbx-enabled.service");
  fs::create_symlink("/dev/null", units + "pbx-masked.service");
  fs::create_symlink("pbx-busy.service", units + "pbx-alias.service");
}

void SystemdMachine::await_boot() {
  const auto limit = steady_clock::now() + kBootLimit;
  while (true) {
    leader_ = child_of(nspawn_, "systemd");
    if (leader_ > 0 && fs::exists(bus_address().substr(sizeof("unix:path=") - 1))) break;
    if (waitpid(nspawn_, nullptr, WNOHANG) != 0)
      throw std::runtime_error("no systemd: " + text_of(folder_ / "nspawn.log"));
    if (steady_clock::now() > limit)
      throw std::runtime_error("systemd did not boot: " + text_of(folder_ / "nspawn.log"));
    usleep(kLook);
  }
  systemctl({"start", "machine.target"});  // waits for it
}

SystemdMachine& booted_machine() {
  if (!machine_of_all) machine_of_all.emplace();
  return *machine_of_all;
}

void stop_booted_machine() { machine_of_all.reset(); }

}  // namespace tandem
