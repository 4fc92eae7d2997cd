// What a node remembers of its past for people: events, as Kubernetes has them, and takeovers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/failover.h"
#include "core/pair.h"
#include "core/result.h"

namespace tandem {

// A change of a node's state, for events, log and metrics.
struct Transition {
  NodeState from = NodeState::off;
  NodeState to = NodeState::off;
  std::string why;  // a sentence without full stop
  std::uint64_t epoch = 0;
  TakeoverCause cause = TakeoverCause::none;  // of the takeover that lasts
  WallTime at{};
  bool adopted = false;  // of a start: what was so before it goes on, and nothing new happened
  bool operator==(const Transition&) const = default;
};

struct Event {
  enum class Type { normal, warning };

  std::int64_t id = 0;  // rises with each event and each repeat, for ever
  WallTime at{};        // when it first happened
  Type type = Type::normal;
  std::string reason;   // CamelCase: "Repaired", "StateChanged"
  std::string object;   // "resource/ha-conf", "condition/Ready", "failover", "order/suspend", ...
  std::string message;  // a sentence
  std::string node;
  std::uint64_t epoch = 0;
  std::int64_t count = 1;  // how often, of which the last time was `last`
  WallTime last{};

  bool operator==(const Event&) const = default;
};

// "Normal", "Warning"
std::string_view event_type_name(Event::Type type);

// What is asked of the events: those behind an id, else the newest that are young enough.
struct EventQuery {
  static constexpr std::size_t kLimitMax = 1000;

  std::optional<std::int64_t> behind;  // an id
  std::optional<WallTime> after;
  std::size_t limit = kLimitMax;
};

struct EventPage {
  std::vector<Event> events;  // oldest first
  std::int64_t last_id = 0;   // of all that are kept; lower than before where they were lost
};

// Whether a person should look at a change of state: the node serves for the other, can not, or
// sees trouble.
bool is_alarming(const Transition& transition);

// One takeover, from its decision until the node serves or gave up.
struct TakeoverRecord {
  using Milliseconds = std::chrono::milliseconds;
  static constexpr std::size_t kStepsMax = 64;

  std::uint64_t epoch = 0;
  TakeoverCause cause = TakeoverCause::none;
  WallTime began{};
  WallTime ended{};  // as `began` while it lasts
  std::vector<std::pair<std::string, Milliseconds>> steps;
  std::string evidence;                  // a sentence: what was seen, and since when
  std::optional<Milliseconds> downtime;  // of SIP: from the primary's silence to our own answer
  std::string result;                    // a sentence; "" while it lasts
  // Not kept: it is told by an operator that did not see it begin, and adds to what was kept.
  bool continued = false;

  bool operator==(const TakeoverRecord&) const = default;
};

// What is to be kept of a takeover of which `kept` was there already.
TakeoverRecord merged(TakeoverRecord kept, const TakeoverRecord& told);

// As JSON, one line, times in milliseconds since the epoch.
std::string to_text(const TakeoverRecord& record);
Result<TakeoverRecord> takeover_of_text(std::string_view text);

// `text` as it may be kept and shown: no control characters, valid UTF-8, and at most `bytes` of
// it in whole characters.
std::string one_line(std::string_view text, std::size_t bytes);

}  // namespace tandem
