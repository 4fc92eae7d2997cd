#include "ports/beast_http_server.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "ports/http_answer.h"
#include "ports/http_connection.h"
#include "ports/http_streaming.h"
#include "ports/tls_connection.h"
#include "ports/tls_server_context.h"

namespace tandem {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

using Parser = beast::http::request_parser<beast::http::string_body>;
using Field = beast::http::field;

constexpr std::size_t kRefusalsMax = 32;  // connections that are being told 503, beside the limit
constexpr milliseconds kAcceptPause = 100ms;  // where no connection can be accepted just now
constexpr milliseconds kStopCheckPeriod = 10ms;

// What read_request() returns instead of the status of a refusal.
constexpr int kEnded = 0;
constexpr int kComplete = 200;

using Connections = std::set<std::shared_ptr<HttpConnection>>;

// What the server and its sessions share; sessions may outlive the server.
struct Core {
  Core(asio::io_context& context, HttpServerLimits its_limits, HttpHandler its_handler)
      : io(context), acceptor(io), limits(its_limits), handler(std::move(its_handler)) {}

  void stop_listening() {
    error_code ignored;
    stopping = true;
    acceptor.close(ignored);
  }

  bool answering() const {
    return std::any_of(served.begin(), served.end(),
                       [](const auto& one) { return one->answering && !one->streaming; });
  }

  void cut_all(bool answering_too) {
    for (const auto& connection : served)
      if (answering_too || !connection->answering || connection->streaming) connection->cut();
    for (const auto& connection : refused) connection->cut();
  }

  asio::io_context& io;
  tcp::acceptor acceptor;
  HttpServerLimits limits;
  HttpHandler handler;
  std::optional<TlsServerContext> tls;
  Connections served;
  Connections refused;
  bool stopping = false;
};

// Makes room for one more: cuts the connection that has kept us waiting for a request the longest,
// one that has not shown its certificate first, so that nobody who opens connections and says
// nothing can keep those out who ask. False: all are being answered, or too many are leaving
// already.
bool make_room(const Connections& served) {
  const auto leaving =
      std::count_if(served.begin(), served.end(), [](const auto& one) { return one->given_up; });
  if (static_cast<std::size_t>(leaving) >= kRefusalsMax) return false;
  std::shared_ptr<HttpConnection> longest;
  for (const auto& one : served)
    if (!one->answering && !one->given_up &&
        (!longest || std::pair(one->admitted, one->waiting_since) <
                         std::pair(longest->admitted, longest->waiting_since)))
      longest = one;
  if (!longest) return false;
  longest->given_up = true;
  longest->cut();
  return true;
}

// Takes a connection out of its set however the session ends.
struct Departure {
  ~Departure() { all.erase(connection); }
  Connections& all;
  const std::shared_ptr<HttpConnection>& connection;
};

// ---- requests

int status_of(error_code error) {
  if (error == beast::http::error::body_limit) return 413;
  if (error == beast::http::error::header_limit) return 431;
  return 400;
}

// What Beast lets pass though two readers may understand it in two ways, which is how requests are
// smuggled: every length must be said once, and no transfer coding but "chunked".
bool is_unambiguous(const Parser::value_type& request) {
  const auto lengths = request.count(Field::content_length);
  const auto codings = request.count(Field::transfer_encoding);
  const auto hosts = request.count(Field::host);
  if (hosts > 1 || (request.version() == 11 && hosts != 1)) return false;
  if (lengths > 1 || request[Field::content_length].find(',') != beast::string_view::npos)
    return false;
  if (codings > 0 && (codings > 1 || lengths > 0 || request.version() != 11)) return false;
  if (codings > 0 && !beast::iequals(request[Field::transfer_encoding], "chunked")) return false;
  return request.target().starts_with('/');
}

bool awaits_permission(const Parser& parser) {
  return !parser.is_done() && parser.get().version() == 11 &&
         beast::iequals(parser.get()[Field::expect], "100-continue");
}

// kComplete, kEnded, or the status to refuse the request with. What follows the request stays in
// `buffer`.
Task<int> read_request(const HttpServerLimits& limits, HttpConnection& connection,
                       std::string& buffer, Parser& parser) {
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(limits.body_bytes);
  connection.allow(limits.idle);
  bool checked = false;
  for (;;) {
    error_code error = beast::http::error::need_more;
    if (!buffer.empty()) buffer.erase(0, parser.put(asio::buffer(buffer), error));
    if (error && error != beast::http::error::need_more) co_return status_of(error);
    if (parser.is_header_done() && !checked) {
      if (!is_unambiguous(parser.get())) co_return 400;
      checked = true;
      parser.eager(true);
      if (awaits_permission(parser)) {
        const bool sent = co_await connection.write("HTTP/1.1 100 Continue\r\n\r\n");
        if (!sent) co_return kEnded;
      }
      if (!buffer.empty() && !parser.is_done()) continue;
    }
    if (parser.is_done()) co_return kComplete;
    // A line of a chunked body that does not end.
    if (buffer.size() > limits.header_bytes + HttpConnection::kReadMax) co_return 400;

    const bool between_requests = !parser.got_some() && buffer.empty();
    const bool more = co_await connection.read(buffer);
    if (!more) co_return connection.timed_out() && !between_requests ? 408 : kEnded;
    if (between_requests) connection.allow(limits.idle);
  }
}

std::string copy(beast::string_view view) { return {view.data(), view.size()}; }

ServedRequest translate(Parser& parser, const HttpConnection& connection) {
  const auto& request = parser.get();
  const auto target = copy(request.target());
  const auto question = std::min(target.find('?'), target.size());
  ServedRequest result;
  result.method = copy(request.method_string());
  if (result.method == "HEAD") result.method = "GET";
  result.path = target.substr(0, question);
  if (question < target.size()) result.query = target.substr(question + 1);
  for (const auto& field : request) {
    auto& value = result.headers[copy(field.name_string())];
    value += (value.empty() ? "" : ", ") + copy(field.value());
  }
  result.body = std::move(parser.get().body());
  result.remote = connection.remote();
  result.from_loopback = connection.from_loopback();
  result.over_tls = connection.over_tls();
  result.certificate_names = connection.certificate_names();
  return result;
}

// ---- answers

Task<ServedResponse> handle(const HttpHandler& handler, ServedRequest request) {
  try {
    auto response = co_await handler(std::move(request));
    if (response.status >= 200 && response.status <= 599) co_return response;
  } catch (...) {
    // It must not throw; where it does all the same, this one request fails.
  }
  co_return problem_answer(500);
}

// ---- connections

// Answers the request; whether another may follow on this connection.
Task<bool> answer(Core& core, HttpConnection& connection, Parser& parser) {
  const bool head = parser.get().method() == beast::http::verb::head;
  auto request = translate(parser, connection);
  connection.answering = true;
  connection.rest();
  auto response = co_await handle(core.handler, std::move(request));
  if (response.stream) {
    connection.streaming = true;
    const StreamingWay way{core.limits.idle, parser.get().version() == 11, head};
    co_await send_stream(connection.shared_from_this(), std::move(response), way);
    co_return false;
  }
  const bool keep_alive = parser.keep_alive() && !core.stopping;
  auto text = render_answer(response, head, keep_alive);
  connection.allow(core.limits.idle);
  const bool sent = co_await connection.write(std::move(text));
  connection.answering = false;
  connection.waiting_since = steady_clock::now();
  co_return sent&& keep_alive;
}

Task<void> refuse(const Core& core, HttpConnection& connection, int status) {
  connection.allow(core.limits.idle);
  const bool sent = co_await connection.write(render_answer(problem_answer(status), false, false));
  if (sent) co_await connection.drain();
}

Task<void> serve(std::shared_ptr<Core> core, std::shared_ptr<HttpConnection> connection) {
  const Departure departure{core->served, connection};
  connection->allow(core->limits.handshake);
  connection->admitted = co_await connection->open();
  if (!connection->admitted) co_return;
  std::string buffer;
  while (!core->stopping) {
    Parser parser;
    const int status = co_await read_request(core->limits, *connection, buffer, parser);
    if (status == kEnded) co_return;
    if (status != kComplete) {
      co_await refuse(*core, *connection, status);
      co_return;
    }
    const bool again = co_await answer(*core, *connection, parser);
    if (connection->streaming) co_return;
    if (!again) break;
  }
  co_await connection->drain();
}

Task<void> turn_away(std::shared_ptr<Core> core, std::shared_ptr<HttpConnection> connection) {
  const Departure departure{core->refused, connection};
  co_await refuse(*core, *connection, 503);
}

// nullptr: there is no usable certificate to show, so nobody can be spoken with.
std::shared_ptr<HttpConnection> connect(Core& core, tcp::socket socket) {
  if (!core.tls) return std::make_shared<HttpConnection>(std::move(socket));
  auto context = core.tls->current();
  if (!context) return nullptr;
  return std::make_shared<TlsConnection>(std::move(socket), std::move(context));
}

Task<void> accept_all(std::shared_ptr<Core> core) {
  asio::steady_timer pause(core->io);
  while (!core->stopping) {
    error_code error;
    tcp::socket socket(core->io);
    co_await core->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (core->stopping) co_return;
    if (error) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    const auto connection = connect(*core, std::move(socket));
    if (!connection) continue;
    if (core->served.size() < core->limits.connections || make_room(core->served)) {
      core->served.insert(connection);
      asio::co_spawn(core->io, serve(core, connection), asio::detached);
    } else if (!core->tls && core->refused.size() < kRefusalsMax) {
      core->refused.insert(connection);
      asio::co_spawn(core->io, turn_away(core, connection), asio::detached);
    }
  }
}

Task<void> stop_all(std::shared_ptr<Core> core, milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  core->stop_listening();
  core->cut_all(false);
  asio::steady_timer timer(core->io);
  error_code ignored;
  while (core->answering() && steady_clock::now() < deadline) {
    timer.expires_at(std::min(deadline, steady_clock::now() + kStopCheckPeriod));
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  core->cut_all(true);
}

class BeastHttpServer : public HttpServer {
 public:
  explicit BeastHttpServer(std::shared_ptr<Core> core) : core_(std::move(core)) {
    const auto endpoint = core_->acceptor.local_endpoint();
    address_ = endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
    asio::co_spawn(core_->io, accept_all(core_), asio::detached);
  }
  ~BeastHttpServer() override {
    core_->stop_listening();
    core_->cut_all(true);
  }

  std::string address() const override { return address_; }
  Task<void> stop(milliseconds limit) override { return stop_all(core_, limit); }

 private:
  std::shared_ptr<Core> core_;
  std::string address_;
};

Result<tcp::endpoint> parse_address(const std::string& address) {
  const auto colon = std::min(address.rfind(':'), address.size());
  const auto digits = address.substr(std::min(colon + 1, address.size()));
  const auto* const end = digits.data() + digits.size();
  error_code error;
  const auto host = asio::ip::make_address_v4(address.substr(0, colon), error);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), end, port);
  if (error || parsed.ec != std::errc() || parsed.ptr != end)
    return Error{Fault::invalid, "cannot listen on '" + address + "': it must be IPV4:PORT"};
  return tcp::endpoint(host, port);
}

Result<std::unique_ptr<HttpServer>> listen(std::shared_ptr<Core> core, const std::string& address) {
  const auto endpoint = parse_address(address);
  if (!endpoint.ok()) return endpoint.error();
  error_code error;
  core->acceptor.open(tcp::v4(), error);
  if (!error) core->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) core->acceptor.bind(endpoint.value(), error);
  if (!error) core->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    const auto fault = error == asio::error::access_denied ? Fault::denied : Fault::unavailable;
    return Error{fault, "cannot listen on " + address + ": " + error.message()};
  }
  std::unique_ptr<HttpServer> server = std::make_unique<BeastHttpServer>(std::move(core));
  return server;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> listen_http(asio::io_context& io, const std::string& address,
                                                HttpServerLimits limits, HttpHandler handler) {
  return listen(std::make_shared<Core>(io, limits, std::move(handler)), address);
}

Result<std::unique_ptr<HttpServer>> listen_https(asio::io_context& io, const std::string& address,
                                                 TlsFiles files, HttpServerLimits limits,
                                                 HttpHandler handler) {
  auto core = std::make_shared<Core>(io, limits, std::move(handler));
  core->tls.emplace(std::move(files));
  return listen(std::move(core), address);
}

}  // namespace tandem
