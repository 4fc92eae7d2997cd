// What must hold between fields.
#include <gtest/gtest.h>

#include "tests/core/spec_samples.h"

namespace tandem {
namespace {

struct Clash {
  std::string yaml;     // below spec, from line 9 on
  std::string message;  // without the file name
};

TEST(SpecChecks, RefusesImpossibleTimings) {
  const std::vector<Clash> clashes = {
      {"  sip: { expiry: { minimum: 5m, maximum: 3m, default: 5m } }\n",
       "9:42: spec.sip.expiry.maximum: 3m is shorter than spec.sip.expiry.minimum, which is 5m; "
       "must be "
       "at least that\n"
       "f:9:55: spec.sip.expiry.default: 5m is longer than spec.sip.expiry.maximum, which is 3m; "
       "must be "
       "at most that"},
      {"  sip: { expiry: { minimum: 2m, maximum: 3m, default: 1m } }\n",
       "9:55: spec.sip.expiry.default: 1m is shorter than spec.sip.expiry.minimum, which is 2m; "
       "must be "
       "at least that"},
      {"  failover: { confirmHostDown: 2s }\n",
       "9:32: spec.failover.confirmHostDown: 2s is shorter than three times "
       "spec.failover.probes.icmp.period, which is 1s; must be at least 3s"},
      {"  failover: { probes: { peer: { period: 10s } } }\n",
       "9:41: spec.failover.probes.peer.period: 10s is more than a third of "
       "spec.failover.confirmHostDown, which is 20s; must be at most 6666ms"},
      {"  failover: { confirmServiceDown: { failed: 5s } }\n",
       "9:45: spec.failover.confirmServiceDown.failed: 5s is shorter than three times "
       "spec.failover.probes.sip.period, which is 2s; must be at least 6s"},
      {"  failover: { confirmServiceDown: { restarting: 20s } }\n",
       "9:49: spec.failover.confirmServiceDown.restarting: 20s is shorter than "
       "spec.failover.confirmServiceDown.failed, which is 30s; must be at least that"},
      {"  failover: { probes: { icmp: { timeout: 2s } } }\n",
       "9:42: spec.failover.probes.icmp.timeout: 2s is longer than "
       "spec.failover.probes.icmp.period, "
       "which is 1s; must be at most that"},
      {"  failover: { probes: { icmp: { period: 500ms } } }\n",
       "9:41: spec.failover.probes.icmp.period: 500ms is shorter than "
       "spec.failover.probes.icmp.timeout, "
       "which is 800ms; must be at least that"},
      {"  failover: { failback: { hold: 1s } }\n",
       "9:33: spec.failover.failback.hold: 1s is shorter than three times "
       "spec.failover.probes.sip.period, which is 2s; must be at least 6s"},
      {"  failover: { flapping: { window: 10m } }\n",
       "9:35: spec.failover.flapping.window: flapping.window 10m is shorter than 3 times "
       "failback.hold "
       "5m, so that the brake could never catch; the window must be at least 15m"},
      {"  replication: { database: { interval: 5m, proofInterval: 1m } }\n",
       "9:59: spec.replication.database.proofInterval: 1m is shorter than "
       "spec.replication.database.interval, which is 5m; must be at least that"},
      {"  objectives: { maxDataAge: 30s }\n",
       "9:29: spec.objectives.maxDataAge: 30s is shorter than spec.replication.database.interval, "
       "which "
       "is 1m; must be at least that"},
      {"  objectives: { maxDowntime: 30s }\n",
       "9:30: spec.objectives.maxDowntime: 30s is shorter than spec.objectives.phoneSwitch, which "
       "is "
       "32s; must be at least that"},
  };
  for (const auto& clash : clashes)
    EXPECT_EQ(samples::pair_problems(samples::pair(clash.yaml)), "f:" + clash.message);
}

std::string of_nodes(std::string_view primary, std::string_view secondary,
                     std::string_view more = "") {
  return samples::pair_problems(
      fmt::format("apiVersion: tandem.ha/v1alpha1\nkind: HAPair\nmetadata: {{ name: a }}\nspec:\n"
                  "  product: wazo\n  primary: {}\n  secondary: {}\n{}",
                  primary, secondary, more));
}

TEST(SpecChecks, RefusesOneNameOrAddressForTwo) {
  EXPECT_EQ(of_nodes("{ name: a, address: 192.0.2.1 }", "{ name: a, address: 192.0.2.1 }"),
            "f:7:22: spec.secondary.name: is the same as spec.primary.name; must be another name\n"
            "f:7:34: spec.secondary.address: is the same as spec.primary.address; must be another "
            "address");
  EXPECT_EQ(of_nodes("{ name: a, address: 192.0.2.1 }",
                     "{ name: b, address: 192.0.2.2, paths: [{ name: m, address: 192.0.2.1 }] }"),
            "f:7:73: spec.secondary.paths[0].address: is the same as spec.primary.address; must be "
            "another address");
  EXPECT_EQ(of_nodes("{ name: a, address: 192.0.2.1 }", "{ name: b, address: 192.0.2.2 }",
                     "  failover: { witnesses: [192.0.2.2, nonsense] }\n"),
            "f:8:27: spec.failover.witnesses[0]: is the same as spec.secondary.address; must be a "
            "third address, that of neither node\n"
            "f:8:38: spec.failover.witnesses[1]: 'nonsense' is not an IPv4 address; must be four "
            "numbers from 0 to 255, as in 192.0.2.10");
}

TEST(SpecChecks, TakesLoopbackForALabOnly) {
  EXPECT_EQ(of_nodes("{ name: a, address: 127.0.0.1 }", "{ name: b, address: 127.0.0.2 }"), "");
  EXPECT_EQ(
      of_nodes("{ name: a, address: 127.0.1.1 }", "{ name: b, address: 192.0.2.2 }"),
      "f:6:32: spec.primary.address: is a loopback address, which the other node can not reach; "
      "must be the address of the VoIP interface");
}

TEST(SpecChecks, KnowsInterconnectionOfXivoOnly) {
  EXPECT_EQ(samples::pair_problems(
                samples::pair("  interconnection: { reportingDbHost: a, elasticsearch: b }\n")),
            "f:9:20: spec.interconnection: is given for product wazo; only xivo has it");
}

TEST(SpecChecks, RefusesOnePortForBothListeners) {
  const auto config = parse_operator(
      samples::operator_config(
          "  listenTls: { address: 0.0.0.0:9877, certificate: /a, key: /b, ca: /c }\n"),
      "f");
  EXPECT_EQ(samples::problems(config),
            "f:4:25: spec.listenTls.address: takes the port of spec.listen; must be another port");
}

}  // namespace
}  // namespace tandem
