#include "core/url.h"

#include <gtest/gtest.h>

#include <string>

namespace tandem {
namespace {

TEST(UrlTest, IsTakenApart) {
  const auto url = parse_url("HTTPS://Node-A.example:9486/1.1/users?recursive=true&search=a%20b");
  ASSERT_TRUE(url.ok());
  const Url expected{"https", "node-a.example", 9486, "/1.1/users", "recursive=true&search=a%20b"};
  EXPECT_EQ(url.value(), expected);
  EXPECT_EQ(url.value().origin(), "https://node-a.example:9486");
}

TEST(UrlTest, HasItsSchemesPortAndTheRootPath) {
  EXPECT_EQ(parse_url("http://10.0.0.1").value().origin(), "http://10.0.0.1:80");
  EXPECT_EQ(parse_url("https://10.0.0.1?x=1").value().origin(), "https://10.0.0.1:443");
  EXPECT_EQ(parse_url("https://10.0.0.1?x=1").value().path, "/");
  EXPECT_EQ(parse_url("https://10.0.0.1?x=1").value().query, "x=1");
}

TEST(UrlTest, KeepsTheColonsOfIpv6InBrackets) {
  EXPECT_EQ(parse_url("http://[::1]:8080/a:b").value().origin(), "http://[::1]:8080");
  EXPECT_EQ(parse_url("http://[::1]").value().port, 80);
}

TEST(UrlTest, RefusesWhatItCannotTrust) {
  for (const std::string text : {"",
                                 "node",
                                 "ftp://node/",
                                 "http://",
                                 "http://:80/",
                                 "http://user:pw@node/",
                                 "http://node:/",
                                 "http://node:0/",
                                 "http://node:65536/",
                                 "http://node:8x/",
                                 "http://node:-1/",
                                 "http://no de/",
                                 "http://node/a b",
                                 "http://node/a\r\nX: y",
                                 "http://node/%",
                                 "http://node/%4",
                                 "http://node/%zz",
                                 "http://node/?q=%4",
                                 "http://node/#part",
                                 "http://node#part",
                                 "http://node/\xC3\xA9",
                                 "http://[::1",
                                 "http://[]/",
                                 "http://[::1]x/"})
    EXPECT_FALSE(parse_url(text).ok()) << text;
}

TEST(UrlTest, DoesNotRepeatASecretInItsError) {
  EXPECT_EQ(parse_url("http://admin:hunter2@node/").error().message,
            "the URL must not have user information");
}

TEST(UrlTest, EncodesOneSegment) {
  EXPECT_EQ(percent_encode("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(percent_encode("a/b?c=d&e f%"), "a%2Fb%3Fc%3Dd%26e%20f%25");
  EXPECT_EQ(percent_encode("\xC3\xA9\r\n"), "%C3%A9%0D%0A");
  EXPECT_EQ(percent_encode("a b/../#"), "a%20b%2F..%2F%23");
}

}  // namespace
}  // namespace tandem
