#include "ports/cpprest_http.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "ports/gather.h"
#include "tests/ports/test_server.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

constexpr auto kNever = 60s;  // a deadline that no test reaches

const bool kLimited = (limit_http_threads(1), true);

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.deadline = kNever;
  return request;
}

HttpRequest post(const std::string& url, const std::string& body) {
  HttpRequest request = get(url);
  request.method = "POST";
  request.body = body;
  return request;
}

TestServer::Script writing(const std::string& bytes) {
  return [bytes](Peer& peer) {
    peer.read_request();
    peer.write(bytes);
  };
}

class CpprestHttpTest : public testing::Test {
 protected:
  Result<HttpResponse> send(HttpRequest request) {
    return run(io_, http_.send(std::move(request)));
  }

  // What one request to a server with this script fails with.
  Error failure(TestServer::Script script, HttpRequest request = get("/")) {
    const TestServer server(std::move(script));
    request.url = server.origin() + request.url;
    const auto answer = send(std::move(request));
    return answer.ok() ? Error{Fault::invalid, "it did not fail"} : answer.error();
  }

  Fault fault(TestServer::Script script, HttpRequest request = get("/")) {
    return failure(std::move(script), std::move(request)).fault;
  }

  boost::asio::io_context io_;
  CpprestHttp http_{io_, std::nullopt};
};

// ---- what is sent and what comes back

TEST_F(CpprestHttpTest, SendsWhatItIsGiven) {
  std::string seen;
  const TestServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.write(ok_answer(""));
  });
  auto request = post(server.origin() + "/1.1/a%2Fb//c/../d;e?q=x%20y%26z&empty=", "{\"a\": 1}");
  request.headers = {{"X-Auth-Token", "abc"}, {"Content-Type", "application/json"}};
  ASSERT_TRUE(send(request).ok());
  EXPECT_TRUE(seen.starts_with("POST /1.1/a%2Fb//c/../d;e?q=x%20y%26z&empty= HTTP/1.1\r\n"))
      << seen;
  EXPECT_NE(seen.find("\r\nX-Auth-Token:abc\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nContent-Type:application/json\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nContent-Length:8\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nHost: 127.0.0.1:" + std::to_string(server.port())), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\n{\"a\": 1}")) << seen;
}

TEST_F(CpprestHttpTest, LeavesEveryCharacterOfAUrlAsItIs) {
  std::string seen;
  const TestServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.write(ok_answer(""));
  });
  const std::string target = "/a:b@c!$&'()*+,;=~-._%41%2f/?q=/?:@!$&'()*+,;=%26";
  ASSERT_TRUE(send(get(server.origin() + target)).ok());
  EXPECT_TRUE(seen.starts_with("GET " + target + " HTTP/1.1\r\n")) << seen;
}

TEST_F(CpprestHttpTest, SendsTheNameOfTheHost) {
  std::string seen;
  const TestServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.write(ok_answer(""));
  });
  ASSERT_TRUE(send(get(server.origin("LocalHost") + "/")).ok());
  EXPECT_NE(seen.find("\r\nHost:localhost:" + std::to_string(server.port()) + "\r\n"),
            std::string::npos)
      << seen;
}

TEST_F(CpprestHttpTest, ReturnsStatusHeadersAndBody) {
  const TestServer server(
      answering("HTTP/1.1 404 Not Found\r\nX-Total: 7\r\nContent-Length: 4\r\n\r\nnone"));
  const TestServer binary(answering(ok_answer(std::string("\0\xFF\r\n", 4))));
  const auto answer = send(get(server.origin() + "/"));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer.value().status, 404);
  EXPECT_EQ(answer.value().headers.at("x-total"), "7");
  EXPECT_EQ(send(get(binary.origin())).value().body, std::string("\0\xFF\r\n", 4));
}

TEST_F(CpprestHttpTest, ReadsAnAnswerInPieces) {
  const TestServer server([](Peer& peer) {
    peer.read_request();
    for (const char byte : ok_answer("slowly")) peer.write({&byte, 1});
  });
  EXPECT_EQ(send(get(server.origin())).value().body, "slowly");
}

TEST_F(CpprestHttpTest, ReadsChunkedAnswersAndThoseThatEndWithTheConnection) {
  const TestServer chunked(
      writing("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
              "chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"));
  const TestServer until_end(writing("HTTP/1.0 200 OK\r\n\r\nabc"));
  EXPECT_EQ(send(get(chunked.origin())).value().body, "abcdefg");
  EXPECT_EQ(send(get(until_end.origin())).value().body, "abc");
}

TEST_F(CpprestHttpTest, KnowsAnswersWithoutABody) {
  const TestServer head(answering("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"));
  const TestServer none(answering("HTTP/1.1 204 No Content\r\n\r\n"));
  auto request = get(head.origin());
  request.method = "HEAD";
  EXPECT_EQ(send(request).value().headers.at("Content-Length"), "99999999999");
  EXPECT_EQ(send(get(none.origin())).value().status, 204);
}

TEST_F(CpprestHttpTest, NeverFollowsARedirect) {
  const TestServer other(answering(ok_answer("stolen")));
  for (const std::string status :
       {"301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 P"}) {
    const TestServer server(answering("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nLocation: " +
                                      other.origin() + "/\r\n\r\n"));
    auto request = get(server.origin());
    request.headers = {{"Authorization", "Basic c2VjcmV0"}};
    const auto answer = send(request);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(std::to_string(answer.value().status), status.substr(0, 3));
    EXPECT_EQ(answer.value().headers.at("Location"), other.origin() + "/");
  }
  EXPECT_EQ(other.connections(), 0);
}

// ---- failures, each by its name

TEST_F(CpprestHttpTest, TellsARefusedConnectionFromAnUnreachableOne) {
  const auto refused = send(get("http://127.0.0.1:" + std::to_string(free_port()) + "/"));
  EXPECT_EQ(refused.error().fault, Fault::connection_refused) << refused.error().message;
  const auto unreachable = send(get("http://255.255.255.255:9/"));
  EXPECT_EQ(unreachable.error().fault, Fault::not_sent) << unreachable.error().message;
  const auto unknown = send(get("http://no-such-host.invalid/"));
  EXPECT_EQ(unknown.error().fault, Fault::unavailable) << unknown.error().message;
}

TEST_F(CpprestHttpTest, NamesACutConnection) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(fault([](Peer&) {}), Fault::connection_cut);
  EXPECT_EQ(fault([](Peer& peer) { peer.read_request(); }), Fault::connection_cut);
  EXPECT_EQ(fault(writing("HTTP/1.1 200 OK\r\nX-Half: ")), Fault::connection_cut);
  EXPECT_EQ(fault(writing("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")),
            Fault::connection_cut);
  EXPECT_EQ(fault(writing(chunked + "5\r\nab")), Fault::connection_cut);
  EXPECT_EQ(fault(writing(chunked + "2\r\nab\r\n")), Fault::connection_cut);
  const auto reset = [](Peer& peer) {
    peer.read_request();
    peer.reset();
  };
  EXPECT_EQ(fault(reset), Fault::connection_cut);
}

TEST_F(CpprestHttpTest, NamesWhatIsNoHttp) {
  EXPECT_EQ(fault(writing("SSH-2.0-OpenSSH\r\n\r\n")), Fault::invalid);
  EXPECT_EQ(fault(writing("HTTP/1.1 abc\r\n\r\n")), Fault::invalid);
  EXPECT_EQ(fault(writing("HTTP/1.1 99999 Many\r\n\r\n")), Fault::invalid);
  EXPECT_EQ(fault(writing("HTTP/1.1 100 Continue\r\n\r\n" + ok_answer(""))), Fault::invalid);
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(fault(writing(chunked + "zz\r\n")), Fault::invalid);
  EXPECT_EQ(fault(writing(chunked + "3\r\nabc\r\n-1\r\nxxxx")), Fault::invalid);
  EXPECT_EQ(fault(writing(chunked + "ffffffffffffffff\r\nxxxx")), Fault::invalid);
}

TEST_F(CpprestHttpTest, HoldsItsDeadlineWhereverThePeerDripsOrStops) {
  const auto dripping = [](const std::string& first, const std::string& again) {
    return [=](Peer& peer) {
      peer.read_request();
      peer.write(first);
      peer.drip(again, 5ms);
    };
  };
  auto request = get("/");
  request.deadline = 100ms;
  const std::string head = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(fault([](Peer& peer) { peer.wait_for_end(); }, request), Fault::timed_out);
  EXPECT_EQ(fault(dripping(head, "X: y\r\n"), request), Fault::timed_out);
  EXPECT_EQ(fault(dripping(head + "Content-Length: 99999\r\n\r\n", "x"), request),
            Fault::timed_out);
  EXPECT_EQ(fault(dripping(head + "\r\n", "x"), request), Fault::timed_out);
  EXPECT_EQ(fault(dripping(head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), request),
            Fault::timed_out);
  request.deadline = 0ms;
  EXPECT_EQ(fault(answering(ok_answer("")), request), Fault::timed_out);
}

TEST_F(CpprestHttpTest, HoldsItsDeadlineWhileItConnects) {
  const FullListener full;
  auto request = get("http://127.0.0.1:" + std::to_string(full.port()) + "/");
  request.deadline = 50ms;
  EXPECT_EQ(send(request).error().fault, Fault::timed_out);
  const int descriptors = descriptor_count();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(send(request).error().fault, Fault::timed_out);
  EXPECT_LE(descriptor_count(), descriptors + 5);
}

TEST_F(CpprestHttpTest, StopsReadingAtItsLimits) {
  const auto endless = [](const std::string& first, const std::string& again) {
    return [=](Peer& peer) {
      peer.read_request();
      peer.write(first);
      while (peer.write(again)) {
      }
    };
  };
  auto request = get("/");
  request.body_max = 100'000;
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string block(60'000, 'x');
  EXPECT_EQ(fault(endless(head + "Content-Length: 99999999999\r\n\r\n", block), request),
            Fault::too_large);
  EXPECT_EQ(fault(endless(head + "\r\n", block), request), Fault::too_large);
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(fault(endless(chunked, "ea60\r\n" + block + "\r\n"), request), Fault::too_large);
  EXPECT_EQ(fault(endless(chunked + "7fffffff\r\n", block), request), Fault::too_large);
  for (const std::string size : {"-1", "-2", "-3", "-5", "-7fffffff"})
    EXPECT_EQ(fault(endless(chunked + size + "\r\n", block), request), Fault::too_large) << size;
  EXPECT_EQ(fault(endless(chunked, block), request), Fault::too_large);
  EXPECT_EQ(fault(endless(head, "X-Flood: " + block + "\r\n"), request), Fault::too_large);
  EXPECT_EQ(fault(endless("", block), request), Fault::too_large);
  EXPECT_EQ(fault(writing(head + "X-Long: " + std::string(70'000, 'x') + "\r\n\r\n")),
            Fault::too_large);
}

TEST_F(CpprestHttpTest, TakesABodyOfExactlyItsLimit) {
  const std::string body(200'000, 'x');
  const TestServer server(answering(ok_answer(body)));
  auto request = get(server.origin());
  request.body_max = body.size();
  EXPECT_EQ(send(request).value().body, body);
  request.body_max = body.size() - 1;
  EXPECT_EQ(send(request).error().fault, Fault::too_large);
}

// Whoever has said 200 has the request, whatever becomes of the body.
TEST_F(CpprestHttpTest, TakesTheHeadForAnAnswerWhereThatIsEnough) {
  const std::string head = "HTTP/1.1 200 OK\r\nX-Total: 7\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  const auto dripping = [&](Peer& peer) {
    peer.read_request();
    peer.write(head + "Content-Length: 99999\r\n\r\n");
    peer.drip("x", 5ms);
  };
  const std::string large(300'000, 'x');
  auto request = get("/");
  request.body_max = 1000;
  request.deadline = 1s;
  request.head_is_enough = true;
  for (const TestServer::Script& script :
       {TestServer::Script(dripping), writing(ok_answer(large)), writing(head + "\r\n" + large),
        writing(head + "Content-Length: 10\r\n\r\nhalf"), writing(chunked + "zz\r\n"),
        writing(chunked + "3\r\nabc\r\n-1\r\nxxxx")}) {
    const TestServer server(script);
    request.url = server.origin();
    const auto answer = send(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer.value().status, 200);
    EXPECT_EQ(answer.value().body, "");
  }
  request.url = "/";
  EXPECT_EQ(fault(writing("HTTP/1.1 200 OK\r\nX-Half: "), request), Fault::connection_cut);
  EXPECT_EQ(fault(writing("HTTP/1.1 100 Continue\r\n\r\n"), request), Fault::invalid);
  const TestServer brief(answering(ok_answer("brief")));
  request.url = brief.origin();
  EXPECT_EQ(send(request).value().body, "brief");
}

TEST_F(CpprestHttpTest, RefusesWhatNobodyShouldSend) {
  const TestServer server(answering(ok_answer("")));
  auto request = get(server.origin());
  request.headers = {{"X-A", "1\r\nX-B: 2"}};
  EXPECT_EQ(send(request).error().fault, Fault::invalid);
  request.headers = {{"X A", "1"}};
  EXPECT_EQ(send(request).error().fault, Fault::invalid);
  request.headers = {{"host", "elsewhere"}};
  EXPECT_EQ(send(request).error().fault, Fault::invalid);
  request.headers = {};
  request.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(send(request).error().fault, Fault::invalid);
  EXPECT_EQ(send(get("ftp://host/")).error().fault, Fault::invalid);
  EXPECT_EQ(send(get(server.origin() + "//other/")).error().fault, Fault::invalid);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(CpprestHttpTest, NamesOriginAndPathButNoSecret) {
  const auto expect_discreet = [](const Error& error) {
    EXPECT_NE(error.message.find("http://127.0.0.1:"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("/1.1/users"), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("hunter2"), std::string::npos) << error.message;
  };
  auto request = post("/1.1/users?token=hunter2", "hunter2");
  request.headers = {{"X-Auth-Token", "hunter2"}};
  expect_discreet(failure([](Peer&) {}, request));
  expect_discreet(failure(writing("hunter2\r\n\r\n"), request));
  auto refused = request;
  refused.url = "http://127.0.0.1:" + std::to_string(free_port()) + request.url;
  expect_discreet(send(refused).error());
  request.deadline = 50ms;
  expect_discreet(failure([](Peer& peer) { peer.wait_for_end(); }, request));
  request.body_max = 1;
  expect_discreet(failure(answering(ok_answer("hunter2")), request));
  request.headers = {{"X", "hunter2\n"}};
  expect_discreet(failure([](Peer&) {}, request));
}

}  // namespace
}  // namespace tandem
