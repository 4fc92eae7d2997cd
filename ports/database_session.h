// Long work with a PostgreSQL server: many statements over one session, rows and COPY data as
// streams. Every wait is bounded, and ends within a moment of a stop. Made for a thread of its own:
// its calls block. Its twin in the tests is a real server; a fake one would have to be PostgreSQL.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ports/sql.h"

namespace tandem {

using SqlRow = std::vector<std::optional<std::string>>;

class DatabaseSession {
 public:
  // Of rows that ask() keeps.
  static constexpr std::size_t kAnswerBytesMax = 16U << 20U;

  virtual ~DatabaseSession() = default;

  // A call that fails with cancelled, timed_out or connection_cut ends the session: the server
  // rolls back, and every further call fails. Another failure leaves it to further statements.
  // `text` may hold several statements; without BEGIN they are one transaction. Faults as Sql's.

  // Runs, and returns the rows of all its statements, in order.
  virtual Result<SqlRows> ask(const std::string& text) = 0;

  // The same as a stream: begin_rows(), then next_row() until it returns nullptr or fails. A row
  // lives until the next call.
  virtual Status begin_rows(const std::string& text) = 0;
  virtual Result<const SqlRow*> next_row() = 0;

  // COPY ... TO STDOUT: a row a call, the header with the first one; empty: the end. A view lives
  // until the next call.
  virtual Status begin_copy_out(const std::string& text) = 0;
  virtual Result<std::string_view> next_copy_data() = 0;

  // COPY ... FROM STDIN. end_copy_in() returns the number of rows.
  virtual Status begin_copy_in(const std::string& text) = 0;
  virtual Status put_copy_data(std::string_view data) = 0;
  virtual Result<std::uint64_t> end_copy_in() = 0;

  // Of the last statement that ended: the rows that it changed.
  virtual std::uint64_t affected() const = 0;
  // The SQLSTATE of the last failure; empty where the server said nothing.
  virtual const std::string& state() const = 0;
  // 150018
  virtual int version() const = 0;
  // Received and sent over TCP so far, as the kernel counts; 0 over a local socket.
  virtual std::uint64_t bytes() const = 0;
  // How long a call may wait for the server's next byte, from now on.
  virtual void set_patience(std::chrono::milliseconds patience) = 0;
};

class Databases {
 public:
  static constexpr std::chrono::seconds kConnectMax{10};
  static constexpr std::chrono::seconds kPatience{15};

  virtual ~Databases() = default;

  // Connects within kConnectMax. `stop` ends every wait of the session. A lost connection is never
  // opened anew behind the caller's back.
  virtual Result<std::unique_ptr<DatabaseSession>> open(const SqlTarget& target,
                                                        std::stop_token stop) = 0;
};

// The name of these sessions in pg_stat_activity, by which the secondary knows what to end.
inline constexpr std::string_view kReplicationSessions = "tandem-replication";

}  // namespace tandem
