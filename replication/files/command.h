// The command line of a copy: rsync over ssh, never through a shell.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/process.h"
#include "ports/trees.h"

namespace tandem::files {

// Of one folder. A first copy over a slow line takes hours and goes on where the last one ended.
inline constexpr std::chrono::hours kCopyDeadline{2};
// A comparison only lists; also for as many files as a tree may have.
inline constexpr std::chrono::minutes kCompareDeadline{15};
// After this silence of the other side rsync ends.
inline constexpr std::chrono::seconds kSilenceMax{60};

struct CopyCommand {
  const Tree& tree;
  std::string place;             // where the folder is on this host
  std::vector<std::string> ssh;  // words of ssh, without the host
  std::string peer;              // its address
  bool only_compare = false;     // says what would be done
  // How much may be deleted there; nullopt: whatever is not here (a comparison only).
  std::optional<std::uint64_t> deletions{};
};

// Whether rsync takes these words of ssh as they are. invalid: one that it would take apart.
Status check_words(const std::vector<std::string>& ssh);

// What the vendor's own copy keeps is kept: links as links, modes, times, owners and groups, these
// by name where both nodes know it; but for the times of links, which not every disk takes.
// Devices, sockets and set-uid bits do not come along: the gate lets none in. Content is written
// beside and renamed; deletions come last. The program is bound to this one's life, and sees
// nothing of its environment. invalid: a word of ssh that rsync would take apart.
Result<Command> copy_command(const CopyCommand& copy);

}  // namespace tandem::files
