#include "pbx/auth.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;
using std::chrono::minutes;
using std::chrono::seconds;

class AuthTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  Result<std::string> token() { return run(auth.token()); }

  HttpResponse saying(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
};

Task<void> collect(Auth& auth, std::vector<Result<std::string>>& all) {
  const auto token = co_await auth.token();
  all.push_back(token);
}

std::vector<Result<std::string>> ask_at_once(Auth& auth, int callers) {
  std::vector<Result<std::string>> all;
  boost::asio::io_context io;
  for (int caller = 0; caller < callers; ++caller)
    boost::asio::co_spawn(io, collect(auth, all), boost::asio::detached);
  io.run();
  return all;
}

TEST_F(AuthTest, AsksAsTheVendorWantsToBeAsked) {
  ASSERT_TRUE(token().ok());
  const HttpRequest& request = http.sent.at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://127.0.0.1:9497/0.1/token");
  EXPECT_EQ(request.headers.at("Content-Type"), "application/json");
  EXPECT_EQ(request.headers.at("Authorization"), vendor.basic);
  EXPECT_EQ(Json::parse(request.body), (Json{{"expiration", 7200}}));
}

TEST_F(AuthTest, KeepsATokenUntilShortlyBeforeItsEnd) {
  const auto first = token();
  clock.advance(minutes{109});
  EXPECT_EQ(token().value(), first.value());
  clock.advance(minutes{2});
  EXPECT_NE(token().value(), first.value());
  EXPECT_EQ(vendor.tokens_asked, 2);
}

TEST_F(AuthTest, HasOneRequestInFlightHoweverManyAsk) {
  const auto all = ask_at_once(auth, 5);
  ASSERT_EQ(all.size(), 5u);
  for (const auto& one : all) EXPECT_EQ(one.value(), all[0].value());
  EXPECT_EQ(vendor.tokens_asked, 1);
}

TEST_F(AuthTest, SharesAFailureToo) {
  vendor.stop(FakeVendor::kAuth);
  const auto all = ask_at_once(auth, 3);
  ASSERT_EQ(all.size(), 3u);
  for (const auto& one : all) EXPECT_EQ(one.error().fault, Fault::connection_refused);
  EXPECT_EQ(http.sent.size(), 1u);
}

TEST_F(AuthTest, MakesANewOneOnceTheOldIsForgotten) {
  const std::string old = token().value();
  auth.forget("some other token");
  EXPECT_EQ(token().value(), old);
  auth.forget(old);
  EXPECT_NE(token().value(), old);
}

TEST_F(AuthTest, DoesNotTryWrongCredentialsAgainForHalfAMinute) {
  credentials.password = "wrong";
  EXPECT_EQ(token().error().fault, Fault::denied);
  clock.advance(seconds{29});
  EXPECT_EQ(token().error().fault, Fault::denied);
  EXPECT_EQ(vendor.tokens_asked, 1);
  clock.advance(seconds{2});
  EXPECT_EQ(token().error().fault, Fault::denied);
  EXPECT_EQ(vendor.tokens_asked, 2);
}

TEST_F(AuthTest, TriesCorrectedCredentialsAtOnce) {
  credentials.password = "wrong";
  EXPECT_FALSE(token().ok());
  credentials = FakeVendor::credentials();
  EXPECT_TRUE(token().ok());
}

TEST_F(AuthTest, IsAskedAgainAtOnceAfterAnOutage) {
  http.on("POST", FakeVendor::kAuth, saying(503, "{}"));
  EXPECT_EQ(token().error().fault, Fault::unavailable);
  http.routes.pop_back();
  EXPECT_TRUE(token().ok());
}

TEST_F(AuthTest, TellsWhyThereAreNoCredentials) {
  Auth without(http, clock, FakeVendor::kAuth, []() -> Result<Credentials> {
    return Error{Fault::not_found, "/etc/tandem/credentials.yaml: no such file"};
  });
  const auto none = run(without.token());
  EXPECT_EQ(none.error().fault, Fault::not_found);
  EXPECT_NE(none.error().message.find("credentials.yaml"), std::string::npos);
  EXPECT_TRUE(http.sent.empty());
}

TEST_F(AuthTest, RefusesAUserNameThatBasicCanNotCarry) {
  credentials.username = "a:b";
  EXPECT_EQ(token().error().fault, Fault::invalid);
}

TEST_F(AuthTest, TakesOnlyAWordForAToken) {
  for (const char* body : {"", "[]", "{}", R"({"data": []})", R"({"data": {"token": ""}})",
                           R"({"data": {"token": 5}})", R"({"data": {"token": "a b"}})",
                           R"({"data": {"token": "a\r\nX-Evil: 1"}})"}) {
    http.on("POST", FakeVendor::kAuth, saying(200, body));
    EXPECT_EQ(token().error().fault, Fault::unavailable) << body;
  }
}

TEST_F(AuthTest, ShowsNoSecretInItsMessages) {
  http.on("POST", FakeVendor::kAuth,
          saying(500, R"({"message": "no: s3cret+Pa55 dGFuZGVtOnMzY3JldCtQYTU1"})"));
  EXPECT_FALSE(shows_a_secret(token().error().message)) << token().error().message;
}

TEST_F(AuthTest, ChecksScopes) {
  vendor.acl = {"confd.registrars.*.read"};
  const auto held = run(auth.check_scopes({"confd.registrars.a.read", "confd.ha.read"}));
  EXPECT_EQ(held.value(), (std::map<std::string, bool>{{"confd.ha.read", false},
                                                       {"confd.registrars.a.read", true}}));
}

TEST_F(AuthTest, ChecksScopesWithANewTokenWhenTheOldOneVanished) {
  ASSERT_TRUE(token().ok());
  vendor.tokens.clear();
  EXPECT_TRUE(run(auth.check_scopes({"confd.ha.read"})).ok());
  EXPECT_EQ(vendor.tokens_made, 2);
}

TEST_F(AuthTest, ListsTheTenants) {
  vendor.tenants["t2"] = "north";
  EXPECT_EQ(run(auth.tenants()).value(),
            (std::vector<Tenant>{{FakeVendor::kMaster, "master"}, {"t2", "north"}}));
  vendor.hidden_items = 1;
  EXPECT_EQ(run(auth.tenants()).error().fault, Fault::unavailable);
}

TEST_F(AuthTest, ListsTheTenantsWithANewTokenWhenTheOldOneVanished) {
  ASSERT_TRUE(token().ok());
  vendor.tokens.clear();
  EXPECT_TRUE(run(auth.tenants()).ok());
  EXPECT_EQ(vendor.tokens_made, 2);
}

TEST_F(AuthTest, SaysThatTheTenantsAreNotForOurUser) {
  vendor.acl = {"confd.#"};
  EXPECT_EQ(run(auth.tenants()).error().fault, Fault::denied);
}

TEST_F(AuthTest, HidesTheTokenThatIsInThePathOfTheCheck) {
  const std::string held = token().value();
  http.on("POST", std::string(FakeVendor::kAuth) + "/token/",
          Error{Fault::connection_cut, "http://127.0.0.1:9497/0.1/token/" + held + ": cut"});
  const auto cut = run(auth.check_scopes({"confd.ha.read"}));
  EXPECT_EQ(cut.error().fault, Fault::connection_cut);
  EXPECT_FALSE(shows_a_secret(cut.error().message)) << cut.error().message;
}

}  // namespace
}  // namespace tandem
