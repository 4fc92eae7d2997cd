#include "pbx/api.h"

#include <gtest/gtest.h>

#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;

class ApiTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  Result<HttpResponse> send(std::string path, std::string method = "GET") {
    return run(api_.send({std::move(method), std::move(path), "{}"}));
  }

  Api api_{http, auth, {"confd", std::string(FakeVendor::kConfd) + "/", "application/json"}};
};

TEST_F(ApiTest, SendsTheTokenAndTheMediaType) {
  ASSERT_TRUE(send("/infos").ok());
  const HttpRequest& request = http.sent.back();
  EXPECT_EQ(request.url, "http://127.0.0.1:9486/1.1/infos");
  EXPECT_TRUE(vendor.tokens.contains(request.headers.at("x-auth-token")));
  EXPECT_EQ(request.headers.at("Content-Type"), "application/json");
  EXPECT_EQ(request.deadline, std::chrono::seconds{10});
}

TEST_F(ApiTest, GivesAWriteTheTimeOfARestart) {
  (void)send("/infos", "PUT");
  EXPECT_EQ(http.sent.back().deadline, std::chrono::seconds{180});
}

TEST_F(ApiTest, MeetsAVanishedTokenWithOneNewOne) {
  ASSERT_TRUE(send("/infos").ok());
  vendor.tokens.clear();  // as each of the vendor's replications does
  EXPECT_TRUE(send("/infos").ok());
  EXPECT_EQ(vendor.tokens_made, 2);
}

TEST_F(ApiTest, TriesOnlyOnceMoreWhenARightIsLacking) {
  vendor.acl = {"confd.ha.read"};
  const auto refused = send("/infos");
  EXPECT_EQ(refused.error().fault, Fault::denied);
  EXPECT_EQ(http.sent.size(), 4u);  // token, call, token, call
  EXPECT_NE(refused.error().message.find("confd.infos.read"), std::string::npos);
}

TEST_F(ApiTest, ShowsNoTokenThoughConfdRepeatsIt) {
  vendor.acl = {};
  EXPECT_FALSE(shows_a_secret(send("/infos").error().message)) << send("/infos").error().message;
  vendor.busy = 1;
  const auto busy = send("/infos");
  EXPECT_EQ(busy.error().fault, Fault::unavailable);
  EXPECT_NE(busy.error().message.find("burst"), std::string::npos);
  EXPECT_FALSE(shows_a_secret(busy.error().message)) << busy.error().message;
}

TEST_F(ApiTest, NeverTakesAnAbsentAuthForAnAbsentService) {
  vendor.stop(FakeVendor::kAuth);
  EXPECT_EQ(send("/infos").error().fault, Fault::unavailable);
}

TEST_F(ApiTest, NeverTakesMissingCredentialsForAMissingPath) {
  Auth without(http, clock, FakeVendor::kAuth, []() -> Result<Credentials> {
    return Error{Fault::not_found, "no file"};
  });
  Api api(http, without, {"confd", FakeVendor::kConfd, "application/json"});
  EXPECT_EQ(run(api.send({"GET", "/infos", ""})).error().fault, Fault::invalid);
}

TEST_F(ApiTest, SaysThatAWriteInDoubtMayHaveBeenDone) {
  http.on("PUT", FakeVendor::kConfd, Error{Fault::timed_out, "http://127.0.0.1:9486: too slow"});
  const auto late = send("/registrars/default", "PUT");
  EXPECT_EQ(late.error(), (Error{Fault::timed_out,
                                 "confd: PUT /registrars/default: http://127.0.0.1:9486: too slow; "
                                 "it may have been done all the same"}));
}

TEST_F(ApiTest, NamesTheCallWithoutItsQuery) {
  vendor.stop(FakeVendor::kConfd);
  EXPECT_EQ(send("/registrars?q=1").error().message,
            "confd: GET /registrars: http://127.0.0.1:9486: nobody listens there");
}

TEST_F(ApiTest, RefusesAnIdThatWouldClimbThePath) {
  EXPECT_EQ(send("/registrars/..").error().fault, Fault::invalid);
  EXPECT_EQ(send("/registrars/.").error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem
