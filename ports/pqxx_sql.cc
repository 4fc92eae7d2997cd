#include "ports/pqxx_sql.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <pqxx/except.hxx>
#include <pqxx/nontransaction.hxx>
#include <pqxx/prepared_statement.hxx>
#include <pqxx/result.hxx>
#include <pqxx/result_iterator.hxx>
#include <utility>

#include "ports/offload.h"
#include "ports/pqxx_connection.h"

namespace tandem {
namespace {

using std::chrono::steady_clock;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

Result<SqlRows> rows_of(const pqxx::result& found) {
  if (found.size() > Sql::kRowsMax)
    return Error{Fault::too_large, "more than " + std::to_string(Sql::kRowsMax) + " rows"};
  SqlRows rows;
  for (pqxx::row::size_type i = 0; i < found.columns(); ++i)
    rows.columns.emplace_back(found.column_name(i));
  for (const auto& row : found) {
    auto& values = rows.rows.emplace_back();
    for (const auto& field : row) {
      if (field.is_null())
        values.emplace_back();
      else
        values.emplace_back(std::string(field.c_str(), field.size()));
    }
  }
  return rows;
}

struct Work {
  SqlTarget target;
  SqlStatement statement;
  steady_clock::time_point deadline;
};

Error late(const Work& work) {
  return Error{Fault::timed_out,
               "no answer within " + std::to_string(work.statement.deadline.count()) + " ms"};
}

// On a thread of the pool. No exception leaves it.
Result<SqlRows> ask(const Work& work, Lifeline& lifeline) {
  if (lifeline.is_cut() || steady_clock::now() >= work.deadline) return late(work);
  BoundedConnect policy(work.target, work.statement.deadline, work.deadline, lifeline);
  try {
    BoundedConnection connection(policy);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
    pqxx::nontransaction transaction(connection);
    const auto found = transaction.exec_params(
        work.statement.text, pqxx::prepare::make_dynamic_params(work.statement.parameters));
    return rows_of(found);
  } catch (const pqxx::sql_error& error) {
    // Some of its classes do not carry the SQLSTATE; the message always does. Its further lines may
    // hold values, and are not shown.
    const ServerWords words = words_of(error.what());
    if (words.state.empty()) return Error{Fault::connection_cut, "the connection was cut"};
    return Error{fault_of(words.state), words.text + " (SQLSTATE " + words.state + ")"};
  } catch (const pqxx::broken_connection&) {
    if (lifeline.is_cut()) return late(work);
    return policy.failure().value_or(Error{Fault::connection_cut, "the server went away"});
  } catch (const std::bad_alloc&) {
    return Error{Fault::unavailable, "too little memory"};
  } catch (const std::exception& error) {
    if (lifeline.is_cut()) return late(work);
    return Error{Fault::invalid, trimmed(error.what())};
  }
}

}  // namespace

struct PqxxSql::State {
  boost::asio::thread_pool pool{kThreads};
  std::list<std::shared_ptr<Lifeline>> under_way;
};

PqxxSql::PqxxSql() : state_(std::make_shared<State>()) {}

PqxxSql::~PqxxSql() {
  for (const auto& lifeline : state_->under_way) lifeline->cut();
  state_->pool.join();
}

Task<Result<SqlRows>> PqxxSql::query(SqlTarget target, SqlStatement statement) {
  if (state_->under_way.size() >= kStatementsMax)
    co_return Error{Fault::unavailable, "too many statements wait for their servers"};
  for (const auto& parameter : statement.parameters)
    if (parameter.find('\0') != std::string::npos)
      co_return Error{Fault::invalid, "a parameter holds a NUL"};

  // The list keeps what a coroutine that is destroyed in its wait leaves to the pool.
  const auto state = state_;
  const auto lifeline = std::make_shared<Lifeline>();
  const auto place = state->under_way.insert(state->under_way.end(), lifeline);
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto until = steady_clock::now() + statement.deadline;
  boost::asio::steady_timer deadline(executor, until);
  deadline.async_wait([lifeline](boost::system::error_code stopped) {
    if (!stopped) lifeline->cut();
  });
  Work work{std::move(target), std::move(statement), until};
  auto run = [work = std::move(work), lifeline] {
    return std::make_shared<Result<SqlRows>>(ask(work, *lifeline));
  };
  const auto rows = co_await offload(state->pool, std::move(run));
  state->under_way.erase(place);
  co_return std::move(*rows);
}

}  // namespace tandem
