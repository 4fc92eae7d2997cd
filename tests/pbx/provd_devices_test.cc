#include "pbx/provd_devices.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_phones.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using enum OperationState;

class ProvdDevicesTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  void provd_says(int status, std::string body, std::string location = "") {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    if (!location.empty()) response.headers["Location"] = std::move(location);
    http.on("", std::string(fakes::FakeVendor::kProvd) + "/dev_mgr/", response);
  }

  ProvdDevices devices_{http, auth, fakes::FakeVendor::kProvd};
};

TEST(OperationStateText, CountsTheOutermostOperationOnly) {
  EXPECT_EQ(operation_state("success"), success);
  EXPECT_EQ(operation_state("fail"), failed);
  EXPECT_EQ(operation_state("waiting"), waiting);
  EXPECT_EQ(operation_state("update|progress;0"), progress);
  EXPECT_EQ(operation_state("update|success;541"), success);
  EXPECT_EQ(operation_state("install|success(download|fail;1162/1162)"), success);
  EXPECT_EQ(operation_state("install|progress(download|success;1162/1162)(x|fail)"), progress);
  for (const char* text : {"", "|", "done", "success ", "install", "(success)", "Success"})
    EXPECT_EQ(operation_state(text), std::nullopt) << text;
}

TEST_F(ProvdDevicesTest, ListsThePhonesOfAllTenantsById) {
  fakes::FakePhones phones(http);
  phones.phones["b"] = {.tenant = "t2"};
  phones.phones["a"] = {.plugin = ""};
  const auto listed = run(devices_.devices());
  ASSERT_EQ(listed.value().size(), 2u);
  EXPECT_EQ(listed.value()[0].id, "a");
  EXPECT_EQ(listed.value()[0].plugin, "");
  EXPECT_EQ(listed.value()[1].tenant, "t2");
  EXPECT_NE(http.sent.back().url.find("recurse=true"), std::string::npos);
}

TEST_F(ProvdDevicesTest, FollowsAnOperationAndDeletesIt) {
  fakes::FakePhones phones(http);
  phones.phones["a"] = {.looks = 1};
  const auto place = run(devices_.synchronize("a"));
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place.value(), "/dev_mgr/synchronize/1");
  EXPECT_EQ(run(devices_.operation(place.value())).value(), progress);
  EXPECT_EQ(run(devices_.operation(place.value())).value(), success);
  EXPECT_TRUE(run(devices_.forget(place.value())).ok());
  EXPECT_TRUE(phones.operations.empty());
  EXPECT_TRUE(run(devices_.forget(place.value())).ok()) << "gone is gone";
  EXPECT_EQ(run(devices_.operation(place.value())).error().fault, Fault::not_found);
}

TEST_F(ProvdDevicesTest, FollowsNoPlaceElsewhere) {
  for (const char* location : {"", "http://elsewhere/0.2/dev_mgr/synchronize/1", "/0.2/cfg_mgr/1",
                               "/dev_mgr/synchronize/1"}) {
    provd_says(201, "", location);
    EXPECT_EQ(run(devices_.synchronize("a")).error().fault, Fault::unavailable) << location;
  }
}

TEST_F(ProvdDevicesTest, SurvivesAnyBody) {
  for (const char* body :
       {"", "null", "[]", "{}", R"({"devices": {}})", R"({"devices": [17]})", "<html>",
        R"({"devices": [{"mac": "x"}]})", R"({"status": 1})", R"({"status": "done"})"}) {
    provd_says(200, body);
    EXPECT_EQ(run(devices_.devices()).error().fault, Fault::unavailable) << body;
    EXPECT_EQ(run(devices_.operation("/dev_mgr/synchronize/1")).error().fault, Fault::unavailable)
        << body;
  }
}

}  // namespace
}  // namespace tandem
