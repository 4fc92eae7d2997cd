// One connection of libpqxx with a deadline: made by libpq without blocking, cut from outside.
//
// Seen by pqxx_sql.cc alone: libpqxx stays in it.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <pqxx/connection_base.hxx>
#include <pqxx/connectionpolicy.hxx>
#include <string>

#include "core/result.h"
#include "ports/sql.h"

namespace tandem {

// The socket of a connection, as another thread may shut it down: a duplicate, so that its number
// can not be a stranger's by then.
class Lifeline {
 public:
  Lifeline() = default;
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;
  ~Lifeline();

  // The connection's thread: what is to be cut from now on.
  void hold(int socket);
  // Any thread: ends the connection's waiting, at once or as soon as it waits.
  void cut();
  bool is_cut() const { return cut_; }

 private:
  std::atomic<int> socket_ = -1;
  std::atomic<bool> cut_ = false;
};

// Makes the connection as libpqxx asks for it, and only once: there is no second, silent one.
class BoundedConnect : public pqxx::connectionpolicy {
 public:
  BoundedConnect(const SqlTarget& target, std::chrono::milliseconds statement_limit,
                 std::chrono::steady_clock::time_point deadline, Lifeline& lifeline);

  handle do_startconnect(handle existing) override;
  handle do_completeconnect(handle existing) override { return existing; }

  // Why there is no connection.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  handle refuse(handle connection);

  const SqlTarget& target_;
  std::chrono::milliseconds statement_limit_;
  std::chrono::steady_clock::time_point deadline_;
  Lifeline& lifeline_;
  std::optional<Error> failure_;
};

class BoundedConnection : public pqxx::connection_base {
 public:
  explicit BoundedConnection(BoundedConnect& policy) : connection_base(policy) { init(); }
  ~BoundedConnection() { close(); }
};

// "28P01" and the rest of a server's message; the state is empty where the message has none.
struct ServerWords {
  std::string state;
  std::string text;
};
// Of a message in libpq's verbose form.
ServerWords words_of(const std::string& message);

// The fault of an SQLSTATE, as ports/sql.h names them.
Fault fault_of(const std::string& state);

}  // namespace tandem
