// PostgreSQL through libpqxx, which stays inside the .cc.
#pragma once

#include <chrono>
#include <memory>

#include "ports/sql.h"

namespace tandem {

class PqxxSession;

// Its statements run on a few threads of its own, each over a connection of its own, or where the
// statement says so over a kept one; none is ever opened anew behind our back. A host name in a dsn
// is looked up without a deadline of ours: name addresses. libpq would give a password that the
// server asks for in the clear: the peer's dsn should say channel_binding=require where the servers
// have TLS.
class PqxxSql : public Sql {
 public:
  static constexpr int kThreads = 4;
  // Further statements than these, waiting ones included, are unavailable.
  static constexpr int kStatementsMax = 64;
  // A kept connection that nobody uses is closed after so long; so many are kept.
  static constexpr std::chrono::seconds kIdleMax{15};
  static constexpr std::size_t kKeptMax = 4;

  PqxxSql();
  // Cuts what is under way.
  ~PqxxSql() override;

  Task<Result<SqlRows>> query(SqlTarget target, SqlStatement statement) override;

 private:
  struct State;
  using Until = std::chrono::steady_clock::time_point;
  // In memory of its own, since the pool's answer has a default value.
  static Task<std::shared_ptr<Result<SqlRows>>> run(std::shared_ptr<State> state,
                                                    std::shared_ptr<PqxxSession> session,
                                                    SqlStatement statement, Until deadline);

  std::shared_ptr<State> state_;
};

}  // namespace tandem
