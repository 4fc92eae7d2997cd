// Short statements to a PostgreSQL server; libpqxx stays inside the real one.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct SqlTarget {
  std::string dsn;       // libpq's key=value form; never with a password in it
  std::string password;  // empty: none is given. In no message, argv or environment
};

struct SqlStatement {
  std::string text;                           // one statement, with $1, $2, ... for the parameters
  std::vector<std::string> parameters;        // bound, never pasted into the text
  std::chrono::milliseconds deadline{5'000};  // of the whole call, connecting included
  // It may run over a connection that an earlier one has left, and leave its own for the next, for
  // seconds. For what is asked again and again and harmless twice; never where being let in is the
  // question, nor where an open connection could be in somebody's way.
  bool on_kept = false;
};

struct SqlRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  // nullopt: NULL
};

class Sql {
 public:
  static constexpr std::size_t kRowsMax = 100'000;

  virtual ~Sql() = default;

  // Connects, runs the one statement in a transaction of its own, commits, and closes, but for
  // on_kept. Faults:
  // connection_refused (nobody listens), denied (SQLSTATE class 28, or 42501), not_found (3D000,
  // 42P01, 42704), invalid (any other error of the statement), unavailable (the server is starting,
  // stopping or in recovery; class 53 and 57), connection_cut, timed_out, too_large. After
  // timed_out and connection_cut the statement may have been committed. The message names the
  // server's own words and the SQLSTATE, never the parameters.
  virtual Task<Result<SqlRows>> query(SqlTarget target, SqlStatement statement) = 0;
};

}  // namespace tandem
