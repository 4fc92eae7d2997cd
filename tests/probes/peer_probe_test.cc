#include "probes/peer_probe.h"

#include <gtest/gtest.h>

#include "core/peer_word_text.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

class PeerProbeTest : public testing::Test {
 protected:
  PeerProbeTest() {
    word.pair = "montreal";
    word.node = "pbx-b";
    word.role = Role::secondary;
    word.state = NodeState::standby;
    answer(200, to_text(word));
  }

  void answer(int status, const std::string& body) {
    http.on("GET", "https://192.0.2.11:9878/api/v1/peer", HttpResponse{status, {}, body});
  }
  void fail(Fault fault) { http.on("GET", "https://", Error{fault, "why it is so"}); }

  PeerReading ask(const std::string& url = "https://192.0.2.11:9878") {
    return run(probe_peer(http, clock, {url, "montreal", "pbx-b", 800ms}));
  }

  fakes::FakeClock clock;
  FakeHttp http;
  PeerWord word;
};

TEST_F(PeerProbeTest, BringsTheWordOfTheOtherNode) {
  const auto reading = ask();
  EXPECT_EQ(reading.sample.heard, Heard::answers);
  EXPECT_FALSE(reading.sample.poor);
  EXPECT_EQ(reading.word, word);
  EXPECT_EQ(reading.sample.at, clock.now());
  EXPECT_EQ(http.sent[0].certificate_name, "pbx-b") << "the certificate must be the other node's";
  EXPECT_EQ(http.sent[0].deadline, 800ms);
}

TEST_F(PeerProbeTest, ASilentHostIsSilent) {
  for (const Fault fault :
       {Fault::connection_refused, Fault::connection_cut, Fault::timed_out, Fault::unavailable}) {
    fail(fault);
    EXPECT_EQ(ask().sample.heard, Heard::silent) << fault_name(fault);
    EXPECT_EQ(ask().sample.reason, "why it is so");
  }
}

// None of these says that the other node is down.
TEST_F(PeerProbeTest, WhatCouldNotBeAskedIsUnknown) {
  for (const Fault fault : {Fault::not_sent, Fault::bad_certificate, Fault::invalid,
                            Fault::cancelled, Fault::too_large}) {
    fail(fault);
    EXPECT_EQ(ask().sample.heard, Heard::unknown) << fault_name(fault);
    EXPECT_FALSE(ask().sample.reason.empty());
    EXPECT_FALSE(ask().word);
  }
}

TEST_F(PeerProbeTest, ANameThatDoesNotResolveIsUnknown) {
  fail(Fault::unavailable);
  EXPECT_EQ(ask("https://pbx-b.example:9878").sample.heard, Heard::unknown);
}

TEST_F(PeerProbeTest, AnotherPairOrNodeNeverCountsAsTheOther) {
  word.pair = "toronto";
  answer(200, to_text(word));
  EXPECT_EQ(ask().sample.heard, Heard::unknown);
  EXPECT_FALSE(ask().word);
  EXPECT_NE(ask().sample.reason.find("'toronto'"), std::string::npos);

  word.pair = "montreal";
  word.node = "pbx-a";
  answer(200, to_text(word));
  EXPECT_EQ(ask().sample.heard, Heard::unknown);
  EXPECT_NE(ask().sample.reason.find("'pbx-a'"), std::string::npos);
}

TEST_F(PeerProbeTest, WhatIsNoWordIsUnknown) {
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{
           {200, "<html>"}, {200, "{}"}, {404, ""}, {403, ""}, {302, ""}, {500, ""}}) {
    answer(status, body);
    EXPECT_EQ(ask().sample.heard, Heard::unknown) << status << body;
    EXPECT_FALSE(ask().sample.reason.empty());
  }
}

TEST_F(PeerProbeTest, AnOverloadedOperatorAnswersPoorly) {
  answer(503, "");
  EXPECT_EQ(ask().sample.heard, Heard::answers);
  EXPECT_TRUE(ask().sample.poor);
  EXPECT_FALSE(ask().word);
}

TEST_F(PeerProbeTest, ALateAnswerIsPoor) {
  http.on("GET", "https://", [&](const HttpRequest&) -> Result<HttpResponse> {
    clock.time += 2500ms;
    return HttpResponse{200, {}, to_text(word)};
  });
  const auto reading = ask();
  EXPECT_EQ(reading.sample.heard, Heard::answers);
  EXPECT_TRUE(reading.sample.poor);
  EXPECT_EQ(reading.sample.took, 2500ms);
  EXPECT_TRUE(reading.word);
}

}  // namespace
}  // namespace tandem
