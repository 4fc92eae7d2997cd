// Watches, on the primary, how far the secondary's server is behind, and how much log is kept for
// it: what metrics tell, and what makes the next run of the copy come early.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "ports/clock.h"
#include "ports/sql.h"
#include "ports/task.h"

namespace tandem {

struct StreamShown {
  bool active = false;  // the secondary's server fetches it
  // Between a commit here and the same on the secondary: measured while it is fetched; else since
  // when nothing is. nullopt: not known yet.
  std::optional<std::chrono::microseconds> lag;
  std::uint64_t kept_bytes = 0;  // of the primary's log

  bool operator==(const StreamShown&) const = default;
};

class StreamWatch {
 public:
  static constexpr std::chrono::seconds kTurn{2};
  static constexpr std::chrono::seconds kStatementMax{5};
  // The stream has stood so long when the copy is told: PostgreSQL itself tries again each 5 s.
  static constexpr std::chrono::seconds kStandsMax{8};
  // A follower tells of itself each 10 s; one that has been silent for so long is cut off.
  static constexpr std::chrono::seconds kSilentMax{25};

  struct Parts {
    Clock& clock;
    Sql& sql;
    // The node has to stream, as it is declared, and may.
    std::function<bool()> streams;
    // The vendor's upgrade runs here: a table that has lost its key for a moment and is published
    // could not be changed, and the upgrade would break.
    std::function<bool()> upgrading;
    std::function<Result<SqlTarget>()> own;    // as the role tandem
    std::function<Result<SqlTarget>()> slots;  // as the role that reads the stream
    std::function<void()> stands;              // told once, each time that it stands still
  };

  explicit StreamWatch(Parts parts)
      : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {}

  Task<void> run();
  void stop();
  bool has_ended() const { return ended_; }

  // nullopt: there is no stream, or it could not be looked at.
  const std::optional<StreamShown>& shown() const { return shown_; }

 private:
  Task<void> look();
  Task<void> withdraw();
  void take_up(const SqlRows& rows);

  Parts parts_;
  std::unique_ptr<Signal> signal_;
  std::optional<StreamShown> shown_;
  std::optional<Instant> fetched_;  // when it was last seen to be fetched
  bool told_ = false;
  bool withdrawn_ = false;
  bool stopping_ = false, ended_ = false;
};

}  // namespace tandem
