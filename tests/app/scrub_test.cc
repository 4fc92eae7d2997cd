#include "app/scrub.h"

#include <gtest/gtest.h>

#include "core/spec.h"

namespace tandem {
namespace {

TEST(Scrubber, TakesWhatIsKnownWhereverItStands) {
  Scrubber scrubber;
  scrubber.add("hunter2hunter2");
  scrubber.add("hunter2hunter2-and-more");
  scrubber.add("with \"quotes\"");
  EXPECT_EQ(scrubber.clean("a hunter2hunter2 b hunter2hunter2-and-more"),
            "a (not shown) b (not shown)");
  EXPECT_EQ(scrubber.clean(R"({"x": "with \"quotes\""})"), R"x({"x": "(not shown)"})x");
}

TEST(Scrubber, TakesWhatLooksLikeASecret) {
  const Scrubber scrubber;
  for (const char* text :
       {"password=s3cret-word", "password: s3cret-word\n", R"("password": "s3cret-word")",
        "host=a password='s3cret-word' user=b", "Authorization: Bearer s3cret-word",
        "X-Auth-Token: s3cret-word", "db_password = s3cret-word", "TOKEN=s3cret-word",
        "curl -H 'Authorization: Basic s3cret-word' http://a",
        "-----BEGIN PRIVATE KEY-----\ns3cret-word\n-----END PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret-word\n"})
    EXPECT_EQ(scrubber.clean(text).find("s3cret-word"), std::string::npos) << text;
}

TEST(Scrubber, LeavesTheRest) {
  const Scrubber scrubber;
  for (const char* text :
       {"tokenFile: /etc/tandem/token", "the token can not be used", "password is wrong",
        "msg=\"looked\" resource=ha-conf result=InSync", "passwordFile: /etc/tandem/pgpass",
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----"})
    EXPECT_EQ(scrubber.clean(text), text);
}

TEST(Scrubber, IsBoundedBySillySecrets) {
  Scrubber scrubber;
  scrubber.add("");
  scrubber.add("a");
  EXPECT_EQ(scrubber.clean("a banana"), "a banana");
}

// The password of a lab may be a word that stands everywhere.
TEST(Scrubber, TakesAShortSecretOnlyWhereAValueStands) {
  Scrubber scrubber;
  scrubber.add("tandem");
  scrubber.add("longtandem");
  EXPECT_EQ(scrubber.clean("cat /etc/tandem/other: user=root pass 'tandem' longtandems"),
            "cat /etc/tandem/other: user=root pass '(not shown)' (not shown)s");
}

TEST(Scrubber, TakesASecretInEveryFormThatATextGivesIt) {
  Scrubber scrubber;
  scrubber.add("seeded \"word\"");
  for (const std::string text :
       {R"(seeded "word")", R"(seeded \"word\")", R"(seeded \\\"word\\\")", "seeded%20%22word%22"})
    EXPECT_EQ(scrubber.clean("a " + text + " b"), "a (not shown) b");
}

TEST(Scrubber, MasksADeclarationByItsTable) {
  const auto pair = parse_pair(R"(apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: lab }
spec:
  product: wazo
  primary: { name: pbx-a, address: 192.0.2.10 }
  secondary: { name: pbx-b, address: 192.0.2.11 }
  hooks: { afterTakeover: [[/usr/bin/tell, word-one]] }
  notify: [{ webhook: "https://hooks.example.com/word-two" }, { exec: [/usr/bin/page, word-three] }]
  services: { activate: [/usr/bin/start, word-four] }
)",
                               "pair.yaml");
  ASSERT_TRUE(pair) << to_string(pair.error().front());
  Scrubber scrubber;
  const std::string masked = without_secrets(to_json(*pair), pair_fields(), scrubber).dump();
  for (const char* kept : {"/usr/bin/tell", "/usr/bin/page", "/usr/bin/start",
                           "https://hooks.example.com/(not shown)", "192.0.2.10", "pbx-b"})
    EXPECT_NE(masked.find(kept), std::string::npos) << kept << masked;
  EXPECT_EQ(masked.find("word-"), std::string::npos) << masked;
  EXPECT_EQ(scrubber.clean("it ran with word-three").find("word-three"), std::string::npos);
}

TEST(Scrubber, KeepsOnlyTheHostOfAnUrl) {
  EXPECT_EQ(host_of_url("https://u:p@h:1/x?y"), "https://h:1/(not shown)");
  EXPECT_EQ(host_of_url("https://h"), "https://h");
  EXPECT_EQ(host_of_url("no url"), "(not shown)");
}

}  // namespace
}  // namespace tandem
