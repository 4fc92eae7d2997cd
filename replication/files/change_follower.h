// Follows the folders that are copied, and tells which of them are to be looked at.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/trees.h"
#include "replication/files/settling.h"

namespace tandem::files {

// Level-triggered: what is told means "look again". Whatever can not be watched, since the kernel's
// limit is reached or the disk does not tell, is due every kPollEvery: a look there costs no
// process and no byte on the wire, so a missed event costs a minute, not an interval. The watch is
// tried anew every kWatchAgain.
class ChangeFollower {
 public:
  static constexpr std::chrono::minutes kPollEvery{1};
  static constexpr std::chrono::minutes kWatchAgain{10};

  // `wake` is notified when something has become due or may become so earlier than was said.
  ChangeFollower(Trees& trees, Clock& clock, Signal& wake);
  ChangeFollower(const ChangeFollower&) = delete;
  ChangeFollower& operator=(const ChangeFollower&) = delete;

  // Until stop(). The trees are those of copy_sources(); for others a new follower.
  Task<void> follow(std::vector<Tree> trees);
  void stop();

  // When take() will have something; nullopt: as long as nothing changes, never.
  std::optional<Instant> due() const;
  // The folders that are due now: Order::folders of a run with Depth::changes.
  std::set<std::string> take();
  // A run ended without them: they are due again, after the time in which a folder comes to rest.
  void give_back(const std::set<std::string>& folders);

  // By folder: why its changes may go unnoticed, so that it is polled.
  const std::map<std::string, std::string>& unwatched() const { return unwatched_; }

 private:
  Task<void> listen();
  void watch_nothing(const std::string& why);
  void unwatch(const std::string& path, const std::string& why);

  Trees& trees_;
  Clock& clock_;
  Signal& wake_;
  std::vector<Tree> followed_;
  std::unique_ptr<TreeWatch> watch_;
  std::unique_ptr<Signal> pause_;
  Settling settling_;
  std::map<std::string, std::string> unwatched_;
  std::optional<Instant> next_poll_;
  Instant watched_since_{};
  bool stopped_ = false;
};

}  // namespace tandem::files
