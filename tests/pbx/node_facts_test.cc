#include "pbx/node_facts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tandem {
namespace {

NodeFacts complete() {
  NodeFacts facts;
  facts.tandem_version = "0.2.0";
  facts.spec_hash = "abcd";
  facts.machine = "m";
  facts.system = "s";
  facts.host_keys = {"SHA256:one", "SHA256:two"};
  facts.product_version = "26.08";
  facts.postgres = DatabaseTraits{15, "7412", "UTF8", "fr_FR.UTF-8", "fr_FR.UTF-8"};
  facts.plugins = {"wazo-aastra"};
  facts.wizard_passed = true;
  facts.rooms = {{"/", 12'000'000'000'000ULL}, {"/var/log", 7}};
  facts.clock = 1'795'320'728'690'000'123;
  facts.unknown = {{"x", "why"}};
  return facts;
}

TEST(NodeFacts, TravelAsJson) {
  const auto read = facts_from_json(to_json(complete()), "ssh to 10.0.0.2");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value(), complete());
}

TEST(NodeFacts, TravelWithAllThatIsNotKnown) {
  NodeFacts few;
  few.clock = 1;
  few.unknown = {{"postgres", "nobody listens there"}};
  EXPECT_EQ(facts_from_json(to_json(few), "").value(), few);
  few.plugins.emplace();  // none is installed: that is known
  EXPECT_EQ(facts_from_json(to_json(few), "").value(), few);
}

TEST(NodeFacts, AreReadFromALaterVersionToo) {
  auto json = nlohmann::json::parse(to_json(complete()));
  json["tomorrow"] = {{"more", true}};
  EXPECT_EQ(facts_from_json(json.dump(), "").value(), complete());
}

TEST(NodeFacts, RefuseWhatIsNoSuchDocument) {
  for (const std::string text :
       {"", "{}", "[]", "17", "\xff", "Welcome to pbx-b\n", "{\"kind\":1}"})
    EXPECT_EQ(facts_from_json(text, "ssh").error().fault, Fault::invalid) << text;
  EXPECT_EQ(facts_from_json(std::string(NodeFacts::kBytesMax + 1, ' '), "").error().fault,
            Fault::invalid);
  const auto good = nlohmann::json::parse(to_json(complete()));
  for (const auto& [key, value] : good.items()) {
    auto broken = good;
    broken[key] = key == "clock" ? nlohmann::json("now") : nlohmann::json(-1.5);
    EXPECT_FALSE(facts_from_json(broken.dump(), "").ok()) << key;
  }
}

TEST(NodeFacts, SayWhoDidNotAnswerAndNotWhatItWrote) {
  const auto error = facts_from_json("password: secret", "ssh to 10.0.0.2").error();
  EXPECT_TRUE(error.message.starts_with("ssh to 10.0.0.2: ")) << error.message;
  EXPECT_EQ(error.message.find("secret"), std::string::npos);
}

// Made by `ssh-keygen -lf` of Debian 12.
TEST(NodeFacts, KnowAKeyByItsFingerprint) {
  const std::string key = "AAAAC3NzaC1lZDI1NTE5AAAAIPXJZYvpkgjGvu8S4X6kwujZf9NYMbW3ElnZ8g934agv";
  const std::string print = "SHA256:BOBJ+hxE4jLJuM4pnKZZh+riI2VtKBW3+53KgRok+lc";
  EXPECT_EQ(key_fingerprint("ssh-ed25519 " + key + " root@pbx-a\n"), print);
  EXPECT_EQ(key_fingerprint("10.0.0.1 ssh-ed25519 " + key), print);
  EXPECT_EQ(key_fingerprint("[10.0.0.1]:2222 ssh-ed25519 " + key), print);
  EXPECT_EQ(key_fingerprint("# 10.0.0.1:22 SSH-2.0-OpenSSH_9.2p1"), std::nullopt);
  EXPECT_EQ(key_fingerprint("ssh-ed25519 AAAA!"), std::nullopt);
  EXPECT_EQ(key_fingerprint(""), std::nullopt);
}

}  // namespace
}  // namespace tandem
