#include "ports/pqxx_sql.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <utility>

#include "ports/offload.h"
#include "ports/pqxx_session.h"

namespace tandem {

using std::chrono::steady_clock;

namespace {

bool may_be_stale(const Result<SqlRows>& rows) {
  return !rows.ok() &&
         (rows.error().fault == Fault::connection_cut || rows.error().fault == Fault::unavailable);
}

}  // namespace

// Of the caller's own thread, all of it: the pool's threads see one session each.
struct PqxxSql::State {
  using Session = std::shared_ptr<PqxxSession>;
  struct Kept {
    Session session;
    steady_clock::time_point until;
  };

  boost::asio::thread_pool pool{kThreads};
  std::list<Session> under_way;
  std::list<Kept> kept;  // the one that goes first at the front
  bool looks_for_idle = false;

  // A session for such a statement that an earlier one has left; null: there is none.
  Session take(const SqlTarget& target, std::chrono::milliseconds limit);
  void keep(Session session);
  // Ends a connection, which takes a message to the server, on a thread of the pool.
  void end(Session session);
  static void end_idle(const std::shared_ptr<State>& state,
                       const boost::asio::any_io_executor& executor);
};

PqxxSql::State::Session PqxxSql::State::take(const SqlTarget& target,
                                             std::chrono::milliseconds limit) {
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const Kept& one) {
    return one.session->serves(target, limit);
  });
  if (found == kept.end()) return nullptr;
  Session session = std::move(found->session);
  kept.erase(found);
  return session;
}

void PqxxSql::State::keep(Session session) {
  kept.push_back({std::move(session), steady_clock::now() + kIdleMax});
  if (kept.size() <= kKeptMax) return;
  end(std::move(kept.front().session));
  kept.pop_front();
}

void PqxxSql::State::end(Session session) {
  boost::asio::post(pool, [session = std::move(session)]() mutable { session.reset(); });
}

// Whoever asks no more leaves no connection open behind it.
void PqxxSql::State::end_idle(const std::shared_ptr<State>& state,
                              const boost::asio::any_io_executor& executor) {
  while (!state->kept.empty() && state->kept.front().until <= steady_clock::now()) {
    state->end(std::move(state->kept.front().session));
    state->kept.pop_front();
  }
  if (state->kept.empty() || std::exchange(state->looks_for_idle, true)) return;
  const auto timer =
      std::make_shared<boost::asio::steady_timer>(executor, state->kept.front().until);
  const std::weak_ptr weak = state;
  timer->async_wait([timer, weak, executor](boost::system::error_code) {
    const auto still_there = weak.lock();
    if (!still_there) return;
    still_there->looks_for_idle = false;
    end_idle(still_there, executor);
  });
}

PqxxSql::PqxxSql() : state_(std::make_shared<State>()) {}

PqxxSql::~PqxxSql() {
  for (const auto& session : state_->under_way) session->cut();
  state_->pool.join();
  state_->kept.clear();
}

Task<Result<SqlRows>> PqxxSql::query(SqlTarget target, SqlStatement statement) {
  if (state_->under_way.size() >= kStatementsMax)
    co_return Error{Fault::unavailable, "too many statements wait for their servers"};
  for (const auto& parameter : statement.parameters)
    if (parameter.find('\0') != std::string::npos)
      co_return Error{Fault::invalid, "a parameter holds a NUL"};

  // The lists keep what a coroutine that is destroyed in its wait leaves to the pool.
  const auto state = state_;
  const auto deadline = steady_clock::now() + statement.deadline;
  auto session = statement.on_kept ? state->take(target, statement.deadline) : nullptr;
  const bool was_kept = session != nullptr;
  if (!was_kept) session = std::make_shared<PqxxSession>(target, statement.deadline);
  auto rows = co_await run(state, session, statement, deadline);
  // The server has ended it in the meantime, as a restart does.
  if (was_kept && may_be_stale(*rows) && !session->is_cut()) {
    session = std::make_shared<PqxxSession>(std::move(target), statement.deadline);
    auto again = co_await run(state, session, statement, deadline);
    rows = std::move(again);
  }
  if (statement.on_kept && rows->ok() && session->is_open()) {
    state->keep(std::move(session));
    const auto executor = co_await boost::asio::this_coro::executor;
    State::end_idle(state, executor);
  }
  co_return std::move(*rows);
}

Task<std::shared_ptr<Result<SqlRows>>> PqxxSql::run(std::shared_ptr<State> state,
                                                    std::shared_ptr<PqxxSession> session,
                                                    SqlStatement statement, Until deadline) {
  const auto place = state->under_way.insert(state->under_way.end(), session);
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer late(executor, deadline);
  const std::weak_ptr asked = session;  // the last to let go closes, and must be no timer
  late.async_wait([asked](boost::system::error_code stopped) {
    const auto still_there = stopped ? nullptr : asked.lock();
    if (still_there) still_there->cut();
  });
  auto ask = [session, deadline, statement = std::move(statement)] {
    return std::make_shared<Result<SqlRows>>(session->ask(statement, deadline));
  };
  auto rows = co_await offload(state->pool, std::move(ask));
  state->under_way.erase(place);
  co_return rows;
}

}  // namespace tandem
