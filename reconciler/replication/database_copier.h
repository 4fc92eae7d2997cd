// The copy of the database, as its keeper runs it: on a thread of its own, whole or by the servers'
// counters.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <mutex>
#include <stop_token>

#include "ports/sql.h"
#include "reconciler/replication/copier.h"
#include "replication/database_copy.h"

namespace tandem {

class DatabaseCopier : public Copier {
 public:
  // Blocks, on the copier's own thread: DatabaseCopy::run.
  using Copy = std::function<CopyOutcome(const CopyOrder&, std::stop_token, const ProgressSink&)>;
  struct Ends {
    SqlTarget primary, secondary;
  };
  struct Parts {
    Clock& clock;
    Copy copy;
    // How both servers are reached; an error: they can not be (no password yet).
    std::function<Result<Ends>(const HAPair&)> ends;
  };

  explicit DatabaseCopier(Parts parts)
      : parts_(std::move(parts)), wake_(parts_.clock.make_signal()) {}
  // Waits for the thread: abort() first.
  ~DatabaseCopier() override;
  DatabaseCopier(const DatabaseCopier&) = delete;
  DatabaseCopier& operator=(const DatabaseCopier&) = delete;

  CopyKind kind() const override { return CopyKind::database; }
  Task<CopyTold> run(CopyAsk ask) override;
  void abort() override;
  void forget() override { memory_.reset(); }
  std::optional<CopyMeter> meter() const override;
  Signal& wake() override { return *wake_; }
  Instant due(const HAPair& pair, Instant begun) const override;
  void follow(const HAPair* pair) override;
  std::vector<Condition> conditions() const override { return {}; }

  // Whether the next run looks at everything.
  bool wants_proof(const HAPair& pair) const;

 private:
  CopyOrder order_of(const CopyAsk& ask, Ends ends) const;
  void keep(const CopyOutcome& outcome);

  Parts parts_;
  std::unique_ptr<Signal> wake_;
  std::optional<CopyMemory> memory_;
  std::optional<Instant> proven_;
  // Lists the copy may leave out or bring: with others, what was proven says nothing.
  std::vector<std::string> excluded_;
  bool running_ = false;
  std::stop_source stop_;

  mutable std::mutex mutex_;  // of what the copy's own thread tells
  std::optional<CopyMeter> meter_;
  boost::asio::thread_pool thread_{1};
};

CopyMeter meter_of(const CopyProgress& progress);
// What a run is told as.
CopyTold told_of(const CopyOutcome& outcome);

}  // namespace tandem
