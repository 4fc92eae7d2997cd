// The reader of a stream of events, against a server that says what the test wants.
#include "ports/event_source.h"

#include <gtest/gtest.h>

#include "tests/ports/test_server.h"

namespace tandem {
namespace {

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

std::string address(const TestServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

// Sends `pieces` one by one, and ends the connection.
TestServer::Script saying(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces)](Peer& peer) {
    const std::string request = peer.read_request();
    if (!request.starts_with("GET /events?since=7 HTTP/1.0\r\n")) return;
    for (const std::string& piece : pieces) peer.write(piece);
  };
}

TEST(EventSource, ReadsEventsHoweverTheyArrive) {
  TestServer server(saying({kHead, ": ping\n\nretry: 2000\n\nid: 8\nev", "ent: event\r\nda",
                            "ta: {\"a\": 1}\n", "\nevent: change\ndata: x\ndata: y\n\n"}));
  EventSource source(address(server), "/events?since=7");
  const auto first = source.next();
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first.value().id, "8");
  EXPECT_EQ(first.value().kind, "event");
  EXPECT_EQ(first.value().data, "{\"a\": 1}");
  const auto second = source.next();
  EXPECT_EQ(second.value().kind, "change");
  EXPECT_EQ(second.value().data, "x\ny");
  EXPECT_EQ(second.value().id, "");
  EXPECT_EQ(source.next().error().fault, Fault::connection_cut);
}

TEST(EventSource, SaysWhatIsAnsweredInsteadOfAStream) {
  TestServer server(saying({"HTTP/1.1 503 Service Unavailable\r\n\r\n{\"detail\": \"full\"}"}));
  EventSource source(address(server), "/events?since=7");
  const auto refused = source.next();
  EXPECT_EQ(refused.error().fault, Fault::invalid);
  EXPECT_NE(refused.error().message.find("503"), std::string::npos);
  EXPECT_NE(refused.error().message.find("full"), std::string::npos);
}

TEST(EventSource, IsNotFilledUp) {
  TestServer server(saying({kHead, "data: " + std::string(EventSource::kEventMax + 1, 'x')}));
  EventSource source(address(server), "/events?since=7");
  EXPECT_EQ(source.next().error().fault, Fault::too_large);
}

TEST(EventSource, SaysThatNobodyIsThere) {
  EventSource source("127.0.0.1:" + std::to_string(free_port()), "/events?since=7");
  EXPECT_EQ(source.next().error().fault, Fault::connection_refused);
  EXPECT_EQ(EventSource("nowhere", "/").next().error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem
