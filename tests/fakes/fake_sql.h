// Servers as functions: a statement is looked up by the server's dsn, and written down.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ports/sql.h"

namespace tandem::fakes {

class FakeSql : public Sql {
 public:
  using Server = std::function<Result<SqlRows>(const SqlTarget&, const SqlStatement&)>;

  // By dsn. Where there is no server, connection_refused.
  std::map<std::string, Server> servers;
  // By dsn: fails with this, whatever the server would do.
  std::map<std::string, Error> errors;

  std::vector<std::string> journal;  // "DSN: STATEMENT", failed ones too; never a parameter

  Task<Result<SqlRows>> query(SqlTarget target, SqlStatement statement) override {
    journal.push_back(target.dsn + ": " + statement.text);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    for (const auto& parameter : statement.parameters)
      if (parameter.find('\0') != std::string::npos)
        co_return Error{Fault::invalid, "a parameter holds a NUL"};
    if (const auto error = errors.find(target.dsn); error != errors.end()) co_return error->second;
    const auto server = servers.find(target.dsn);
    if (server == servers.end()) co_return Error{Fault::connection_refused, "nobody listens there"};
    auto rows = server->second(target, statement);
    if (rows.ok() && rows.value().rows.size() > kRowsMax)
      co_return Error{Fault::too_large, "more than " + std::to_string(kRowsMax) + " rows"};
    co_return rows;
  }
};

}  // namespace tandem::fakes
