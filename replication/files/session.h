// A connection of ssh to the other node that is kept for a while: each copy then begins in a
// fraction of the time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "pbx/peer_ssh.h"
#include "ports/attended_process.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/task.h"

namespace tandem::files {

// One ssh as a child of ours that opens no shell and no forwarding, and lets others use its
// connection through a socket in a folder of root's alone (ControlMaster of ssh_config(5)). What
// the key may do is decided by the other node's sshd at each use as without it: the gate runs for
// every copy. The connection ends with this program, at close(), when it was not used for kIdle,
// and is opened anew after kLife: a key or an address that is taken away there, and a change of
// the firewall, take effect by then.
class Session {
 public:
  static constexpr std::chrono::seconds kIdle{90};
  static constexpr std::chrono::minutes kLife{10};
  // From the start of ssh to a connection that can be used.
  static constexpr std::chrono::seconds kOpenDeadline{20};
  static constexpr std::chrono::milliseconds kLookEvery{50};
  // A socket's name has 108 bytes at most, and ssh makes it under a longer one first.
  static constexpr std::size_t kFolderMax = 70;

  // `disk` has its root at `/`. The folder is made, and refused where others may write into it.
  Session(PeerSsh& ssh, AttendedProcess& programs, Filesystem& disk, Clock& clock,
          std::string folder);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Words of ssh, without a host, that go through a connection to these ends; it is held until
  // release(). Faults as of PeerSsh::ask().
  Task<Result<std::vector<std::string>>> open(SshEnds ends);
  void release();

  // At a stop, a change of role, an abort. Returns at once; what still goes through it is cut.
  void close();

 private:
  struct Master;

  Status check_folder();
  Status remove_leftovers();
  Result<Command> master_command(const std::vector<std::string>& ssh) const;
  std::vector<std::string> with_socket(const std::vector<std::string>& ssh,
                                       const std::string& role) const;
  Task<Result<std::shared_ptr<Master>>> begin(const SshEnds& ends,
                                              const std::vector<std::string>& ssh);
  static Task<void> hold(AttendedProcess& programs, Command command,
                         std::shared_ptr<Master> master);
  static Task<void> end_when_idle(Clock& clock, std::shared_ptr<Master> master);

  PeerSsh& ssh_;
  AttendedProcess& programs_;
  Filesystem& disk_;
  Clock& clock_;
  std::string folder_;
  // A new name each time: an ssh that ends removes its socket whenever it gets to it.
  int sockets_ = 0;
  std::string socket_;
  std::shared_ptr<Master> master_;
};

}  // namespace tandem::files
