#include "reconciler/failover/probing.h"

#include "tests/reconciler/failover/probing_world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::Ge;
using testing::Le;

using ProbingTest = ProbingWorld;

TEST_F(ProbingTest, AsksEveryTargetInItsPeriod) {
  follow(probed_pair());
  pass(seconds{100});
  // 10 % more or less each time: over a hundred periods that levels out.
  const auto about = [](int times) { return AllOf(Ge(times * 95 / 100), Le(times * 105 / 100)); };
  EXPECT_THAT(static_cast<int>(sink.count("icmp 192.0.2.10")), about(100));
  EXPECT_THAT(static_cast<int>(sink.count("icmp mgmt")), about(100));
  EXPECT_THAT(static_cast<int>(sink.count("witness 192.0.2.1")), about(100));
  EXPECT_THAT(static_cast<int>(sink.count("sip")), about(50));
  EXPECT_THAT(static_cast<int>(sink.count("own-sip")), about(50));
  EXPECT_THAT(static_cast<int>(sink.links.size()), about(125));
  EXPECT_EQ(probing->paths(), (std::set<std::string>{"192.0.2.10", "mgmt"}));
  EXPECT_EQ(probing->witnesses(), std::set<std::string>{"192.0.2.1"});
}

TEST_F(ProbingTest, LooksAtTheOtherNodeWhicheverItIs) {
  const HAPair pair = probed_pair();
  EXPECT_EQ(probe_plan(pair, Role::secondary)->peer, "192.0.2.10");
  EXPECT_EQ(probe_plan(pair, Role::primary)->peer, "192.0.2.11");
  EXPECT_EQ(probe_plan(pair, Role::primary)->own, "192.0.2.10");
  EXPECT_FALSE(probe_plan(pair, Role::off));
}

// Two nodes, or two probes, that ask in step would lose the same packets again and again.
TEST_F(ProbingTest, VariesItsPeriodsWithinATenth) {
  follow(probed_pair());
  pass(seconds{100});
  const auto times = begins("icmp 192.0.2.10");
  std::set<Instant::duration> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const auto gap = times[i] - times[i - 1];
    EXPECT_GE(gap, milliseconds{900});
    EXPECT_LE(gap, milliseconds{1'101});
    gaps.insert(gap);
  }
  EXPECT_GT(gaps.size(), 20U);
}

TEST_F(ProbingTest, RepeatsItselfForTheSameSeed) {
  std::vector<std::vector<Instant>> courses;
  for (const std::uint64_t seed : {5U, 5U, 6U}) {
    probing = make(seed);
    sink.samples.clear();
    follow(probed_pair());
    const Instant start = clock.now();
    pass(seconds{30});
    auto& course = courses.emplace_back();
    for (const Instant at : begins("icmp mgmt"))
      if (at < start + seconds{29}) course.push_back(Instant{at - start});
    run(io, probing->stop());
  }
  EXPECT_EQ(courses[0], courses[1]);
  EXPECT_NE(courses[0], courses[2]);
}

TEST_F(ProbingTest, LetsNoSilentTargetHoldUpAnother) {
  network.echoes.erase("10.0.0.10");
  network.echoes.erase("192.0.2.1");
  follow(probed_pair());
  pass(seconds{60});
  EXPECT_GE(sink.count("icmp 192.0.2.10"), 57U);
  EXPECT_GE(sink.count("icmp mgmt"), 54U);
  for (const Sample& sample : sink.samples["icmp mgmt"]) EXPECT_EQ(sample.heard, Heard::silent);
  for (const Sample& sample : sink.samples["sip"]) EXPECT_EQ(sample.heard, Heard::silent);
  EXPECT_EQ(network.most_open, 1) << "never two questions to one target";
}

// Through long silence no SIP question may fall to our own limit: unknown is not silent.
TEST_F(ProbingTest, IsNeverIgnorantOfASilentServer) {
  follow(probed_pair());
  pass(seconds{600});
  for (const char* probe : {"sip", "own-sip"})
    for (const Sample& sample : sink.samples[probe])
      ASSERT_EQ(sample.heard, Heard::silent) << probe << ": " << sample.reason;
}

TEST_F(ProbingTest, KeepsToTheDatagramLimitHoweverShortThePeriod) {
  HAPair pair = probed_pair();
  pair.failover.sip = {milliseconds{100}, milliseconds{100}};
  follow(pair);
  pass(seconds{60});
  const auto times = begins("sip");
  EXPECT_GE(times.size(), 35U);
  for (std::size_t i = 4; i < times.size(); ++i) ASSERT_GE(times[i] - times[i - 4], seconds{5});
  for (const Sample& sample : sink.samples["sip"]) ASSERT_EQ(sample.heard, Heard::silent);
}

TEST_F(ProbingTest, FollowsANewDeclarationAtOnce) {
  HAPair pair = probed_pair();
  pair.failover.icmp = {seconds{60}, milliseconds{800}};
  follow(pair);
  pass(seconds{10});
  const std::size_t own = sink.count("own-sip");
  pair.primary.paths = {{"wan", "203.0.113.10"}};
  pair.failover.icmp = {milliseconds{500}, milliseconds{300}};
  pair.failover.witnesses = {"198.51.100.1"};
  follow(pair);
  sink.samples.clear();
  pass(seconds{10});
  EXPECT_GE(sink.count("icmp 192.0.2.10"), 17U) << "the new period";
  EXPECT_GE(sink.count("icmp wan"), 17U);
  EXPECT_GE(sink.count("witness 198.51.100.1"), 8U);
  EXPECT_EQ(sink.count("icmp mgmt"), 0U);
  EXPECT_EQ(sink.count("witness 192.0.2.1"), 0U);
  EXPECT_THAT(static_cast<int>(sink.count("own-sip") - own), Le(1)) << "what stays is undisturbed";
  std::set<std::string> icmp;
  for (const auto& [key, row] : probing->table().rows())
    if (key.first == "icmp") icmp.insert(key.second);
  EXPECT_EQ(icmp, (std::set<std::string>{"192.0.2.10", "wan"}));
  follow(pair, Role::off);
  sink.samples.clear();
  pass(seconds{10});
  EXPECT_TRUE(sink.samples.empty());
  EXPECT_TRUE(probing->table().rows().empty());
}

// The answer of the old address must not be taken for the new one's.
TEST_F(ProbingTest, DropsWhatATargetAnswersThatIsGone) {
  HAPair pair = probed_pair();
  network.echoes.erase("10.0.0.10");
  follow(pair);
  pass(milliseconds{100});
  pair.primary.paths = {{"mgmt", "10.0.0.77"}};
  network.echoes.emplace("10.0.0.77", std::chrono::nanoseconds{1'000'000});
  follow(pair);
  pass(seconds{5});
  ASSERT_GT(sink.count("icmp mgmt"), 3U);
  for (const Sample& sample : sink.samples["icmp mgmt"]) EXPECT_EQ(sample.heard, Heard::answers);
}

// Away and back while a question is open: still one question.
TEST_F(ProbingTest, TakesATargetBackWithoutAskingTwice) {
  HAPair with = probed_pair(), without = probed_pair();
  without.primary.paths.clear();
  network.echoes.erase("10.0.0.10");
  follow(with);
  pass(milliseconds{100});
  for (int i = 0; i < 5; ++i) {
    follow(without);
    follow(with);
  }
  pass(seconds{30});
  EXPECT_EQ(network.most_open, 1);
  EXPECT_GE(sink.count("icmp mgmt"), 26U);
}

TEST_F(ProbingTest, AsksTheGatewayThatTheKernelHas) {
  routes.view.gateways.clear();
  follow(probed_pair());
  pass(seconds{5});
  EXPECT_TRUE(probing->witnesses().empty());
  routes.view.gateways = {{"192.0.2.1", "eth0", 0}};
  pass(seconds{5});
  EXPECT_GE(sink.count("witness 192.0.2.1"), 3U);
  routes.view.gateways = {{"192.0.2.254", "eth0", 0}};
  pass(seconds{5});
  EXPECT_EQ(probing->witnesses(), std::set<std::string>{"192.0.2.254"});
}

// The cable is pulled and the default route goes: the witness is silent, and not undeclared.
TEST_F(ProbingTest, KeepsTheGatewayWhoseRouteHasGone) {
  follow(probed_pair());
  pass(seconds{5});
  routes.view = RouteView{Interface{"eth0", true, false}, std::nullopt, {}};
  network.echoes.at("192.0.2.1") = Error{Fault::unavailable, "no route"};
  pass(seconds{2});
  EXPECT_EQ(sink.links.back(), OwnLink::no_carrier);
  EXPECT_EQ(probing->witnesses(), std::set<std::string>{"192.0.2.1"});
  EXPECT_EQ(sink.samples["witness 192.0.2.1"].back().heard, Heard::unknown);
}

TEST_F(ProbingTest, SeesAPulledCableWithinASecond) {
  follow(probed_pair());
  pass(seconds{7});
  routes.view.holder->carrier = false;
  pass(seconds{1});
  EXPECT_EQ(sink.links.back(), OwnLink::no_carrier);
  routes.error = Error{Fault::unavailable, "no socket"};
  pass(seconds{1});
  EXPECT_EQ(sink.links.back(), OwnLink::unknown);
}

// After a stall each target is asked once, not once for every question that was missed.
TEST_F(ProbingTest, MakesNoBurstAfterAStall) {
  follow(probed_pair());
  pass(seconds{5});
  sink.samples.clear();
  clock.advance(seconds{60});
  pass(milliseconds{500});
  EXPECT_LE(sink.count("icmp 192.0.2.10"), 2U);
}

TEST_F(ProbingTest, StopsWithinASecondWhateverIsOpen) {
  HAPair pair = probed_pair();
  pair.failover.icmp = {seconds{60}, seconds{60}};
  pair.failover.sip = {seconds{60}, seconds{60}};
  network.echoes.clear();
  follow(pair);
  pass(seconds{3});
  sink.samples.clear();
  const Instant begin = clock.now();
  run(io, probing->stop());
  EXPECT_LE(clock.now() - begin, Probing::kStopMax);
  follow(probed_pair());
  pass(seconds{120});
  EXPECT_TRUE(sink.samples.empty()) << "nothing is handed over after it";
}

TEST_F(ProbingTest, StopsAtOnceWhereNothingIsOpen) {
  peer_datagrams.error = own_datagrams.error = Error{Fault::connection_refused, "nobody"};
  follow(probed_pair());
  pass(milliseconds{2'345});
  const Instant begin = clock.now();
  run(io, probing->stop());
  EXPECT_EQ(clock.now(), begin);
}

TEST_F(ProbingTest, IsSilentOnceItIsGone) {
  network.echoes.clear();
  follow(probed_pair());
  pass(milliseconds{100});
  probing.reset();
  sink.samples.clear();
  pass(seconds{10});
  EXPECT_TRUE(sink.samples.empty());
}

TEST_F(ProbingTest, KeepsATableForPeopleAndMetrics) {
  network.echoes.at("10.0.0.10") = Error{Fault::denied, "it wants CAP_NET_RAW"};
  follow(probed_pair());
  pass(seconds{20});
  const auto& rows = probing->table().rows();
  const ProbeRecord& icmp = rows.at({"icmp", "192.0.2.10"});
  EXPECT_GE(icmp.attempts, 18U);
  EXPECT_EQ(icmp.failures, 0U);
  EXPECT_EQ(icmp.last.took, milliseconds{1});
  const ProbeRecord& mgmt = rows.at({"icmp", "mgmt"});
  EXPECT_EQ(mgmt.attempts, 0U) << "it was never asked";
  EXPECT_GE(mgmt.not_asked, 18U);
  EXPECT_EQ(mgmt.address, "10.0.0.10");
  const ProbeRecord& sip = rows.at({"sip", "192.0.2.10"});
  EXPECT_EQ(sip.failures, sip.attempts);
  EXPECT_EQ(sip.address, "192.0.2.10:5060");
  EXPECT_EQ(rows.at({"link", "192.0.2.11"}).last.reason, "by eth0");
}

}  // namespace
}  // namespace tandem
