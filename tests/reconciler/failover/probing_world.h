// Probes in virtual time: a network in memory, and everything that they handed over.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reconciler/failover/probing.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_datagrams.h"
#include "tests/fakes/fake_reachability.h"
#include "tests/fakes/fake_routes.h"
#include "tests/run.h"

namespace tandem {

// By "PROBE TARGET", in the order in which they came.
class RecordingSink : public ProbeSink {
 public:
  std::map<std::string, std::vector<Sample>> samples;
  std::vector<OwnLink> links;

  void icmp(const std::string& path, const Sample& sample) override {
    samples["icmp " + path].push_back(sample);
  }
  void sip(const Sample& sample) override { samples["sip"].push_back(sample); }
  void own_sip(const Sample& sample) override { samples["own-sip"].push_back(sample); }
  void witness(const std::string& target, const Sample& sample) override {
    samples["witness " + target].push_back(sample);
  }
  void link(OwnLink link) override { links.push_back(link); }

  std::size_t count(const std::string& name) const {
    const auto found = samples.find(name);
    return found == samples.end() ? 0 : found->second.size();
  }
};

inline HAPair probed_pair() {
  HAPair pair;
  pair.primary = {"pbx-a", "192.0.2.10", {{"mgmt", "10.0.0.10"}}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  return pair;
}

class ProbingWorld : public testing::Test {
 protected:
  ProbingWorld() {
    network.echoes.emplace("192.0.2.10", std::chrono::nanoseconds{1'000'000});
    network.echoes.emplace("10.0.0.10", std::chrono::nanoseconds{1'000'000});
    network.echoes.emplace("192.0.2.1", std::chrono::nanoseconds{1'000'000});
    probing = make(1);
  }
  ~ProbingWorld() override { EXPECT_THAT(errors, testing::IsEmpty()); }

  std::unique_ptr<Probing> make(std::uint64_t seed) {
    const Probing::Ports ports{network, routes, peer_sip, own_sip, clock};
    return std::make_unique<Probing>(io.get_executor(), ports, sink, seed,
                                     [this](const std::string& why) { errors.push_back(why); });
  }
  void follow(const HAPair& pair, Role role = Role::secondary) {
    probing->follow(probe_plan(pair, role));
  }
  void pass(std::chrono::milliseconds time) { run(io, sleep(clock, time)); }

  static Task<void> sleep(Clock& clock, std::chrono::milliseconds time) {
    const auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }

  // Of the attempts of one target, when each began.
  std::vector<Instant> begins(const std::string& name) {
    std::vector<Instant> all;
    for (const Sample& sample : sink.samples[name])
      all.push_back(sample.at - std::chrono::duration_cast<Instant::duration>(sample.took));
    return all;
  }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::FakeReachability network{&clock};
  fakes::FakeRoutes routes;
  fakes::FakeDatagrams peer_datagrams{&clock}, own_datagrams{&clock};
  Sip peer_sip{peer_datagrams, clock}, own_sip{own_datagrams, clock};
  RecordingSink sink;
  std::vector<std::string> errors;
  std::unique_ptr<Probing> probing;
};

}  // namespace tandem
