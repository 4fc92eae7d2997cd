// Programs as transient units of the machine's own systemd.
#pragma once

#include <memory>
#include <string>

#include "ports/process.h"
#include "ports/system_bus.h"

namespace tandem {

// A command runs outside of our unit: with root's full rights, on the host also where we are in a
// container, and on after our end. systemd holds its deadline too, some seconds later than we, for
// the case that we are gone. What a command leaves behind when it ends goes on, as with a child.
//
// Its streams are handed over as descriptors. That its program is not there is told by systemd with
// a status alone (203): whether it is denied or not_found is looked up below `root`.
//
// unavailable besides: no systemd; or the bus was lost and nobody knows how the command ended.
class TransientProcess : public Process {
 public:
  TransientProcess(SystemBus& bus, std::string root) : bus_(bus), root_(std::move(root)) {}

  // Whether there is a systemd to run commands.
  Task<bool> answers();

  Task<Result<CommandOutcome>> run(Command command) override;
  Task<Status> end_job(Command kept) override;

 private:
  class Following;

  Task<Result<bool>> begin(std::shared_ptr<Following> following, Command command);
  static Task<bool> end(std::shared_ptr<Following> following);
  Task<Result<CommandOutcome>> follow(std::shared_ptr<Following> following, Command command);
  Error not_started(const std::string& program) const;

  SystemBus& bus_;
  std::string root_;
};

}  // namespace tandem
