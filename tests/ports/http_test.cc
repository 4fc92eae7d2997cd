#include "ports/http.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_http.h"
#include "tests/run.h"

namespace tandem {
namespace {

HttpRequest request_to(const std::string& method, const std::string& url) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  return request;
}

TEST(HttpHeadersTest, AreTheSameInAnyCase) {
  HttpHeaders headers{{"Content-Type", "text/plain"}};
  EXPECT_EQ(headers.at("content-TYPE"), "text/plain");
  headers["CONTENT-TYPE"] = "text/html";
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_FALSE(headers.contains("Content-Typ"));
  EXPECT_FALSE(headers.contains("Content_Type"));
}

TEST(FakeHttpTest, AnswersByTheLatestRouteThatFits) {
  FakeHttp http;
  http.on("GET", "http://confd/", HttpResponse{200, {}, "all"});
  http.on("GET", "http://confd/1.1/users", HttpResponse{200, {}, "users"});
  http.on("", "http://confd/1.1/lines", Error{Fault::timed_out, "too late"});
  EXPECT_EQ(run(http.send(request_to("GET", "http://confd/1.1/users?x=1"))).value().body, "users");
  EXPECT_EQ(run(http.send(request_to("GET", "http://confd/1.1/info"))).value().body, "all");
  EXPECT_EQ(run(http.send(request_to("PUT", "http://confd/1.1/lines"))).error().fault,
            Fault::timed_out);
  ASSERT_EQ(http.sent.size(), 3U);
  EXPECT_EQ(http.sent[0].url, "http://confd/1.1/users?x=1");
}

TEST(FakeHttpTest, AnswersByWhatItWasAsked) {
  FakeHttp http;
  http.on("POST", "http://confd/", [](const HttpRequest& request) -> Result<HttpResponse> {
    return HttpResponse{201, {}, "got " + request.body};
  });
  auto request = request_to("POST", "http://confd/1.1/users");
  request.body = "a user";
  EXPECT_EQ(run(http.send(request)).value().body, "got a user");
  request.body_max = 3;
  EXPECT_EQ(run(http.send(request)).error().fault, Fault::too_large);
  request.head_is_enough = true;
  EXPECT_EQ(run(http.send(request)).value().status, 201);
}

TEST(FakeHttpTest, NobodyListensWhereThereIsNoRoute) {
  FakeHttp http;
  http.on("GET", "http://confd/", HttpResponse{});
  const auto error = run(http.send(request_to("GET", "http://auth:9497/0.1/token/secret"))).error();
  EXPECT_EQ(error.fault, Fault::connection_refused);
  EXPECT_EQ(error.message, "http://auth:9497: nobody listens there");
  EXPECT_EQ(run(http.send(request_to("PUT", "http://confd/"))).error().fault,
            Fault::connection_refused);
}

}  // namespace
}  // namespace tandem
