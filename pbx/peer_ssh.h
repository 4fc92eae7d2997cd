// The other node by the restricted key: what it may be asked, and where the key is kept.
//
// The key opens no shell there, only `tandem sync-gate` (app/commands/sync_gate.cc), which knows
// `tandem facts`, `tandem password` and rsync.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/filesystem.h"
#include "ports/process.h"

namespace tandem {

// The files below spec.sshDir of operator.yaml.
struct SshFiles {
  explicit SshFiles(const std::string& folder);

  std::string folder;
  std::string key;          // 0600, made by `tandem init`
  std::string public_key;   // only for people: ssh derives it from the key
  std::string draft;        // a key that is being made, and DRAFT.pub: left there by a kill
  std::string known_hosts;  // the other node's host key as `tandem init` pinned it
  std::string config;       // the administrator's own, of ssh_config(5); may be missing
};

inline constexpr mode_t kKeyMode = 0600;
inline constexpr const char* kSshProgram = "/usr/bin/ssh";
inline constexpr const char* kSshKeygenProgram = "/usr/bin/ssh-keygen";
inline constexpr const char* kSshKeyscanProgram = "/usr/bin/ssh-keyscan";

// The two ends of a connection: IPv4 addresses. `own` is what the other node's `from=` lets in.
struct SshEnds {
  std::string own;
  std::string peer;
};

class PeerSsh {
 public:
  // Of one question, connecting included.
  static constexpr std::chrono::seconds kAskDeadline{20};
  static constexpr std::size_t kAnswerMax = 256U << 10U;

  // `disk` has its root at `/`; `folder` is spec.sshDir.
  PeerSsh(Filesystem& disk, Process& programs, const std::string& folder);

  // What the other node's gate answers to `verb` ("tandem facts"), with `input` on its standard
  // input. Asks nobody for anything. Faults: not_found (no key here), denied (the key is not
  // accepted there, or others may use it here), bad_certificate (the host key is not the pinned
  // one, or none is pinned), connection_refused, timed_out, unavailable (no way there), invalid
  // (the gate refused; the message is its own). Each message says what to do.
  Task<Result<std::string>> ask(SshEnds ends, std::string verb, std::string input = "");

  // argv of ssh up to and without the remote command, for other programs (`rsync -e`) too.
  // invalid: the folder's name has characters that ssh would take for something else.
  Result<std::vector<std::string>> command_line(const SshEnds& ends);

  // Whether ssh will take the key here: not_found, denied (others may use it).
  Status check_key();

  const SshFiles& files() const { return paths_; }

 private:
  Filesystem& disk_;
  Process& programs_;
  SshFiles paths_;
};

// What ssh's own message means where it ended with 255.
Error ssh_trouble(const std::string& errors, const SshEnds& ends);

}  // namespace tandem
