// The life of connections and requests: kept, closed, cancelled, outlived.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

#include "ports/cpprest_http.h"
#include "ports/gather.h"
#include "tests/ports/test_server.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

HttpRequest request_to(const std::string& url, const std::string& method = "GET") {
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.deadline = 60s;
  return request;
}

Task<void> keep(Http& http, HttpRequest request, std::vector<Result<HttpResponse>>& answers) {
  auto answer = co_await http.send(std::move(request));
  answers.push_back(std::move(answer));
}

class CpprestHttpLifeTest : public testing::Test {
 protected:
  Result<HttpResponse> send(const std::string& url, const std::string& method = "GET") {
    return run(io_, http_->send(request_to(url, method)));
  }

  // Begins a request and lets it get as far as the server.
  void begin(const TestServer& server) {
    boost::asio::co_spawn(io_, keep(*http_, request_to(server.origin()), answers_),
                          boost::asio::detached);
    while (server.connections() == 0) io_.run_for(1ms), io_.restart();
  }

  boost::asio::io_context io_;
  std::unique_ptr<CpprestHttp> http_ = std::make_unique<CpprestHttp>(io_, std::nullopt);
  std::vector<Result<HttpResponse>> answers_;
};

TEST_F(CpprestHttpLifeTest, KeepsOneConnectionAndLeavesNoThreadsOrDescriptors) {
  const TestServer server(answering(ok_answer("x")));
  ASSERT_TRUE(send(server.origin()).ok());
  ASSERT_TRUE(send(server.origin(), "POST").ok());
  const int threads = thread_count();
  const int descriptors = descriptor_count();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(send(server.origin(), i % 4 ? "GET" : "POST").ok());
  // Each connection is a thread and a descriptor of the server's, and a descriptor of the client's.
  EXPECT_LE(thread_count(), threads + 16);
  EXPECT_LE(descriptor_count(), descriptors + 32);
  EXPECT_LT(server.connections(), 100);
}

TEST_F(CpprestHttpLifeTest, FailuresLeaveNoDescriptorsEither) {
  const TestServer server([](Peer& peer) { peer.read_request(); });
  EXPECT_FALSE(send(server.origin()).ok());
  const int descriptors = descriptor_count();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(send(server.origin()).ok());
  EXPECT_LE(descriptor_count(), descriptors + 8);
}

TEST_F(CpprestHttpLifeTest, AConnectionClosedWhileIdleIsNoError) {
  for (const bool reset : {false, true}) {
    const TestServer server([reset](Peer& peer) {
      peer.read_request();
      if (reset) peer.reset();
      peer.write(ok_answer("once"));
    });
    for (int i = 0; i < 20; ++i) {
      const auto answer = send(server.origin(), i % 2 ? "GET" : "POST");
      ASSERT_TRUE(answer.ok()) << answer.error().message;
    }
  }
}

TEST_F(CpprestHttpLifeTest, ABodyIsWholeEachTimeItIsSent) {
  // The connection is closed while it is idle, or in place of its second answer.
  for (const int requests : {1, 2}) {
    std::atomic<int> whole = 0;
    const TestServer server([&whole, requests](Peer& peer) {
      for (int i = 0; i < requests; ++i) {
        const auto seen = peer.read_request();
        if (seen.ends_with("\r\n\r\nwhole")) ++whole;
        if (i == 0) peer.write(ok_answer(seen.substr(seen.find("\r\n\r\n") + 4)));
      }
    });
    int answered = 0;
    for (int i = 0; i < 5; ++i) {
      auto request = request_to(server.origin(), "PUT");
      request.body = "whole";
      const auto answer = run(io_, http_->send(request));
      // The server may close in the very moment in which we send: then that is what we say.
      if (!answer.ok()) {
        EXPECT_EQ(answer.error().fault, Fault::connection_cut);
        continue;
      }
      EXPECT_EQ(answer.value().body, "whole");
      ++answered;
    }
    EXPECT_GE(answered, 3);
    EXPECT_GE(whole, answered);
  }
}

TEST_F(CpprestHttpLifeTest, APostIsNeverSentTwice) {
  std::atomic<int> posts = 0;
  const TestServer server([&posts](Peer& peer) {
    for (std::string seen; !(seen = peer.read_request()).empty(); peer.write(ok_answer(""))) {
      if (!seen.starts_with("POST")) continue;
      ++posts;
      return;
    }
  });
  ASSERT_TRUE(send(server.origin(), "GET").ok());
  const auto answer = send(server.origin(), "POST");
  EXPECT_EQ(answer.error().fault, Fault::connection_cut);
  EXPECT_EQ(posts, 1);
}

TEST_F(CpprestHttpLifeTest, AnAnswerThatNobodyAskedForIsNotTakenForTheNext) {
  std::counting_semaphore<2> first_is_read(0);
  std::counting_semaphore<2> second_is_sent(0);
  const TestServer server([&](Peer& peer) {
    peer.read_request();
    peer.write(ok_answer("asked for"));
    first_is_read.acquire();
    peer.write(ok_answer("not asked for"));
    second_is_sent.release();
    peer.wait_for_end();
  });
  EXPECT_EQ(send(server.origin()).value().body, "asked for");
  first_is_read.release(2);
  second_is_sent.acquire();
  EXPECT_EQ(send(server.origin()).value().body, "asked for");
}

TEST_F(CpprestHttpLifeTest, ServesManyRequestsAtOnceUpToItsLimit) {
  const TestServer server([](Peer& peer) {
    for (std::string seen; !(seen = peer.read_request()).empty();)
      peer.write(ok_answer(seen.substr(5, seen.find(' ', 5) - 5)));
  });
  std::vector<Task<void>> tasks;
  for (int i = 0; i < 70; ++i)
    tasks.push_back(keep(*http_, request_to(server.origin() + "/" + std::to_string(i)), answers_));
  run(io_, gather(std::move(tasks)));
  int sum = 0;
  int refused = 0;
  for (const auto& answer : answers_) {
    if (answer.ok()) sum += std::stoi(answer.value().body);
    if (!answer.ok() && answer.error().fault == Fault::unavailable) ++refused;
  }
  EXPECT_EQ(refused, 6);
  EXPECT_EQ(sum, 63 * 64 / 2);
}

TEST_F(CpprestHttpLifeTest, CancelAllEndsWhatIsUnderWayAndNothingElse) {
  const TestServer silent([](Peer& peer) { peer.wait_for_end(); });
  const TestServer server(answering(ok_answer("x")));
  begin(silent);
  http_->cancel_all();
  io_.run();
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].error().fault, Fault::cancelled);
  EXPECT_TRUE(send(server.origin()).ok());
}

TEST_F(CpprestHttpLifeTest, MayBeDestroyedWhileARequestIsUnderWay) {
  const TestServer silent([](Peer& peer) { peer.wait_for_end(); });
  begin(silent);
  http_.reset();
  io_.run();
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].error().fault, Fault::cancelled);
}

TEST(CpprestHttpOutlivedTest, TheIoContextMayEndWhileRequestsAreUnderWay) {
  // The server ends last: each request it still has must see its connection closed.
  for (int i = 0; i < 20; ++i) {
    std::vector<Result<HttpResponse>> answers;
    const TestServer server([i](Peer& peer) {
      peer.read_request();
      if (i % 2) peer.write(ok_answer("late"));
      peer.wait_for_end();
    });
    boost::asio::io_context io;
    CpprestHttp http(io, std::nullopt);
    boost::asio::co_spawn(io, keep(http, request_to(server.origin()), answers),
                          boost::asio::detached);
    io.run_for(std::chrono::milliseconds(i % 4));
  }
}

}  // namespace
}  // namespace tandem
