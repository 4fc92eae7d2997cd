#include "ports/pqxx_connection.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <pqxx/except.hxx>
#include <vector>

#include "core/wording.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long a connection that is being made does not see that it was cut.
constexpr milliseconds kLook{50};

bool is_state(std::string_view word) {
  return word.size() == 5 && std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || std::isupper(c) != 0;
         });
}

std::string first_line(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  return foreign_words(text);
}

// Waits for the socket as libpq asks; false once the deadline has passed or it was cut.
bool wait_for(PGconn* connection, PostgresPollingStatusType wanted,
              steady_clock::time_point deadline, const Lifeline& lifeline) {
  while (!lifeline.is_cut() && steady_clock::now() < deadline) {
    pollfd socket{PQsocket(connection), 0, 0};
    socket.events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()) + milliseconds{1};
    const int ready = poll(&socket, 1, static_cast<int>(std::min(left, kLook).count()));
    if (ready > 0) return true;
  }
  return false;
}

}  // namespace

Lifeline::~Lifeline() {
  if (socket_ >= 0) close(socket_);
}

void Lifeline::hold(int socket) {
  socket_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (cut_) cut();
}

void Lifeline::cut() {
  cut_ = true;
  const int socket = socket_;
  if (socket >= 0) shutdown(socket, SHUT_RDWR);
}

BoundedConnect::BoundedConnect(const SqlTarget& target, milliseconds statement_limit,
                               steady_clock::time_point deadline, Lifeline& lifeline)
    : connectionpolicy(target.dsn),
      target_(target),
      statement_limit_(statement_limit),
      deadline_(deadline),
      lifeline_(lifeline) {}

BoundedConnect::handle BoundedConnect::do_startconnect(handle existing) {
  if (existing != nullptr) return existing;
  if (failure_) throw pqxx::broken_connection(failure_->message);

  const std::string options =
      "-c statement_timeout=" + std::to_string(statement_limit_.count()) + " -c lock_timeout=2000";
  // A later keyword counts before the dsn's own.
  std::vector<const char*> keys{"dbname",           "application_name", "client_encoding",
                                "options",          "keepalives_idle",  "keepalives_interval",
                                "keepalives_count", "tcp_user_timeout", "gssencmode"};
  std::vector<const char*> values{
      target_.dsn.c_str(), "tandem", "UTF8", options.c_str(), "5", "2", "3", "8000", "disable"};
  if (!target_.password.empty()) {
    keys.push_back("password");
    values.push_back(target_.password.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);

  handle connection = PQconnectStartParams(keys.data(), values.data(), 1);
  if (connection == nullptr) throw std::bad_alloc();
  // Only so does every message carry its SQLSTATE, that of a refused connection too.
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  auto state =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    if (!wait_for(connection, state, deadline_, lifeline_)) break;
    state = PQconnectPoll(connection);
  }
  if (state != PGRES_POLLING_OK) return refuse(connection);
  lifeline_.hold(PQsocket(connection));
  return connection;
}

BoundedConnect::handle BoundedConnect::refuse(handle connection) {
  const std::string message = PQerrorMessage(connection);
  const bool failed = PQstatus(connection) == CONNECTION_BAD;
  PQfinish(connection);
  if (!failed) {
    failure_ = Error{Fault::timed_out, "no connection within the deadline"};
  } else if (ServerWords words = words_of(message); !words.state.empty()) {
    failure_ = Error{fault_of(words.state), words.text + " (SQLSTATE " + words.state + ")"};
  } else if (message.find("refused") != std::string::npos ||
             message.find("No such file") != std::string::npos) {
    failure_ = Error{Fault::connection_refused, first_line(message)};
  } else if (message.find("invalid") != std::string::npos ||
             message.find("missing \"=\"") != std::string::npos) {
    failure_ = Error{Fault::invalid, first_line(message)};
  } else {
    failure_ = Error{Fault::unavailable, first_line(message)};
  }
  throw pqxx::broken_connection(failure_->message);
}

ServerWords words_of(const std::string& message) {
  // "... failed: FATAL:  28P01: the text\nLOCATION: ...": the last one counts, since libpq tries
  // again without TLS what was refused with it.
  ServerWords words;
  for (std::size_t at = message.find(":  "); at != std::string::npos;
       at = message.find(":  ", at + 1)) {
    if (at + 9 >= message.size() || message[at + 8] != ':') continue;
    if (!is_state(std::string_view(message).substr(at + 3, 5))) continue;
    words.state = message.substr(at + 3, 5);
    words.text = first_line(message.substr(at + 10));
  }
  return words;
}

Fault fault_of(const std::string& state) {
  const std::string kind = state.substr(0, 2);
  if (kind == "28" || state == "42501") return Fault::denied;
  if (state == "3D000" || state == "42P01" || state == "42704") return Fault::not_found;
  if (state == "57014") return Fault::timed_out;  // by our statement_timeout
  if (kind == "53" || kind == "57" || state == "55P03") return Fault::unavailable;
  if (kind == "08") return Fault::connection_cut;
  if (kind == "40") return Fault::unavailable;  // a deadlock, a serialization failure
  return Fault::invalid;
}

}  // namespace tandem
