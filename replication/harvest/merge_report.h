// What a merge is asked for, and what it came to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/pair.h"
#include "core/result.h"

namespace tandem::harvest {

struct Counts {
  std::uint64_t messages = 0, greetings = 0, recordings = 0, sounds = 0;  // that came home
  // Files of which both nodes had another one of the same name: both are here now.
  std::uint64_t kept_beside = 0;
  // Names that no program of the vendor's makes, and what is neither file nor folder: left there.
  std::uint64_t refused = 0;

  std::uint64_t items() const { return messages + greetings + recordings + sounds; }
  Counts& operator+=(const Counts& more);
  bool operator==(const Counts&) const = default;
};

struct MergeOrder {
  // Since when the other node may hold what is not here, by its own clock.
  WallTime since{};
  // Messages go to the other node too: an older one that is not here was deleted here.
  bool messages_are_copied = false;
  // Messages that were there when the last harvest ended: what of these is not here, a user
  // deleted.
  std::set<std::string> settled{};
  // Whether it is to end before all is done; asked often, from the thread that merges.
  std::function<bool()> enough = [] { return false; };
};

struct MergeReport {
  static constexpr std::size_t kTroublesMax = 100;

  Counts counts;
  std::set<std::string> changed;  // mailboxes, "1001@default"
  std::vector<std::string>
      troubles;                // sentences: what has not come home. After kTroublesMax it ends
  bool busy = false;           // one of the troubles: a mailbox was in use
  std::set<std::string> seen;  // MergeOrder::settled of the next one

  bool ok() const { return troubles.empty(); }
  // Whether there is more to be tried.
  bool goes_on(const MergeOrder& order) const {
    return troubles.size() < kTroublesMax && !order.enough();
  }
  void add(const Error& error) { troubles.push_back(error.message); }
  MergeReport& operator+=(MergeReport more);
};

// A clock that was set a little meanwhile hides nothing.
inline constexpr std::chrono::hours kClockSlack{1};

}  // namespace tandem::harvest
