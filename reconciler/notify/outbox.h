// What waits to be told to one receiver: bounded, paced, retried. Pure; time is handed in.
//
// The first notices that wait become a message, which stays the same until it has arrived or is
// given up; what comes meanwhile waits for the next. So a burst is one message, and whoever gets
// the same message twice (we were killed between its arrival and the note of it) sees it by its id.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "reconciler/notify/notice.h"

namespace tandem {

// What one attempt to hand a message over came to.
struct Attempt {
  enum class Result { delivered, failed, refused };  // refused: no use trying again
  Result result = Result::failed;
  std::string why;                                  // a sentence; "" where it was delivered
  std::optional<std::chrono::seconds> retry_after;  // asked for by the receiver
};

class Outbox {
 public:
  // Notices beside those of the message under way; the oldest give way.
  static constexpr std::size_t kWaitingMax = 32;
  static constexpr std::size_t kShown = 10;          // notices told in full in one message
  static constexpr std::chrono::seconds kGather{2};  // for others that come at the same time
  // So many messages in so long; what comes besides waits and is put together.
  static constexpr std::size_t kBurst = 5;
  static constexpr std::chrono::minutes kWindow{10};
  static constexpr std::chrono::seconds kRetryFirst{10};
  static constexpr std::chrono::minutes kRetryMax{15};
  static constexpr std::chrono::hours kRetryAfterMax{1};
  static constexpr int kAttemptsMax = 100;
  static constexpr std::chrono::hours kAgeMax{24};
  // A receiver that fails for so long is a condition.
  static constexpr std::chrono::minutes kTroubleAfter{5};

  void add(const Notice& notice, Instant now);

  struct Batch {
    std::vector<Notice> notices;
    std::uint64_t dropped = 0;  // since the message before
    int attempts = 0;
    bool operator==(const Batch&) const = default;
  };
  // When the next step is due: a new message, or another attempt of the one that waits.
  // Instant::max(): nothing waits.
  Instant due(Instant now) const;
  // The message under way; made of what waits where there is none. Due, that is.
  const Batch& batch();
  bool has_batch() const { return !batch_.notices.empty(); }

  // What was given up because of it: 0 where the message arrived, or is tried again.
  std::size_t settle(const Attempt& attempt, Instant now, WallTime wall);
  // An attempt beside the messages: a test.
  void note(const Attempt& attempt, Instant now, WallTime wall);

  std::size_t waiting() const { return waiting_.size() + batch_.notices.size(); }
  std::uint64_t dropped() const { return dropped_; }
  struct Standing {
    std::optional<WallTime> last_success, last_failure, failing_since;
    std::string failure;  // of the last attempt; "": it arrived
    bool refused = false;
  };
  const Standing& standing() const { return standing_; }
  // Whether a person should know.
  bool in_trouble(Instant now) const;

  nlohmann::ordered_json to_json() const;
  // What can not be read of it is left out.
  static Outbox of_json(const nlohmann::ordered_json& json, Instant now);

 private:
  void fail(const Attempt& attempt, Instant now, WallTime wall);
  std::size_t give_up();

  std::deque<Notice> waiting_;
  Batch batch_;
  std::uint64_t dropped_ = 0;  // in all
  std::uint64_t untold_ = 0;   // of them, not told yet
  Standing standing_;
  // Not kept: a restart tries again at once, and counts anew.
  Instant first_added_{};
  Instant retry_at_{};
  std::optional<Instant> batch_begun_, failing_;
  std::deque<Instant> sent_;
};

}  // namespace tandem
