// The probes as they run on a node, between two real network namespaces on one cable.
#include <sys/socket.h>

#include <array>

#include "ports/descriptor.h"
#include "ports/real_clock.h"
#include "ports/real_datagrams.h"
#include "ports/real_reachability.h"
#include "ports/real_routes.h"
#include "tests/ports/test_network.h"
#include "tests/reconciler/failover/probing_world.h"
// keep the order
#include <netinet/in.h>

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{30};
constexpr const char* kWitness = "192.0.2.1";

// A SIP server that answers everything with 200, until its process ends.
void serve_sip() {
  const Descriptor server(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(5060);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(server.get(), plain, sizeof address) != 0) return;
  while (true) {
    std::array<char, 4096> bytes{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const asker = reinterpret_cast<sockaddr*>(&from);
    const auto got = recvfrom(server.get(), bytes.data(), bytes.size(), 0, asker, &size);
    if (got <= 0) return;
    const std::string request(bytes.data(), static_cast<std::size_t>(got));
    const auto via = request.find("Via:");
    const std::string reply = "SIP/2.0 200 OK\r\n" +
                              request.substr(via, request.find("\r\n", via) - via) +
                              "\r\nCSeq: 1 OPTIONS\r\n\r\n";
    sendto(server.get(), reply.data(), reply.size(), 0, asker, size);
  }
}

// The secondary is here, the primary there, and so is the gateway.
class RealNode {
 public:
  RealNode() {
    HAPair pair = probed_pair();
    pair.primary = {"pbx-a", TestNetwork::kThere, {}};
    pair.secondary = {"pbx-b", TestNetwork::kHere, {}};
    pair.failover.icmp = {milliseconds{100}, milliseconds{80}};
    pair.failover.sip = {milliseconds{1'500}, milliseconds{400}};
    probing.follow(probe_plan(pair, Role::secondary));
  }

  // Whether the newest sample of the probe becomes this.
  bool becomes(const std::string& probe, Heard heard) {
    return within_patience([&] {
      const auto& all = sink.samples[probe];
      return !all.empty() && all.back().heard == heard;
    });
  }
  bool becomes(OwnLink link) {
    return within_patience([&] { return !sink.links.empty() && sink.links.back() == link; });
  }
  bool hears_host(Heard heard) {
    return becomes(std::string("icmp ") + TestNetwork::kThere, heard);
  }
  bool hears_witness(Heard heard) { return becomes(std::string("witness ") + kWitness, heard); }
  bool within_patience(const std::function<bool()>& holds) {
    return run(io, look_until(clock, holds));
  }
  bool stops() {
    run(io, probing.stop());
    return true;
  }

  boost::asio::io_context io;
  RealClock clock;
  RealReachability reachability;
  RealRoutes routes;
  RealDatagrams datagrams;
  Sip peer_sip{datagrams, clock}, own_sip{datagrams, clock};
  RecordingSink sink;
  Probing probing{io.get_executor(),
                  {reachability, routes, peer_sip, own_sip, clock},
                  sink,
                  1,
                  [](const std::string&) { std::abort(); }};

 private:
  static Task<bool> look_until(Clock& clock, const std::function<bool()>& holds) {
    const Instant last = clock.now() + kPatience;
    while (!holds()) {
      if (clock.now() > last) co_return false;
      const auto signal = clock.make_signal();
      co_await clock.wait(*signal, clock.now() + milliseconds{10});
    }
    co_return true;
  }
};

template <class Body>
int between_two_nodes(Body body) {
  return in_a_test_network([&](TestNetwork& network) {
    if (!network.there().shell("ip addr add 192.0.2.1/24 dev far")) return 90;
    if (!ip("route add default via 192.0.2.1") || !network.there().start(serve_sip)) return 91;
    RealNode node;
    if (!node.hears_host(Heard::answers)) return 92;
    if (!node.becomes("sip", Heard::answers)) return 93;
    if (!node.hears_witness(Heard::answers)) return 94;
    if (!node.becomes(OwnLink::good)) return 95;
    const int code = body(network, node);
    return node.stops() ? code : 96;
  });
}

// Its address is gone: nobody answers ARP, and the network goes on.
TEST(ProbingForReal, TellsADeadHostFromADeadNetwork) {
  const int code = between_two_nodes([](TestNetwork& network, RealNode& node) {
    if (!network.there().shell("ip addr del 192.0.2.11/24 dev far && "
                               "ip addr replace 192.0.2.1/24 dev far"))
      return 1;
    if (!node.hears_host(Heard::silent)) return 2;
    if (!node.becomes("sip", Heard::silent)) return 3;
    if (!node.hears_witness(Heard::answers)) return 4;
    return node.becomes(OwnLink::good) ? 0 : 5;
  });
  EXPECT_EQ(code, 0);
}

TEST(ProbingForReal, TellsADeadServerFromADeadHost) {
  const int code = between_two_nodes([](TestNetwork& network, RealNode& node) {
    network.there().end_started();
    if (!node.becomes("sip", Heard::silent)) return 1;
    if (!node.hears_host(Heard::answers)) return 2;
    return network.there().start(serve_sip) && node.becomes("sip", Heard::answers) ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
}

TEST(ProbingForReal, SeesItsOwnCablePulledAndBackAgain) {
  const int code = between_two_nodes([](TestNetwork& network, RealNode& node) {
    if (!network.there().shell("ip link set far down")) return 1;
    if (!node.becomes(OwnLink::no_carrier)) return 2;
    if (!node.hears_host(Heard::silent) || !node.hears_witness(Heard::silent)) return 3;
    if (!network.there().shell("ip link set far up")) return 4;
    if (!node.becomes(OwnLink::good)) return 5;
    return node.hears_host(Heard::answers) && node.becomes("sip", Heard::answers) ? 0 : 6;
  });
  EXPECT_EQ(code, 0);
}

// It can not ask: that tells nothing of the other node.
TEST(ProbingForReal, KnowsNothingWithoutARoute) {
  const int code = between_two_nodes([](TestNetwork&, RealNode& node) {
    if (!ip("route flush table main")) return 1;
    if (!node.becomes(OwnLink::no_route)) return 2;
    if (!node.hears_host(Heard::unknown) || !node.becomes("sip", Heard::unknown)) return 3;
    return node.hears_witness(Heard::unknown) ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

TEST(ProbingForReal, SeesItsAddressGo) {
  const int code = between_two_nodes([](TestNetwork&, RealNode& node) {
    return ip("addr del 192.0.2.10/24 dev near") && node.becomes(OwnLink::no_address) ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

// Every second packet is lost: the answers that do come are heard, and the silence between them.
TEST(ProbingForReal, HearsThroughPacketLoss) {
  if (!shell("command -v iptables")) GTEST_SKIP() << "iptables is not installed";
  const int code = between_two_nodes([](TestNetwork& network, RealNode& node) {
    if (!network.there().shell("iptables -A INPUT -p icmp -d 192.0.2.11 "
                               "-m statistic --mode nth --every 2 --packet 0 -j DROP"))
      return 1;
    node.sink.samples.clear();
    const bool enough = node.within_patience(
        [&] { return node.sink.count(std::string("icmp ") + TestNetwork::kThere) >= 40; });
    if (!enough) return 2;
    int heard = 0, silent = 0;
    for (const Sample& s : node.sink.samples[std::string("icmp ") + TestNetwork::kThere]) {
      heard += s.heard == Heard::answers;
      silent += s.heard == Heard::silent;
    }
    return heard >= 10 && silent >= 10 ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tandem
