#include "ports/real_routes.h"

#include <gtest/gtest.h>

#include "tests/ports/test_network.h"
#include "tests/run.h"

namespace tandem {
namespace {

Result<RouteView> look(const std::string& own = TestNetwork::kHere,
                       const std::string& peer = TestNetwork::kThere) {
  boost::asio::io_context io;  // outlives the thread of the routes
  RealRoutes routes;
  return run(io, routes.look(own, peer));
}

const Interface kNear{"near", true, true};

TEST(RealRoutes, SeesTheWayToTheOtherHost) {
  const int code = in_a_test_network([](TestNetwork&) {
    const auto seen = look();
    return seen.ok() && seen.value() == RouteView{kNear, kNear, {}} ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealRoutes, SeesAPulledCableAndItsReturn) {
  const int code = in_a_test_network([](TestNetwork& network) {
    const Interface dead{"near", true, false};
    if (!network.there().shell("ip link set far down")) return 1;
    if (look().value() != RouteView{dead, dead, {}}) return 2;
    if (!network.there().shell("ip link set far up")) return 3;
    return look().value() == RouteView{kNear, kNear, {}} ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

// The address stays on an interface that was taken down; the routes go.
TEST(RealRoutes, SeesAnInterfaceThatWasTakenDown) {
  const int code = in_a_test_network([](TestNetwork&) {
    if (!ip("link set near down")) return 1;
    const auto seen = look();
    const Interface down{"near", false, false};
    return seen.value() == RouteView{down, std::nullopt, {}} ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealRoutes, SeesThatTheAddressHasGone) {
  const int code = in_a_test_network([](TestNetwork&) {
    if (!ip("addr del 192.0.2.10/24 dev near")) return 1;
    const auto seen = look();
    return !seen.value().holder && !seen.value().way ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealRoutes, SeesThatNoRouteLeadsThere) {
  const int code = in_a_test_network([](TestNetwork&) {
    if (look(TestNetwork::kHere, "203.0.113.1").value() != RouteView{kNear, std::nullopt, {}})
      return 1;
    for (const char* kind : {"unreachable", "prohibit", "blackhole"}) {
      if (!ip(std::string("route replace ") + kind + " 203.0.113.1")) return 2;
      const auto seen = look(TestNetwork::kHere, "203.0.113.1");
      if (!seen.ok() || seen.value().way) return 3;
    }
    return 0;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealRoutes, ListsTheGatewaysThePreferredFirst) {
  const int code = in_a_test_network([](TestNetwork&) {
    if (!ip("route add default via 192.0.2.1 metric 50")) return 1;
    if (!ip("link add other type veth peer name beyond") || !ip("link set other up")) return 2;
    if (!ip("addr add 10.0.0.2/24 dev other")) return 3;
    if (!ip("route add default via 10.0.0.1 metric 10")) return 4;
    const std::vector<Gateway> wanted{{"10.0.0.1", "other", 10}, {"192.0.2.1", "near", 50}};
    if (look().value().gateways != wanted) return 5;
    if (!ip("route del default via 10.0.0.1")) return 6;
    if (!ip("route replace default metric 50 nexthop via 192.0.2.1 nexthop via 192.0.2.2"))
      return 7;
    const std::vector<Gateway> several{{"192.0.2.1", "near", 50}};
    return look().value().gateways == several ? 0 : 8;
  });
  EXPECT_EQ(code, 0);
}

TEST(RealRoutes, TakesOnlyAddresses) {
  EXPECT_EQ(look("pbx-a", "192.0.2.11").error().fault, Fault::invalid);
}

}  // namespace
}  // namespace tandem
