// PostgreSQL through libpqxx, which stays inside the .cc.
#pragma once

#include <memory>

#include "ports/sql.h"

namespace tandem {

// Its statements run on a few threads of its own, each over a connection of its own, which is never
// opened anew behind our back. A host name in a dsn is looked up without a deadline of ours: name
// addresses. libpq would give a password that the server asks for in the clear: the peer's dsn
// should say channel_binding=require where the servers have TLS.
class PqxxSql : public Sql {
 public:
  static constexpr int kThreads = 4;
  // Further statements than these, waiting ones included, are unavailable.
  static constexpr int kStatementsMax = 64;

  PqxxSql();
  // Cuts what is under way.
  ~PqxxSql() override;

  Task<Result<SqlRows>> query(SqlTarget target, SqlStatement statement) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tandem
