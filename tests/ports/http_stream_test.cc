// Answers that go on: the real server, blocking clients, streams that the tests fill.
#include "ports/http_stream.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ports/beast_http_server.h"
#include "ports/certificates.h"
#include "tests/ports/raw_client.h"
#include "tests/ports/raw_tls_client.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

std::string get(const std::string& target, const std::string& version = "1.1") {
  return "GET " + target + " HTTP/" + version + "\r\nHost: a\r\n\r\n";
}

class HttpStreamTest : public testing::Test {
 protected:
  ~HttpStreamTest() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }

  HttpHandler handler() {
    return [this](ServedRequest request) { return handle(std::move(request)); };
  }
  Task<ServedResponse> handle(ServedRequest request) {
    ServedResponse response;
    response.body = "hello";
    if (request.path == "/stream") {
      response.headers["Content-Type"] = "text/event-stream";
      response.stream = std::make_shared<ServedStream>();
      streams_.push_back(response.stream);
      for (const auto& bytes : at_once_) response.stream->put(bytes);
    }
    co_return response;
  }
  void serve(Result<std::unique_ptr<HttpServer>> server) {
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    thread_ = std::thread([this] { io_.run(); });
  }
  void start(HttpServerLimits limits = {}) {
    serve(listen_http(io_, "127.0.0.1:0", limits, handler()));
  }
  std::uint16_t port() const {
    const auto address = server_->address();
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  }
  void stop() { boost::asio::co_spawn(io_, server_->stop(1h), boost::asio::use_future).get(); }

  // Runs on the server's thread, which owns the streams, and returns what it returned.
  template <class Act>
  auto there(Act act) {
    std::packaged_task<decltype(act())()> task(std::move(act));
    auto result = task.get_future();
    boost::asio::post(io_, [&task] { task(); });
    return result.get();
  }
  bool put(std::size_t index, const std::string& bytes) {
    return there([&] { return streams_.at(index)->put(bytes); });
  }
  bool over(std::size_t index) {
    return there([&] { return streams_.at(index)->over(); });
  }
  // Waits until so many streams have been asked for.
  void await_streams(std::size_t count) {
    while (there([&] { return streams_.size(); }) < count) std::this_thread::sleep_for(1ms);
  }
  void await_end(std::size_t index) {
    while (!over(index)) std::this_thread::sleep_for(1ms);
  }

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::vector<std::shared_ptr<ServedStream>> streams_;
  std::vector<std::string> at_once_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpStreamTest, SendsWhatIsPutWhenItIsPut) {
  at_once_ = {"first\n"};
  start();
  RawClient client(port());
  client.send(get("/stream"));
  const std::string head = client.answer();
  EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.until("first\n\r\n"), "6\r\nfirst\n\r\n");
  EXPECT_TRUE(put(0, std::string(300, 'x') + "\n"));
  EXPECT_EQ(client.until("x\n\r\n"), "12d\r\n" + std::string(300, 'x') + "\n\r\n");
}

TEST_F(HttpStreamTest, AnOldClientGetsItWithoutChunks) {
  start();
  RawClient client(port());
  client.send(get("/stream", "1.0"));
  EXPECT_EQ(client.answer().find("chunked"), std::string::npos);
  EXPECT_TRUE(put(0, "one\n"));
  EXPECT_EQ(client.until("one\n"), "one\n");
}

TEST_F(HttpStreamTest, HeadAsksForNoStream) {
  start();
  RawClient client(port());
  client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(client.rest().find("text/event-stream"), std::string::npos);
  await_end(0);
  EXPECT_FALSE(put(0, "more"));
}

TEST_F(HttpStreamTest, NoticesAtOnceThatItsReaderHasGone) {
  start();
  {
    RawClient client(port());
    client.send(get("/stream"));
    await_streams(1);
  }
  await_end(0);
  EXPECT_FALSE(put(0, "more"));
}

TEST_F(HttpStreamTest, CutsAReaderThatTakesNothing) {
  HttpServerLimits limits;
  limits.idle = 200ms;
  start(limits);
  RawClient deaf(port());
  deaf.send(get("/stream"));
  await_streams(1);
  // As a writer that keeps up does: more as soon as all was taken.
  const std::string much(ServedStream::kWaitingMax / 2, 'x');
  while (!over(0)) {
    there([&] { return streams_[0]->waiting() > 0 || streams_[0]->put(much); });
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_LE(there([&] { return streams_[0]->waiting(); }), ServedStream::kWaitingMax);
}

TEST_F(HttpStreamTest, CutsAReaderForWhomTooMuchWaits) {
  start();
  RawClient slow(port());
  slow.send(get("/stream"));
  await_streams(1);
  const std::string much(ServedStream::kWaitingMax / 4, 'x');
  while (put(0, much)) {
  }
  EXPECT_TRUE(over(0));
  slow.rest();  // it ends
}

TEST_F(HttpStreamTest, AReaderThatTakesItsTimeLosesNothing) {
  HttpServerLimits limits;
  limits.idle = 20s;
  start(limits);
  RawClient client(port());
  client.send(get("/stream", "1.0"));
  await_streams(1);
  client.answer();
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const std::string line(50'000, static_cast<char>('a' + i % 26));
    while (there([&] { return streams_[0]->waiting(); }) > 0) client.take_some();
    ASSERT_TRUE(put(0, line)) << i;
    expected += line;
  }
  ASSERT_TRUE(put(0, "end"));
  EXPECT_TRUE(client.until("end") == expected + "end");
}

TEST_F(HttpStreamTest, ManyAtOnceGetTheSame) {
  start();
  constexpr std::size_t kMany = 100;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < kMany; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    clients.back()->send(get("/stream"));
    await_streams(i + 1);
  }
  for (int round = 0; round < 10; ++round) {
    const std::string line = "round " + std::to_string(round) + "\n";
    for (std::size_t i = 0; i < kMany; ++i) ASSERT_TRUE(put(i, line));
    for (auto& client : clients) EXPECT_NE(client->until(line).find(line), std::string::npos);
  }
  RawClient other(port());
  other.send(get("/echo"));
  EXPECT_NE(other.answer().find("hello"), std::string::npos) << "streams hold up nobody";
}

// Streams are connections like others: they are counted, and give up their place to nobody.
TEST_F(HttpStreamTest, AStreamCountsAsAConnection) {
  HttpServerLimits limits;
  limits.connections = 1;
  start(limits);
  RawClient client(port());
  client.send(get("/stream"));
  await_streams(1);
  EXPECT_EQ(RawClient(port()).exchange(get("/echo")).substr(0, 12), "HTTP/1.1 503");
  EXPECT_TRUE(put(0, "still\n"));
  EXPECT_NE(client.until("still\n").find("still\n"), std::string::npos);
}

TEST_F(HttpStreamTest, StoppingEndsStreamsAtOnce) {
  start();
  RawClient client(port());
  client.send(get("/stream"));
  await_streams(1);
  stop();  // within an hour, if it waited for the stream
  client.rest();
  await_end(0);
}

TEST_F(HttpStreamTest, MayBeDestroyedInTheMiddle) {
  start();
  RawClient client(port());
  client.send(get("/stream"));
  await_streams(1);
  boost::asio::post(io_, [this] { server_.reset(); });
  client.rest();
  await_end(0);
}

TEST_F(HttpStreamTest, WhoTalksOnInsteadOfListeningIsCut) {
  start();
  RawClient client(port());
  client.send(get("/stream"));
  await_streams(1);
  while (client.send(std::string(16'384, 'x'))) {
  }
  await_end(0);
}

// ---- over TLS

class HttpStreamTlsTest : public HttpStreamTest {
 protected:
  void start_tls(HttpServerLimits limits = {}) {
    const Validity validity{std::chrono::system_clock::now() - 1h,
                            std::chrono::system_clock::now() + 1h};
    const Credential pair = make_authority("pair", validity).value();
    write("ca", pair.certificate);
    for (const std::string name : {"pbx-a", "pbx-b"}) {
      const auto issued = issue_certificate(pair, name, "192.0.2.1", validity).value();
      write(name + ".pem", issued.certificate);
      write(name + ".key", issued.key);
    }
    serve(listen_https(io_, "127.0.0.1:0", files("pbx-b"), limits, handler()));
  }
  void write(const std::string& name, const std::string& text) { write_to(folder_ / name, text); }
  TlsFiles files(const std::string& name) const {
    return {folder_ / "ca", folder_ / (name + ".pem"), folder_ / (name + ".key")};
  }

  TemporaryFolder folder_{base_in_memory()};
};

TEST_F(HttpStreamTlsTest, SendsOverTlsAsWell) {
  start_tls();
  RawTlsClient client(port(), files("pbx-a"));
  ASSERT_TRUE(client.connected());
  client.send(get("/stream"));
  await_streams(1);
  for (int round = 0; round < 20; ++round) {
    const std::string line = std::to_string(round) + std::string(20'000, 'y') + "\n";
    ASSERT_TRUE(put(0, line));
    EXPECT_NE(client.until("y\n").find(line), std::string::npos) << round;
  }
}

TEST_F(HttpStreamTlsTest, NoticesTheEndOfItsReaderAndCutsTheDeaf) {
  HttpServerLimits limits;
  limits.idle = 1s;
  start_tls(limits);
  {
    RawTlsClient client(port(), files("pbx-a"));
    client.send(get("/stream"));
    await_streams(1);
  }
  await_end(0);
  RawTlsClient deaf(port(), files("pbx-a"));
  deaf.send(get("/stream"));
  await_streams(2);
  const std::string much(ServedStream::kWaitingMax / 2, 'x');
  while (!over(1)) {
    there([&] { return streams_[1]->waiting() > 0 || streams_[1]->put(much); });
    std::this_thread::sleep_for(1ms);
  }
}

TEST_F(HttpStreamTlsTest, StoppingEndsStreamsAtOnce) {
  start_tls();
  RawTlsClient client(port(), files("pbx-a"));
  client.send(get("/stream"));
  await_streams(1);
  stop();
  client.until("never");
  await_end(0);
}

}  // namespace
}  // namespace tandem
