// A connection of libpqxx on which short statements run, one after the other.
//
// Seen by pqxx_sql.cc alone: libpqxx stays in it and here.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "core/result.h"
#include "ports/pqxx_connection.h"
#include "ports/sql.h"

namespace tandem {

class PqxxSession {
 public:
  PqxxSession(SqlTarget target, std::chrono::milliseconds limit)
      : target_(std::move(target)), limit_(limit) {}

  // Whether a statement of that kind may run here: to that server, within that limit.
  bool serves(const SqlTarget& target, std::chrono::milliseconds limit) const {
    return target_.dsn == target.dsn && target_.password == target.password && limit_ == limit;
  }

  // On a thread of the pool: connects first where there is no connection, and closes it after a
  // failure and where the statement leaves none. No exception leaves it.
  Result<SqlRows> ask(const SqlStatement& statement,
                      std::chrono::steady_clock::time_point deadline);

  // Any thread: ends what is under way, and the connection with it.
  void cut() { lifeline_.cut(); }
  bool is_cut() const { return lifeline_.is_cut(); }
  // Between two statements: whether another may follow on the same connection.
  bool is_open() const { return connection_ && !is_cut() && connection_->is_open(); }

 private:
  Result<SqlRows> try_to_ask(const SqlStatement& statement,
                             std::chrono::steady_clock::time_point deadline);
  Error late() const;

  const SqlTarget target_;
  const std::chrono::milliseconds limit_;
  Lifeline lifeline_;
  std::unique_ptr<BoundedConnect> policy_;
  std::unique_ptr<BoundedConnection> connection_;  // ends before the two above
};

}  // namespace tandem
