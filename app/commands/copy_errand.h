// The order of a copy, and what it comes to: asks the operator again and again until each kind's
// run has ended, whatever happens to the operator meanwhile.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "app/operator_client.h"
#include "app/replication_api.h"
#include "ports/clock.h"

namespace tandem {

// The number of each kind's run: "database" to 13.
using CopyRuns = std::map<std::string, std::uint64_t>;

// What one kind's run came to.
struct CopyEnding {
  enum class How {
    ended,      // `last` is its result
    not_begun,  // `why` tells
    unknown,    // nobody can tell: `why` tells
  };
  How how = How::unknown;
  nlohmann::ordered_json last;
  std::string why;

  bool good() const;
};
using CopyEndings = std::map<std::string, CopyEnding>;

// Whether the run `number` of a kind has ended, by its document.
bool copy_has_ended(const nlohmann::ordered_json& kind, std::uint64_t number);

class CopyErrand {
 public:
  static constexpr std::chrono::milliseconds kLook{200};
  // One question; an operator that has not answered any for kSilenceMax is given up.
  static constexpr std::chrono::seconds kAnswerMax{5};
  static constexpr std::chrono::seconds kSilenceMax{10};
  // Nothing runs, and ours does not begin.
  static constexpr std::chrono::seconds kBeginMax{10};
  // After a signal.
  static constexpr std::chrono::seconds kCancelMax{15};
  static constexpr std::chrono::hours kWaitMax{24};

  struct Parts {
    OperatorClient& client;
    Clock& clock;
    std::string token;
    // At each answer: the document of the copies.
    std::function<void(const nlohmann::ordered_json& replication, const CopyRuns& runs)> show;
    // Where it is ordered, and cancelled.
    std::string order_path = ReplicationApi::kActions[0];
    std::string cancel_path = ReplicationApi::kActions[1];
  };

  explicit CopyErrand(Parts parts)
      : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {}

  // An error: nothing was ordered, with the operator's reason.
  Task<Result<CopyRuns>> give(std::string body);
  Task<CopyEndings> wait(CopyRuns runs);

  // From a handler of signals: the first cancels the copies and waits for their end, a second one
  // waits no longer.
  void interrupt();
  bool interrupted() const { return interrupts_ > 0; }

 private:
  struct Seen {
    std::uint64_t highest = 0;  // number of a run
    int held = 0;               // answers in a row
    std::optional<Instant> idle;
  };

  Task<void> cancel();
  void take(const nlohmann::ordered_json& replication, Instant now);
  std::optional<CopyEnding> ending_of(const nlohmann::ordered_json& kind, std::uint64_t number,
                                      Seen& seen, Instant now) const;
  bool settled() const { return endings_.size() == runs_.size(); }
  void give_up(const std::string& why);

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  CopyRuns runs_;
  CopyEndings endings_;
  std::map<std::string, Seen> seen_;
  int interrupts_ = 0;
  std::optional<Instant> cancelled_;
};

}  // namespace tandem
