// Brings what is to come home into a folder of ours, by rsync over the restricted key.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/filesystem.h"
#include "replication/files/itemised.h"
#include "replication/files/session.h"
#include "replication/files/troubles.h"
#include "replication/harvest/trees.h"

namespace tandem::harvest {

// No more is brought, whatever room there is.
inline constexpr std::uint64_t kBytesMax = 64ULL << 30U;
// So much of a disk stays free.
inline constexpr std::uint64_t kReservePercent = 5;

struct FetchOrder {
  SshEnds ends;
  std::string peer_name;  // of the secondary, for people
  std::vector<HarvestTree> trees;
  Instant until{};
};

struct FetchReport {
  std::optional<std::string> trouble;  // a sentence with its remedy
  std::string reason;                  // CamelCase: "Unreachable", "DiskFull"
  std::uint64_t bytes = 0;             // brought
  std::uint64_t files = 0;
};

// One fetch at a time. What was brought stays where it is, so that the next one brings what has
// changed. Its folders mirror those of the other node: what is gone there goes in them.
class Fetch {
 public:
  struct Parts {
    AttendedProcess& programs;
    files::Session& session;
    Filesystem& disk;   // at `/`
    Filesystem& files;  // at the managed root
    Clock& clock;
    std::string root;    // of the managed files, as programs see it
    std::string folder;  // in stateDir: made here, and read by nobody but us
  };

  explicit Fetch(Parts parts) : parts_(std::move(parts)) {}

  Task<FetchReport> run(FetchOrder order);
  // Takes away what was brought: it has come home.
  Task<Status> clear();
  // Ends what is under way within 2 s. Returns at once.
  void abort();

 private:
  struct Pass {
    std::optional<files::Trouble> trouble;
    files::CopyCounts counts;
  };

  std::string place_of(const HarvestTree& tree) const;
  std::uint64_t room_here() const;
  Result<Command> command(const FetchOrder& order, const HarvestTree& tree,
                          const std::vector<std::string>& ssh, bool only_compare) const;
  Task<Pass> pass(const FetchOrder& order, const HarvestTree& tree,
                  const std::vector<std::string>& ssh, bool only_compare);
  std::optional<std::string> no_room(const FetchOrder& order, std::uint64_t bytes);

  Parts parts_;
  Attendance* attended_ = nullptr;
  bool aborted_ = false;
};

}  // namespace tandem::harvest
