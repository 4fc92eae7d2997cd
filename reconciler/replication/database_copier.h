// The copy of the database, as its keeper runs it: on a thread of its own, whole or by the servers'
// counters.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <mutex>
#include <stop_token>

#include "ports/sql.h"
#include "reconciler/replication/copier.h"
#include "replication/copy/database_copy.h"

namespace tandem {

class DatabaseCopier : public Copier {
 public:
  // Blocks, on the copier's own thread: DatabaseCopy::run.
  using Copy = std::function<CopyOutcome(const CopyOrder&, std::stop_token, const ProgressSink&)>;
  struct Ends {
    SqlTarget primary, secondary;
    SqlTarget slots{};  // the primary's, as the role that may read its stream
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
  // StreamHealthy, where a stream is declared.
  std::vector<Condition> conditions() const override;

  // The stream stands still: the next run comes early.
  static constexpr std::chrono::seconds kSoon{10};
  void hurry();
  // At the end of the last run; nullopt: none is declared, or none has ended.
  const std::optional<StreamTold>& stream() const { return stream_; }

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
  bool streams_ = false;  // as the pair in force declares
  std::optional<StreamTold> stream_;
  bool hurries_ = false;
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
