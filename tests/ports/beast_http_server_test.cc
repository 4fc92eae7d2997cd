#include "ports/beast_http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/ports/raw_client.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

// What the handler of the tests does, and what it has seen.
struct Script {
  std::atomic<int> requests = 0;
  std::atomic<bool> slow_may_end = false;
};

Task<ServedResponse> handle(Script& script, ServedRequest request) {
  ++script.requests;
  if (request.path == "/throw") throw std::runtime_error("a handler's mistake");
  if (request.path == "/slow") {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    while (!script.slow_may_end) {
      timer.expires_after(1ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  }
  ServedResponse response;
  if (request.path == "/empty") response.status = 204;
  if (request.path == "/huge") response.body.assign(100U << 20U, 'x');
  if (request.path == "/split") response.headers = {{"X-Bad", "1\r\nX-Evil: 2"}};
  if (request.path == "/echo") {
    response.headers = {{"Content-Type", "text/plain"}, {"Content-Length", "1"}};
    response.body = request.method + "|" + request.query + "|" + request.headers["x-name"] + "|" +
                    request.body + "|" + (request.from_loopback ? "loopback" : "");
  }
  co_return response;
}

// The server runs on a thread of its own; the tests are blocking clients.
class BeastHttpServerTest : public testing::Test {
 protected:
  ~BeastHttpServerTest() override { end(); }

  void start(HttpServerLimits limits = {}, const std::string& address = "127.0.0.1:0") {
    auto server = listen_http(io_, address, limits, [this](ServedRequest request) {
      return handle(script_, std::move(request));
    });
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    thread_ = std::thread([this] { io_.run(); });
  }

  // Ends the io_context first and destroys the server then, as a program that is told to hurry
  // would.
  void end() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }

  void stop(std::chrono::milliseconds limit) {
    boost::asio::co_spawn(io_, server_->stop(limit), boost::asio::use_future).get();
  }

  std::uint16_t port() const {
    const auto address = server_->address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  }
  RawClient client() const { return RawClient(port()); }

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  Script script_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string body_of(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string kClose = "Connection: close\r\n";

TEST_F(BeastHttpServerTest, GivesTheHandlerTheRequestAndTheClientItsAnswer) {
  start();
  const auto answer = client().exchange("POST /echo?a=%20b&c HTTP/1.1\r\nHost: a\r\nX-Name: x\r\n" +
                                        kClose + "Content-Length: 4\r\n\r\nbody");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(has(answer, "\r\nContent-Type: text/plain\r\n"));
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n"));
  EXPECT_FALSE(has(answer, "Content-Length: 1\r\n"));
  EXPECT_EQ(body_of(answer), "POST|a=%20b&c|x|body|loopback");
}

TEST_F(BeastHttpServerTest, KeepsTheConnectionAsTheClientWants) {
  start();
  auto one = client();
  for (int i = 0; i < 3; ++i) {
    one.send(get("/echo"));
    EXPECT_TRUE(has(one.answer(), "Connection: keep-alive"));
  }
  one.send(get("/echo", kClose));
  EXPECT_TRUE(has(one.rest(), "Connection: close"));
  EXPECT_TRUE(has(client().exchange("GET / HTTP/1.0\r\n\r\n"), "Connection: close"));
}

TEST_F(BeastHttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  auto one = client();
  const std::string post = "POST /echo?2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  one.send(get("/echo?1") + post + get("/echo?3") + "GET /echo?4 HTT");
  EXPECT_TRUE(has(one.answer(), "GET|1|||"));
  EXPECT_TRUE(has(one.answer(), "POST|2||abc|"));
  EXPECT_TRUE(has(one.answer(), "GET|3|||"));
  one.send("P/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(has(one.answer(), "GET|4|||"));
}

TEST_F(BeastHttpServerTest, AnswersHeadWithoutABody) {
  start();
  auto one = client();
  one.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n" + get("/empty") + get("/echo"));
  EXPECT_TRUE(has(one.answer(false), "\r\nContent-Length: 15\r\n"));
  const auto empty = one.answer();
  EXPECT_TRUE(empty.starts_with("HTTP/1.1 204 No Content\r\n")) << empty;
  EXPECT_FALSE(has(empty, "Content-Length"));
  EXPECT_EQ(body_of(one.answer()), "GET||||loopback");
}

TEST_F(BeastHttpServerTest, ReadsChunkedBodiesAndGivesPermissionForLargeOnes) {
  start();
  auto one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n4;x\r\ndefg\r\n0\r\n\r\n");
  EXPECT_TRUE(has(one.answer(), "POST|||abcdefg|"));
  one.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(one.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  one.send("hi");
  EXPECT_TRUE(has(one.answer(), "POST|||hi|"));
}

TEST_F(BeastHttpServerTest, RefusesWhatTwoReadersMayUnderstandInTwoWays) {
  start();
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& request : std::vector<std::string>{
           post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
           post + "Content-Length: 3, 3\r\n\r\nabc",
           post + "Content-Length: +3\r\n\r\nabc",
           post + "Content-Length: -1\r\n\r\n",
           post + "Content-Length: 99999999999999999999\r\n\r\n",
           post + "Transfer-Encoding: identity\r\n\r\n",
           post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
           "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "GET /echo HTTP/1.1\r\n\r\n",
           get("/echo", "Host: b\r\n"),
           get("http://a/echo"),
           get("*"),
           "GET /echo HTTP/2.0\r\nHost: a\r\n\r\n",
           "GET /echo\r\n\r\n",
           "\x16\x03\x01\x02\r\n\r\n",
           "GET /echo HTTP/1.1\nHost: a\n\n\r\n\r\n",
           get("/e cho"),
           get("/echo", "X\x01: 1\r\n")}) {
    const auto answer = client().exchange(request + get("/echo?smuggled"));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << request << "\n=>\n"
                                                                    << answer;
    EXPECT_EQ(body_of(answer),
              "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400}\n");
    EXPECT_TRUE(has(answer, "\r\nContent-Type: application/problem+json\r\n"));
    EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n"));
  }
  EXPECT_EQ(script_.requests, 0);
}

TEST_F(BeastHttpServerTest, AMistakeOfTheHandlerFailsOneRequest) {
  start();
  auto one = client();
  one.send(get("/throw"));
  EXPECT_TRUE(one.answer().starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  one.send(get("/split"));
  EXPECT_TRUE(has(one.answer(), "\r\nX-Bad: 1  X-Evil: 2\r\n"));
  one.send(get("/echo"));
  EXPECT_TRUE(one.answer().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(BeastHttpServerTest, SaysWhichAddressItCannotHave) {
  start();
  const auto listen = [this](const std::string& address) {
    const auto server = listen_http(io_, address, {}, [this](ServedRequest request) {
      return handle(script_, std::move(request));
    });
    return server.ok() ? Error{} : server.error();
  };
  const auto taken = listen(server_->address());
  EXPECT_EQ(taken.fault, Fault::unavailable);
  EXPECT_EQ(taken.message, "cannot listen on " + server_->address() + ": Address already in use");
  EXPECT_EQ(listen("203.0.113.1:0").fault, Fault::unavailable);
  for (const std::string address : {"", "localhost:80", "127.0.0.1", "127.0.0.1:",
                                    "127.0.0.1:65536", "127.0.0.1:8x", "[::1]:80", ":80"})
    EXPECT_EQ(listen(address).fault, Fault::invalid) << address;
}

// ---- limits

TEST_F(BeastHttpServerTest, RefusesTooMuchAndIsHeard) {
  HttpServerLimits limits;
  limits.header_bytes = 1000;
  limits.body_bytes = 1000;
  start(limits);
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const std::string large(500'000, 'x');
  const auto status = [this](const std::string& request) {
    return client().exchange(request).substr(0, 12);
  };
  EXPECT_EQ(status(post + "Content-Length: 500000\r\n\r\n" + large), "HTTP/1.1 413");
  EXPECT_EQ(status(post + "Transfer-Encoding: chunked\r\n\r\n7a120\r\n" + large), "HTTP/1.1 413");
  EXPECT_EQ(status(get("/echo", "X: " + large + "\r\n")), "HTTP/1.1 431");
  EXPECT_EQ(status("GET /" + large), "HTTP/1.1 431");
  EXPECT_EQ(status(large), "HTTP/1.1 431");
  EXPECT_EQ(status(post + "Transfer-Encoding: chunked\r\n\r\n1;" + large), "HTTP/1.1 400");
  EXPECT_EQ(status(post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + large), "HTTP/1.1 400");
  EXPECT_EQ(script_.requests, 0);
  auto one = client();
  one.send(post + "Content-Length: 1000\r\n\r\n" + large.substr(0, 1000));
  EXPECT_TRUE(has(one.answer(), "POST|||xxx"));
}

TEST_F(BeastHttpServerTest, ServesOthersWhileItCutsTheSlow) {
  HttpServerLimits limits;
  limits.idle = 200ms;
  start(limits);
  std::vector<RawClient> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(client());
    slow.back().send(i % 2 ? "GET /ec"
                           : "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab");
  }
  auto quick = client();
  quick.send(get("/echo"));
  EXPECT_TRUE(quick.answer().starts_with("HTTP/1.1 200 OK\r\n"));
  for (auto& one : slow) EXPECT_TRUE(one.rest().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  // One that asks for nothing is told nothing.
  EXPECT_EQ(client().rest(), "");
  EXPECT_EQ(quick.rest(), "");
}

TEST_F(BeastHttpServerTest, CutsWhoDoesNotReadItsAnswer) {
  HttpServerLimits limits;
  limits.idle = 100ms;
  limits.connections = 1;
  start(limits);
  const auto deaf = client();
  deaf.send(get("/huge"));
  std::string answer;
  while (!answer.starts_with("HTTP/1.1 200")) answer = client().exchange(get("/echo", kClose));
}

// Connections that ask for nothing keep out nobody who asks: the one that has waited longest goes.
TEST_F(BeastHttpServerTest, MakesRoomForWhoAsks) {
  HttpServerLimits limits;
  limits.connections = 3;
  start(limits);
  std::vector<RawClient> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(client());
    idle.back().send(get("/echo"));
    EXPECT_TRUE(idle.back().answer().starts_with("HTTP/1.1 200"));
  }
  auto asking = client();
  asking.send(get("/echo"));
  EXPECT_TRUE(asking.answer().starts_with("HTTP/1.1 200"));
  EXPECT_EQ(idle[0].rest(), "");
  for (const auto i : {1, 2}) {
    idle[static_cast<std::size_t>(i)].send(get("/echo"));
    EXPECT_TRUE(idle[static_cast<std::size_t>(i)].answer().starts_with("HTTP/1.1 200")) << i;
  }
}

TEST_F(BeastHttpServerTest, TurnsAwayWhoIsTooMany) {
  HttpServerLimits limits;
  limits.connections = 2;
  start(limits);
  auto first = client();
  auto second = client();
  for (auto* one : {&first, &second}) one->send(get("/slow"));
  while (script_.requests < 2) std::this_thread::yield();
  EXPECT_TRUE(client().exchange(get("/echo")).starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  script_.slow_may_end = true;
  for (auto* one : {&first, &second}) EXPECT_TRUE(one->answer().starts_with("HTTP/1.1 200 OK\r\n"));
  std::string answer;
  while (!answer.starts_with("HTTP/1.1 200")) answer = client().exchange(get("/echo", kClose));
}

TEST_F(BeastHttpServerTest, ServesTwoHundredConnectionsAtOnce) {
  HttpServerLimits limits;
  limits.connections = 200;
  start(limits);
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(client());
  for (auto& one : clients) one.send(get("/slow"));
  while (script_.requests < 200) std::this_thread::yield();
  script_.slow_may_end = true;
  for (auto& one : clients) EXPECT_TRUE(one.answer().starts_with("HTTP/1.1 200 OK\r\n"));
}

// ---- the end

TEST_F(BeastHttpServerTest, StopsAtOnceWhereNothingIsAnswered) {
  start();
  auto idle = client();
  auto half = client();
  idle.send(get("/echo"));
  EXPECT_TRUE(idle.answer().starts_with("HTTP/1.1 200"));
  half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
  const auto address = server_->address();
  stop(1h);
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(half.rest(), "");
  EXPECT_FALSE(client().connected());
  end();
  io_.restart();
  start({}, address);  // although the old connections are still in TIME_WAIT
  EXPECT_TRUE(client().exchange(get("/echo", kClose)).starts_with("HTTP/1.1 200"));
}

TEST_F(BeastHttpServerTest, LetsARunningAnswerFinishBeforeItStops) {
  start();
  auto one = client();
  one.send(get("/slow"));
  while (script_.requests == 0) std::this_thread::yield();
  auto stopped = boost::asio::co_spawn(io_, server_->stop(1h), boost::asio::use_future);
  while (RawClient(port()).connected()) std::this_thread::yield();
  script_.slow_may_end = true;
  const auto answer = one.rest();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(has(answer, "Connection: close"));
  stopped.get();
}

TEST_F(BeastHttpServerTest, WaitsNoLongerThanToldForAnAnswer) {
  start();
  auto one = client();
  one.send(get("/slow"));
  while (script_.requests == 0) std::this_thread::yield();
  stop(20ms);
  EXPECT_EQ(one.rest(), "");
}

TEST_F(BeastHttpServerTest, MayBeDestroyedInTheMiddle) {
  start();
  auto idle = client();
  auto slow = client();
  slow.send(get("/slow"));
  while (script_.requests == 0) std::this_thread::yield();
  boost::asio::post(io_, [this] { server_.reset(); });
  EXPECT_EQ(slow.rest(), "");
  EXPECT_EQ(idle.rest(), "");
  script_.slow_may_end = true;
}

}  // namespace
}  // namespace tandem
