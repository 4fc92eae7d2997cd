#include "app/scrub_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace tandem {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string masked(const std::string& text) { return without_telltales(text, "(not shown)"); }

// `text` as a document of JSON holds it, and as one holds it that another one quotes.
std::string in_json(const std::string& text) {
  return nlohmann::json({{"message", text}, {"next", "kept word"}}).dump(2);
}

class Forms : public testing::TestWithParam<const char*> {};

// Each one as it is, in JSON, and in JSON within JSON.
TEST_P(Forms, IsMaskedWhereverItStands) {
  const std::string text = GetParam();
  EXPECT_THAT(masked(text), Not(HasSubstr("SEED")));
  for (const std::string& quoted : {in_json(text), in_json(in_json(text))}) {
    const std::string shown = masked(quoted);
    EXPECT_THAT(shown, Not(HasSubstr("SEED"))) << quoted;
    EXPECT_THAT(shown, HasSubstr("kept word")) << quoted;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Telltales, Forms,
    testing::Values(
        "suspended: password=\"SEEDed wordSEED\"", "password='SEEDed wordSEED'",
        "password=\"SE\\\"SEED\" x", "{\"password\":\"a\\\"SEED\", \"user\": \"x\"}",
        "password='it''SEED'", "password='it\\'SEED'", "{'password': 'SEED'}", "password=\"SEED",
        "password='SEED", "password=SEED", "password = SEED", "password: SEED", "password => SEED",
        "password := SEED", "password==SEED", "password=a,SEED;SEED&SEED x", "password=it'SEED",
        "auth_pass=SEED", "authPass: SEED", "pass=SEED", "passphrase=SEED", "secret_key=SEED",
        "client_secret: SEED", "api-key: SEED", "X-Api-Key: SEED", "api_key=SEED", "accessKey=SEED",
        "PGPASSWORD=SEED psql", "psql --password SEED -h a", "psql --password=SEED",
        "[\"psql\", \"--password\", \"SEED word\"]", "-token SEED",
        "{\"X-Auth-Token\": [\"SEED\"]}", "postgresql://asterisk:SEED@host/db",
        "https://user:SEED@h", "https://SEED@h/x", "https://user:SE/SEED@h",
        "http://u:p@ss/SEED@h/p", "http://u:123/SEED@h/p", "sip:1001:SEED@192.0.2.1",
        "<sips:1001:SEED@192.0.2.1;transport=tls>", "line\npass: SEED", "out\tpass=SEED",
        "{\"password\": [\"a\", \"SEED\", \"SEED\"]}", "{\"password\": nullSEED}",
        "amqp://u:SEED@SEED@h:5672//", "http://127.0.0.1/x?token=SEED&user=7",
        "wget http://h/?a=b&password=SEED", "Authorization: Bearer SEED",
        "Authorization: Basic SEED==",
        "Authorization: Digest username=\"SEED\", realm=\"asterisk\", response=\"SEED\"",
        "Proxy-Authorization: Digest username=\"SEED\",\n", "Authorization Basic SEED",
        "{\"Authorization\": \"Digest username=\\\"SEED\\\", response=\\\"SEED\\\"\"}",
        "curl -H 'Authorization: Token SEED' http://a", "with Bearer SEED",
        "spec.notify[0].mail: 'https://h.example.com/SEED' is no mail address",
        "spec.notify[0].'https://h.example.com/SEED'...: unknown field",
        "'https://h.example.com?SEED'"));

TEST(ScrubText, TakesAValueOnTheNextLineOfADocument) {
  EXPECT_EQ(masked("{\"password\":\n  \"SEED\",\n \"a\": 1}"),
            "{\"password\":\n  \"(not shown)\",\n \"a\": 1}");
}

TEST(ScrubText, KeepsWhatIsAroundASecret) {
  EXPECT_EQ(masked("sip:1001:a@192.0.2.1;x=1"), "sip:1001:(not shown)@192.0.2.1;x=1");
  EXPECT_EQ(masked(R"({"token": ["a", "b"], "c": ["d"]})"),
            R"x({"token": ["(not shown)", "(not shown)"], "c": ["d"]})x");
  EXPECT_EQ(masked(R"({"a": "password=\"x y\" b", "c": 1})"),
            R"x({"a": "password=\"(not shown)\" b", "c": 1})x");
  EXPECT_EQ(masked("postgresql://a:b@host/db"), "postgresql://(not shown)@host/db");
  EXPECT_EQ(masked("http://h/x?token=a&user=7 z"), "http://h/x?token=(not shown)&user=7 z");
  EXPECT_EQ(masked("password => x y"), "password => (not shown)");
  EXPECT_EQ(masked("a password => x y"), "a password => (not shown) y");
  EXPECT_EQ(masked(R"({"token":5,"token":null,"secret":{"a":1}})"),
            R"x({"token":(not shown),"token":null,"secret":{"a":1}})x");
  EXPECT_EQ(masked("x password=(not shown) y"), "x password=(not shown) y");
  EXPECT_EQ(masked("Authorization: Bearer x\nnext"), "Authorization: (not shown)\nnext");
  EXPECT_EQ(masked("'https://h/x': unknown"), "'https://h/(not shown)': unknown");
}

TEST(ScrubText, LeavesTheRest) {
  for (const char* text : {"tokenFile: /etc/tandem/token",
                           "the token can not be used",
                           "password is wrong",
                           "the authorization failed",
                           "a bypass: none",
                           "compass=north",
                           "\"result\": \"pass\",",
                           "--token-file /etc/tandem/token",
                           "http://127.0.0.1:9486/1.1/users?recursive=true",
                           "https://192.0.2.11:9877/api/v1/peer",
                           "mail root@localhost",
                           "sip:100@192.0.2.10",
                           "'http://127.0.0.1:9486/1.1' is there",
                           "'https://h/...'",
                           "a:// @ b",
                           "password",
                           "x://",
                           "password=",
                           "--password",
                           "\"password\":",
                           "Authorization:",
                           "\\\"",
                           "token=\""})
    EXPECT_EQ(masked(text), text);
}

TEST(ScrubText, TakesAShortSecretWhereAValueStands) {
  const auto taken = [](const std::string& text) { return without_value(text, "tandem", "*"); };
  EXPECT_EQ(taken("password=tandem"), "password=*");
  EXPECT_EQ(taken("u: tandem, 'tandem' \"tandem\""), "u: *, '*' \"*\"");
  EXPECT_EQ(taken(R"("m": "user \"tandem\"")"), R"("m": "user \"*\"")");
  EXPECT_EQ(taken("http://root:tandem@h"), "http://root:*@h");
  EXPECT_EQ(taken("it was tandem: tandem."), "it was tandem: *.");
  for (const char* text : {"/etc/tandem/token", "tandem.service", "unit=tandem.service",
                           "tandem says", "x=tandem-pgpass", "path=tandem/x", "\"tandem\": 1"})
    EXPECT_EQ(taken(text), text);
}

TEST(ScrubText, ReadsPgpassAsLibpqDoes) {
  EXPECT_THAT(pgpass_passwords("# host:1:db:user:comment\n"
                               "host:5432:*:tandem:plain\r\n"
                               "h\\:ost:5432:*:tandem:a\\:b\\\\c\n"
                               "host:5432:*:tandem:with:colon\n\nno field\n"),
              ElementsAre("plain", "a\\:b\\\\c", "a:b\\c", "with:colon"));
}

}  // namespace
}  // namespace tandem
