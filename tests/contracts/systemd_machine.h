// A systemd of the test's own: booted by systemd-nspawn from this host's /usr, read-only, and an
// /etc of a few lines. It has no network, and nothing of it stays.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/ports/temporary_folder.h"

namespace tandem {

class SystemdMachine {
 public:
  // Throws where it can not be booted.
  SystemdMachine();
  SystemdMachine(const SystemdMachine&) = delete;
  SystemdMachine& operator=(const SystemdMachine&) = delete;
  ~SystemdMachine();

  // Of its system bus, as seen from here.
  std::string bus_address() const;
  // A path of the machine, as seen from here: for /work, which both sides see.
  std::string path(const std::string& name) const { return folder_ / name; }

  // Of a process of the machine, by its number there.
  std::string process_folder(const std::string& pid) const {
    return "/proc/" + std::to_string(leader_) + "/root/proc/" + pid;
  }

  // Runs a program in the machine; throws where it does not end with 0.
  void run(const std::vector<std::string>& argv) const;
  void systemctl(const std::vector<std::string>& words) const;
  // The bus and its socket stop; they start again.
  void stop_bus() const;
  void start_bus() const;

 private:
  void furnish() const;
  void unit(const std::string& name, const std::string& text) const;
  void await_boot();
  void end();

  TemporaryFolder folder_;
  pid_t nspawn_ = -1;
  pid_t leader_ = -1;
};

// One machine for all tests of a program: it boots when the first one needs it.
SystemdMachine& booted_machine();
void stop_booted_machine();

}  // namespace tandem
