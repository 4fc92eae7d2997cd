#include "ports/libpq_databases.h"

#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/wording.h"
#include "ports/pqxx_connection.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a wait does not see a stop.
constexpr milliseconds kLook{50};
// So much COPY data is left to libpq before we wait for the socket.
constexpr std::size_t kUnsentMax = 64U << 10U;

std::string first_line(std::string_view text) {
  return foreign_words(text.substr(0, text.find('\n')));
}

std::uint64_t number_in(const char* text) {
  std::uint64_t number = 0;
  std::from_chars(text, text + std::strlen(text), number);
  return number;
}

struct ResultClear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ResultClear>;

class LibpqSession : public DatabaseSession {
 public:
  LibpqSession(PGconn* connection, std::stop_token stop)
      : connection_(connection), stop_(std::move(stop)) {}
  LibpqSession(const LibpqSession&) = delete;
  LibpqSession& operator=(const LibpqSession&) = delete;
  ~LibpqSession() override {
    if (copied_ != nullptr) PQfreemem(copied_);
    PQfinish(connection_);
  }

  Status connect(steady_clock::time_point deadline);

  Result<SqlRows> ask(const std::string& text) override;
  Status begin_rows(const std::string& text) override;
  Result<const SqlRow*> next_row() override;
  Status begin_copy_out(const std::string& text) override;
  Result<std::string_view> next_copy_data() override;
  Status begin_copy_in(const std::string& text) override;
  Status put_copy_data(std::string_view data) override;
  Result<std::uint64_t> end_copy_in() override;
  std::uint64_t affected() const override { return affected_; }
  const std::string& state() const override { return state_; }
  int version() const override { return PQserverVersion(connection_); }
  std::uint64_t bytes() const override;
  void set_patience(milliseconds patience) override { patience_ = patience; }

 private:
  Status send(const std::string& text);
  Status flush();
  Result<short> wait(short events);
  Result<PgResult> next_result();
  Status finish();  // reads what is left of the statements, to their first error
  const SqlRow* take_row(int at);
  void note_affected(const PGresult* result);
  Error error_of(const PGresult* result);
  Error end(Fault fault, const std::string& message);
  Error refused() const;

  PGconn* connection_;
  std::stop_token stop_;
  milliseconds patience_ = Databases::kPatience;
  std::optional<Error> ended_;
  std::string state_;
  std::uint64_t affected_ = 0;
  PgResult rows_;  // of which `at_` is the next one to hand out
  int at_ = 0;
  SqlRow row_;
  char* copied_ = nullptr;
  std::size_t unsent_ = 0;
};

// Shut, so that the server sees the end even while libpq is kept.
Error LibpqSession::end(Fault fault, const std::string& message) {
  if (!ended_) {
    ended_ = Error{fault, message};
    if (PQsocket(connection_) >= 0) shutdown(PQsocket(connection_), SHUT_RDWR);
  }
  return *ended_;
}

Result<short> LibpqSession::wait(short events) {
  const auto deadline = steady_clock::now() + patience_;
  for (;;) {
    if (stop_.stop_requested()) return end(Fault::cancelled, "cancelled");
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0)
      return end(Fault::timed_out, "no answer within " + std::to_string(patience_.count()) + " ms");
    pollfd socket{PQsocket(connection_), events, 0};
    const int ready = poll(&socket, 1, static_cast<int>(std::min(left, kLook).count()));
    if (ready > 0) return socket.revents;
    if (ready < 0 && errno != EINTR) return end(Fault::connection_cut, std::strerror(errno));
  }
}

Error LibpqSession::refused() const {
  const std::string message = PQerrorMessage(connection_);
  if (const ServerWords words = words_of(message); !words.state.empty())
    return {fault_of(words.state), words.text + " (SQLSTATE " + words.state + ")"};
  if (message.find("refused") != std::string::npos ||
      message.find("No such file") != std::string::npos)
    return {Fault::connection_refused, first_line(message)};
  if (message.find("invalid") != std::string::npos ||
      message.find("missing \"=\"") != std::string::npos)
    return {Fault::invalid, first_line(message)};
  return {Fault::unavailable, first_line(message)};
}

Status LibpqSession::connect(steady_clock::time_point deadline) {
  // Only so does the message of a refused connection carry its SQLSTATE.
  PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);
  auto state =
      PQstatus(connection_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    set_patience(std::max(left, milliseconds{0}));
    const auto ready = wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT);
    if (!ready.ok()) return ready.error();
    state = PQconnectPoll(connection_);
  }
  set_patience(Databases::kPatience);
  if (state != PGRES_POLLING_OK) return refused();
  PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  if (PQsetnonblocking(connection_, 1) != 0)
    return end(Fault::connection_cut, "the connection was cut");
  return success();
}

Status LibpqSession::flush() {
  unsent_ = 0;
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent == 0) return success();
    if (unsent < 0) return end(Fault::connection_cut, "the connection was cut");
    const auto ready = wait(POLLIN | POLLOUT);
    if (!ready.ok()) return ready.error();
    // A server that has something to say may not read before it was heard.
    if ((ready.value() & POLLIN) != 0 && PQconsumeInput(connection_) == 0)
      return end(Fault::connection_cut, "the connection was cut");
  }
}

Status LibpqSession::send(const std::string& text) {
  if (ended_) return *ended_;
  state_.clear();
  rows_.reset();
  if (PQsendQuery(connection_, text.c_str()) != 1)
    return end(Fault::connection_cut, first_line(PQerrorMessage(connection_)));
  return flush();
}

// nullptr: all statements have ended.
Result<PgResult> LibpqSession::next_result() {
  if (ended_) return *ended_;
  while (PQisBusy(connection_) == 1) {
    const auto ready = wait(POLLIN);
    if (!ready.ok()) return ready.error();
    if (PQconsumeInput(connection_) == 0) break;  // PQgetResult tells why
  }
  return PgResult(PQgetResult(connection_));
}

Error LibpqSession::error_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) return end(Fault::connection_cut, "the connection was cut");
  state_ = state;
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  // The details may hold values of rows, and are not told.
  const std::string words = first_line(text == nullptr ? "" : text) + " (SQLSTATE " + state_ + ")";
  if (PQstatus(connection_) == CONNECTION_BAD || state_.starts_with("57P"))
    return end(Fault::connection_cut, words);
  return {fault_of(state_), words};
}

Status LibpqSession::finish() {
  std::optional<Error> first;
  for (;;) {
    auto next = next_result();
    if (!next.ok()) return next.error();
    const PGresult* result = next.value().get();
    if (result == nullptr) break;
    const auto status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK) note_affected(result);
    if (status == PGRES_FATAL_ERROR && !first) first = error_of(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
      return end(Fault::invalid, "a COPY where rows were expected");
  }
  if (first) return *first;
  return success();
}

Status LibpqSession::begin_rows(const std::string& text) {
  const auto sent = send(text);
  if (sent.ok()) PQsetSingleRowMode(connection_);
  return sent;
}

Result<const SqlRow*> LibpqSession::next_row() {
  for (;;) {
    if (rows_ && at_ < PQntuples(rows_.get())) return take_row(at_++);
    rows_.reset();
    auto next = next_result();
    if (!next.ok()) return next.error();
    const PGresult* result = next.value().get();
    if (result == nullptr) return nullptr;
    const auto status = PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR) {
      const Error error = error_of(result);
      const auto rest = finish();
      return rest.ok() ? error : ended_.value_or(error);
    }
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
      return end(Fault::invalid, "a COPY where rows were expected");
    note_affected(result);
    // At the end of a statement's rows: the mode counts for the next statement anew.
    if (status != PGRES_SINGLE_TUPLE) PQsetSingleRowMode(connection_);
    rows_ = std::move(next).value();
    at_ = 0;
  }
}

const SqlRow* LibpqSession::take_row(int at) {
  const auto columns = static_cast<std::size_t>(PQnfields(rows_.get()));
  row_.assign(columns, std::nullopt);
  for (std::size_t i = 0; i < columns; ++i) {
    const int column = static_cast<int>(i);
    if (PQgetisnull(rows_.get(), at, column) == 0)
      row_[i] = std::string(PQgetvalue(rows_.get(), at, column),
                            static_cast<std::size_t>(PQgetlength(rows_.get(), at, column)));
  }
  return &row_;
}

void LibpqSession::note_affected(const PGresult* result) {
  const char* count = PQcmdTuples(const_cast<PGresult*>(result));  // changes nothing
  if (*count != '\0') affected_ = number_in(count);
}

Result<SqlRows> LibpqSession::ask(const std::string& text) {
  const auto begun = begin_rows(text);
  if (!begun.ok()) return begun.error();
  SqlRows rows;
  std::size_t bytes = 0;
  for (;;) {
    const auto row = next_row();
    if (!row.ok()) return row.error();
    if (row.value() == nullptr) return rows;
    for (const auto& value : *row.value()) bytes += sizeof value + (value ? value->size() : 0);
    if (bytes > kAnswerBytesMax) return end(Fault::too_large, "an answer of more than 16 MiB");
    rows.rows.push_back(*row.value());
  }
}

Status LibpqSession::begin_copy_out(const std::string& text) {
  const auto sent = send(text);
  if (!sent.ok()) return sent;
  auto first = next_result();
  if (!first.ok()) return first.error();
  if (PQresultStatus(first.value().get()) == PGRES_COPY_OUT) return success();
  const Error error = error_of(first.value().get());
  const auto rest = finish();
  return rest.ok() ? error : ended_.value_or(error);
}

Result<std::string_view> LibpqSession::next_copy_data() {
  if (ended_) return *ended_;
  if (copied_ != nullptr) PQfreemem(std::exchange(copied_, nullptr));
  for (;;) {
    const int size = PQgetCopyData(connection_, &copied_, 1);
    if (size > 0) return std::string_view(copied_, static_cast<std::size_t>(size));
    if (size == -1) {
      const auto rest = finish();
      if (!rest.ok()) return rest.error();
      return std::string_view();
    }
    if (size == -2) return end(Fault::connection_cut, "the connection was cut");
    const auto ready = wait(POLLIN);
    if (!ready.ok()) return ready.error();
    if (PQconsumeInput(connection_) == 0)
      return end(Fault::connection_cut, "the connection was cut");
  }
}

Status LibpqSession::begin_copy_in(const std::string& text) {
  const auto sent = send(text);
  if (!sent.ok()) return sent;
  auto first = next_result();
  if (!first.ok()) return first.error();
  if (PQresultStatus(first.value().get()) == PGRES_COPY_IN) return success();
  const Error error = error_of(first.value().get());
  const auto rest = finish();
  return rest.ok() ? error : ended_.value_or(error);
}

Status LibpqSession::put_copy_data(std::string_view data) {
  if (ended_) return *ended_;
  for (;;) {
    const int put = PQputCopyData(connection_, data.data(), static_cast<int>(data.size()));
    if (put < 0) return end(Fault::connection_cut, "the connection was cut");
    if (put == 1) break;
    const auto ready = wait(POLLOUT);
    if (!ready.ok()) return ready.error();
  }
  unsent_ += data.size();
  return unsent_ < kUnsentMax ? success() : flush();
}

Result<std::uint64_t> LibpqSession::end_copy_in() {
  if (ended_) return *ended_;
  for (;;) {
    const int put = PQputCopyEnd(connection_, nullptr);
    if (put < 0) return end(Fault::connection_cut, "the connection was cut");
    if (put == 1) break;
    const auto ready = wait(POLLOUT);
    if (!ready.ok()) return ready.error();
  }
  const auto flushed = flush();
  if (!flushed.ok()) return flushed.error();
  const auto ended = finish();
  if (!ended.ok()) return ended.error();
  return affected_;
}

std::uint64_t LibpqSession::bytes() const {
  // glibc's tcp_info ends before the kernel's counts of bytes.
  constexpr std::size_t kAcknowledged = 15, kReceived = 16, kWords = 17;
  std::array<std::uint64_t, kWords> info{};
  socklen_t size = sizeof info;
  const int socket = PQsocket(connection_);
  if (socket < 0 || getsockopt(socket, IPPROTO_TCP, TCP_INFO, info.data(), &size) != 0) return 0;
  return size < sizeof info ? 0 : info[kAcknowledged] + info[kReceived];
}

}  // namespace

Result<std::unique_ptr<DatabaseSession>> LibpqDatabases::open(const SqlTarget& target,
                                                              std::stop_token stop) {
  const std::string name(kReplicationSessions);
  // A later keyword counts before the dsn's own.
  std::vector<const char*> keys{"dbname",           "application_name",    "client_encoding",
                                "keepalives_idle",  "keepalives_interval", "keepalives_count",
                                "tcp_user_timeout", "gssencmode"};
  std::vector<const char*> values{target.dsn.c_str(), name.c_str(), "UTF8", "5", "2", "3", "8000",
                                  "disable"};
  if (!target.password.empty()) {
    keys.push_back("password");
    values.push_back(target.password.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* connection = PQconnectStartParams(keys.data(), values.data(), 1);
  if (connection == nullptr) return Error{Fault::unavailable, "too little memory"};
  auto session = std::make_unique<LibpqSession>(connection, std::move(stop));
  const auto connected = session->connect(steady_clock::now() + kConnectMax);
  if (!connected.ok()) return connected.error();
  return std::unique_ptr<DatabaseSession>(std::move(session));
}

}  // namespace tandem
