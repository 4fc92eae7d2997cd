#include "ports/pqxx_session.h"

#include <algorithm>
#include <pqxx/except.hxx>
#include <pqxx/nontransaction.hxx>
#include <pqxx/prepared_statement.hxx>
#include <pqxx/result.hxx>
#include <pqxx/result_iterator.hxx>
#include <utility>

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

}  // namespace

Error PqxxSession::late() const {
  return Error{Fault::timed_out, "no answer within " + std::to_string(limit_.count()) + " ms"};
}

// Closing takes a message to the server: here, on the pool's thread, not where the loop turns.
Result<SqlRows> PqxxSession::ask(const SqlStatement& statement, steady_clock::time_point deadline) {
  auto rows = try_to_ask(statement, deadline);
  if (!statement.on_kept || !rows.ok()) connection_.reset();
  return rows;
}

Result<SqlRows> PqxxSession::try_to_ask(const SqlStatement& statement,
                                        steady_clock::time_point deadline) {
  if (is_cut() || steady_clock::now() >= deadline) return late();
  try {
    if (!connection_) {
      policy_ = std::make_unique<BoundedConnect>(target_, limit_, deadline, lifeline_);
      connection_ = std::make_unique<BoundedConnection>(*policy_);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
      connection_->inhibit_reactivation(true);
#pragma GCC diagnostic pop
    }
    pqxx::nontransaction transaction(*connection_);
    return rows_of(transaction.exec_params(
        statement.text, pqxx::prepare::make_dynamic_params(statement.parameters)));
  } catch (const pqxx::sql_error& error) {
    // Some of its classes do not carry the SQLSTATE; the message always does. Its further lines may
    // hold values, and are not shown.
    const ServerWords words = words_of(error.what());
    if (words.state.empty()) return Error{Fault::connection_cut, "the connection was cut"};
    return Error{fault_of(words.state), words.text + " (SQLSTATE " + words.state + ")"};
  } catch (const pqxx::broken_connection&) {
    if (is_cut()) return late();
    return policy_->failure().value_or(Error{Fault::connection_cut, "the server went away"});
  } catch (const std::bad_alloc&) {
    return Error{Fault::unavailable, "too little memory"};
  } catch (const std::exception& error) {
    if (is_cut()) return late();
    return Error{Fault::invalid, trimmed(error.what())};
  }
}

}  // namespace tandem
