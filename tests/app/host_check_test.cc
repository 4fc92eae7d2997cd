#include "app/host_check.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

ServedRequest with(HttpHeaders headers) {
  ServedRequest request;
  request.headers = std::move(headers);
  return request;
}

TEST(HostCheck, TakesTheNameOutOfAnAuthority) {
  EXPECT_EQ(host_of("Pbx-A.Example.com.:9877"), "pbx-a.example.com");
  EXPECT_EQ(host_of("192.0.2.10:9877"), "192.0.2.10");
  EXPECT_EQ(host_of("[2001:db8::1]:9877"), "2001:db8::1");
  EXPECT_EQ(host_of("[2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(host_of("["), "");
  EXPECT_EQ(host_of(""), "");
}

TEST(HostCheck, KnowsItsNamesAndEveryAddress) {
  const std::vector<std::string> names{"pbx-a", "pbx-a.example.com"};
  for (const char* host :
       {"pbx-a", "PBX-A:9877", "pbx-a.example.com.", "localhost:1", "10.1.2.3", "[::1]:9877", ""})
    EXPECT_TRUE(is_our_host(with({{"Host", host}}), names)) << host;
  EXPECT_TRUE(is_our_host(with({}), names)) << "no browser";
  for (const char* host : {"evil.example.com", "pbx-a.evil.com", "localhost.evil.com",
                           "10.1.2.3.evil.com", "pbx-b", "0x7f.1"})
    EXPECT_FALSE(is_our_host(with({{"Host", host}}), names)) << host;
}

TEST(HostCheck, TheNamesArePlainAndThoseOfThePair) {
  HAPair pair;
  pair.primary.name = "Pbx-A.example.com";
  pair.secondary.name = "pbx-b";
  const auto names = names_to_ask_for("node-7", &pair);
  for (const char* name : {"node-7", "pbx-a.example.com", "pbx-a", "pbx-b"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  EXPECT_GE(names_to_ask_for("node-7", nullptr).size(), 2U) << "the host's own";
}

TEST(HostCheck, KnowsAPageOfAnotherSite) {
  const std::string host = "localhost:8080";
  for (const HttpHeaders& headers :
       {HttpHeaders{}, HttpHeaders{{"Origin", "http://LOCALHOST:8080"}},
        HttpHeaders{{"Sec-Fetch-Site", "same-origin"}}, HttpHeaders{{"Sec-Fetch-Site", "none"}}}) {
    ServedRequest request = with(headers);
    request.headers["Host"] = host;
    EXPECT_FALSE(is_from_a_foreign_page(request));
  }
  for (const HttpHeaders& headers :
       {HttpHeaders{{"Origin", "null"}}, HttpHeaders{{"Origin", "http://localhost:80"}},
        HttpHeaders{{"Origin", "https://evil.example.com"}},
        HttpHeaders{{"Sec-Fetch-Site", "cross-site"}},
        HttpHeaders{{"Sec-Fetch-Site", "same-site"}}}) {
    ServedRequest request = with(headers);
    request.headers["Host"] = host;
    EXPECT_TRUE(is_from_a_foreign_page(request));
  }
}

}  // namespace
}  // namespace tandem
