// What the gate of the restricted key lets through, and what it answers itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pair.h"
#include "core/result.h"
#include "pbx/gate_command.h"
#include "ports/filesystem.h"
#include "replication/harvest/owed.h"

namespace tandem {

// Below stateDir: the records of the copies that the gate lets in, for IncomingCopies.
inline constexpr const char* kIncomingFolder = "/incoming";

// What this node knows when somebody stands at the gate.
struct GateKnowledge {
  std::string node;          // this one's name
  std::string client;        // where the connection comes from, by sshd; "" where it is not one
  const HAPair* pair;        // in force; nullptr: none
  Result<bool> standing_by;  // of the vendor's marker
};

// Why the request is refused; nullopt: it may go on.
std::optional<std::string> gate_refuses(const GateKnowledge& known, GateRequest::Verb verb);

// Whether what is to come home forbids a copy into `folder`; `owed` as read_owed() tells it.
std::optional<std::string> harvest_refuses(const HAPair& pair, const std::string& folder,
                                           const Result<harvest::Owed>& owed);

// The folders that a copy may go into (push), or come from (pull).
std::vector<std::string> gate_folders(const HAPair& pair, GateRequest::Verb verb);

// The address of the client in sshd's variable SSH_CONNECTION; "" where there is none.
std::string client_of(const char* ssh_connection);

// Takes the database password that came over the key: kept where there is none yet. "kept" or
// "known" (the same one). denied: there is another one here, which a key alone does not replace.
Result<std::string> take_password(Filesystem& disk, const std::string& path, std::string_view text);

}  // namespace tandem
