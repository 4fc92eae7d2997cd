// From how rsync ended to a reason, and a sentence with the remedy.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "pbx/peer_ssh.h"
#include "ports/process.h"
#include "replication/files/reasons.h"

namespace tandem::files {

// "23 (some files could not be transferred)": rsync's exit status in words.
std::string rsync_status(int status);

// What the gate of the other node said, if it refused: behind "tandem sync-gate: refused: ".
std::optional<std::string> gate_refusal(std::string_view errors);
Reason reason_of_refusal(std::string_view refusal);

// What a copy is told by. A failure that ends the run is told without the folder: it is that of no
// single one. Only a copy that took too long names it all the same.
struct CopyNames {
  std::string folder;
  std::string peer;  // the other node, as people call it
};

// What went wrong with a copy; nullopt where it succeeded. Files that went away while
// they were copied (24) are the source's own doing: source_changes.
std::optional<Trouble> trouble_of(const CopyNames& names, const SshEnds& ends,
                                  const Result<CommandOutcome>& outcome);

// Why there is no connection, as Session::open() tells it.
Trouble trouble_of_session(const Error& error);

// How the copy of `folder` fails where it can not be looked at here.
Trouble trouble_of_look(const std::string& folder, const Error& error);

}  // namespace tandem::files
