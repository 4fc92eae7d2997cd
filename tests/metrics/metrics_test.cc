#include "metrics/metrics.h"

#include <set>
#include <sstream>

#include "core/digest.h"
#include "metrics/families.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsTest : public World {
 protected:
  MetricsTest() {
    probes.declare("icmp", "mgmt", "10.0.0.10");
    metrics.watch_probes(probes);
    metrics.watch_telling([this] { return telling; });
  }
  std::string text() { return metrics.text(*loop, "pbx-a", clock.wall()); }
  void probed(Heard heard, std::chrono::milliseconds took) {
    Sample sample;
    sample.heard = heard;
    sample.took = took;
    probes.record("icmp", "mgmt", sample);
  }

  ProbeTable probes;
  Telling telling;
  Metrics metrics{{"ha-conf", "sentinels", "cron-files"}, "1.2.3", "abcdef"};
};

TEST_F(MetricsTest, KnowsEverySeriesFromTheStart) {
  start();
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("tandem_build_info{revision=\"abcdef\",version=\"1.2.3\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_reconcile_total{resource=\"ha-conf\",result=\"Failed\"} 0"));
  EXPECT_THAT(now, HasSubstr("tandem_resource_repairs_total{resource=\"sentinels\"} 0"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_rejections_total 0"));
  EXPECT_THAT(now, HasSubstr("process_resident_memory_bytes"));
}

TEST_F(MetricsTest, TellsTheNodeAndItsConditions) {
  start_in_force();
  const std::string now = text();
  EXPECT_THAT(now,
              HasSubstr("tandem_node_info{node=\"pbx-a\",product=\"wazo\",role=\"primary\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_condition{status=\"True\",type=\"Converged\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_condition{status=\"False\",type=\"Converged\"} 0"));
  EXPECT_THAT(now, HasSubstr("tandem_condition_well{type=\"Converged\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_condition_well{type=\"NobodyFailsOver\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_resource_in_sync{resource=\"ha-conf\"} 1"));
  EXPECT_THAT(now,
              Not(HasSubstr("tandem_last_reconcile_timestamp_seconds{resource=\"ha-conf\"} 0")));
  EXPECT_THAT(now, HasSubstr("tandem_spec_accepted 1"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_generation 1"));
  EXPECT_THAT(now, HasSubstr("tandem_downtime_objective_seconds 300"));
  EXPECT_THAT(now,
              HasSubstr("tandem_sip_expiry_seconds{kind=\"maximum\",source=\"declared\"} 300"));
}

TEST_F(MetricsTest, TellsTheStateAndCountsATakeoverOnce) {
  start_in_force();
  EXPECT_THAT(text(), HasSubstr("tandem_node_state{state=\"Active\"} 0"));
  Transition transition;
  transition.to = NodeState::active;
  metrics.state_changed(transition);
  EXPECT_THAT(text(), HasSubstr("tandem_node_state{state=\"Active\"} 1"));
  transition.to = NodeState::standby;
  metrics.state_changed(transition);
  EXPECT_THAT(text(), HasSubstr("tandem_node_state{state=\"Active\"} 0"));
  EXPECT_THAT(text(), HasSubstr("tandem_node_state{state=\"Standby\"} 1"));

  TakeoverRecord record;
  record.cause = TakeoverCause::host_down;
  record.began = clock.wall();
  record.ended = record.began + std::chrono::seconds{7};
  metrics.taken_over(record);
  EXPECT_THAT(text(), HasSubstr("tandem_takeovers_total{cause=\"HostDown\"} 0")) << "it lasts";
  record.result = "own SIP answers";
  metrics.taken_over(record);
  EXPECT_THAT(text(), HasSubstr("tandem_takeovers_total{cause=\"HostDown\"} 1"));
  record.ended += std::chrono::minutes{9};
  record.result = "given back";
  metrics.taken_over(record);
  EXPECT_THAT(text(), HasSubstr("tandem_takeovers_total{cause=\"HostDown\"} 1")) << "the same one";
  EXPECT_THAT(text(), HasSubstr("tandem_takeover_duration_seconds_sum 7"));
  EXPECT_THAT(text(), HasSubstr("tandem_last_takeover_timestamp_seconds 1700"));
}

TEST_F(MetricsTest, CountsNoTakeoverAnewThatAnOperatorBeforeItCounted) {
  start_in_force();
  TakeoverRecord record;
  record.epoch = 2;
  record.cause = TakeoverCause::host_down;
  record.continued = true;
  record.result = "given back: a reason";
  metrics.taken_over(record);
  EXPECT_THAT(text(), HasSubstr("tandem_takeovers_total{cause=\"HostDown\"} 0"));
  record.epoch = 3;
  record.result = "this node serves";
  metrics.taken_over(record);
  EXPECT_THAT(text(), HasSubstr("tandem_takeovers_total{cause=\"HostDown\"} 1"));
  EXPECT_THAT(text(), HasSubstr("tandem_takeover_duration_seconds_count 0")) << "nobody knows it";
}

TEST_F(MetricsTest, CountsWhatIsToldAndLost) {
  start();
  telling = {7, 2, 3, 4, 5};
  const auto told = text();
  for (const char* line :
       {"tandem_events_total{type=\"Normal\"} 7\n", "tandem_events_total{type=\"Warning\"} 2\n",
        "tandem_events_lost_total 3\n", "tandem_log_lines_lost_total 4\n",
        "tandem_event_stream_readers 5\n", "# TYPE tandem_events_total counter\n",
        "# TYPE tandem_event_stream_readers gauge\n"})
    EXPECT_NE(told.find(line), std::string::npos) << line;
}

// The page tells users of every family, and of none that is not there.
TEST_F(MetricsTest, ExportsEveryFamilyOfTheTableAndNoOther) {
  start_in_force();
  probed(Heard::answers, std::chrono::milliseconds{3});
  metrics.certificates({{"node", WallTime{std::chrono::seconds{1}}}});
  metrics.failover(PrimaryVerdict::serving, std::chrono::seconds{272});
  CopiesShown copies;
  copies.made[CopyKind::files].past = {clock.wall(), clock.wall(), {}, ""};
  copies.kept = CopiesShown::Kept{};
  copies.diverged = {{"dnd", 1}, {"forwards", 0}, {"other", 2}};
  copies.stream = StreamShown{};
  copies.stream->lag = std::chrono::milliseconds{3};
  metrics.replication(copies);
  HarvestState harvest;
  harvest.answer = harvest::OwedAnswer{};
  harvest.home = clock.wall();
  metrics.harvest(harvest);
  std::set<std::string> exported;
  std::istringstream lines(text());
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, keyword, name, kind;
    words >> hash >> keyword >> name >> kind;
    if (keyword != "TYPE") continue;
    exported.insert(name);
    EXPECT_EQ(kind, kind_name(metric_row(name).kind)) << name;
  }
  std::set<std::string> told;
  for (const MetricRow& row : metric_rows()) told.insert(std::string(row.name));
  EXPECT_EQ(exported, told);
}

TEST_F(MetricsTest, TellsTheDeclarationByItsFingerprint) {
  start_in_force();
  EXPECT_THAT(text(), HasSubstr("tandem_spec_info{sha256=\"" + sha256(pair_yaml("")) + "\"} 1"));
  edit_pair(pair_yaml("  sip: { preset: fast }\n"));
  pass(std::chrono::seconds{1});
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr(sha256(pair_yaml("  sip: { preset: fast }\n"))));
  EXPECT_THAT(now, Not(HasSubstr(sha256(pair_yaml("")))));
}

// A resource tells a condition only while it means something: on a node that stands by, say.
TEST_F(MetricsTest, ForgetsAConditionThatIsToldNoMore) {
  FakeState state;
  state.tells = {{"LampLit", Truth::no, "Dark", "the lamp is dark", true}};
  std::vector<std::unique_ptr<Managed>> resources;
  resources.push_back(std::make_unique<ManagedAs<ScriptedResource>>(state));
  start(std::move(resources));
  ASSERT_TRUE(order_structural().ok());
  pass(std::chrono::seconds{1});
  EXPECT_THAT(text(), HasSubstr("tandem_condition_well{type=\"LampLit\"} 0"));
  EXPECT_EQ(condition("Ready").status, Truth::no);

  state.observe_error = Error{Fault::timed_out, "no answer"};
  pass(std::chrono::seconds{31});
  EXPECT_EQ(condition("LampLit").reason, "CouldNotLook");

  state.observe_error.reset();
  state.tells.clear();
  pass(std::chrono::seconds{31});
  EXPECT_EQ(loop->board().condition("LampLit"), nullptr);
  EXPECT_EQ(condition("Ready").status, Truth::yes);
  EXPECT_THAT(text(), Not(HasSubstr("LampLit")));
}

TEST_F(MetricsTest, HasNoExpiryWhereNoneIsAskedFor) {
  start_in_force();
  EXPECT_THAT(text(), HasSubstr("tandem_sip_expiry_seconds{"));
  edit_pair(pair_yaml("  sip: { policy: unmanaged }\n"));
  pass(std::chrono::seconds{1});
  EXPECT_THAT(text(), Not(HasSubstr("tandem_sip_expiry_seconds{")));
}

// A change of role must not leave the old role's series behind as a second 1.
TEST_F(MetricsTest, HasOneRoleAtATime) {
  start_in_force();
  text();
  edit_pair(pair_yaml("  enabled: false\n"));
  ASSERT_TRUE(order_structural().ok());
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("role=\"off\"} 1"));
  EXPECT_THAT(now, Not(HasSubstr("role=\"primary\"")));
}

TEST_F(MetricsTest, CountsLooksRepairsAndRefusals) {
  Report report;
  report.resource = "ha-conf";
  report.outcome = Outcome::repaired;
  report.done.push_back({"node_type", "slave", "master", "nothing", "", Reach::file});
  report.took = std::chrono::milliseconds{3};
  metrics.reported(report);
  metrics.spec_rejected("bad");
  start();
  const std::string now = text();
  EXPECT_THAT(now, HasSubstr("tandem_reconcile_total{resource=\"ha-conf\",result=\"Repaired\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_resource_repairs_total{resource=\"ha-conf\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_reconcile_duration_seconds_count{resource=\"ha-conf\"} 1"));
  EXPECT_THAT(now, HasSubstr("tandem_spec_rejections_total 1"));
}

TEST_F(MetricsTest, SaysWhenTheDeclarationIsRefusedOrThePairSuspended) {
  start_in_force();
  edit_pair("bad");
  pass(std::chrono::seconds{1});
  EXPECT_THAT(text(), HasSubstr("tandem_spec_accepted 0"));
  edit_pair(pair_yaml("  suspend: { reason: upgrade, until: 2033-01-01T00:00:00Z }\n"));
  pass(std::chrono::seconds{1});
  EXPECT_THAT(text(), HasSubstr("tandem_suspended 1"));
}

TEST_F(MetricsTest, TellsWhatTheProbesFound) {
  start();
  probed(Heard::answers, std::chrono::milliseconds{3});
  probed(Heard::answers, std::chrono::seconds{9});
  probed(Heard::silent, std::chrono::milliseconds{800});
  const std::string now = text();
  const std::string labels = "{probe=\"icmp\",target=\"mgmt\"} ";
  EXPECT_THAT(now, HasSubstr("tandem_probe_success" + labels + "0"));
  EXPECT_THAT(now, HasSubstr("tandem_probe_attempts_total" + labels + "3"));
  EXPECT_THAT(now, HasSubstr("tandem_probe_failures_total" + labels + "1"));
  EXPECT_THAT(now, HasSubstr("tandem_probe_duration_seconds_count" + labels + "2"));
  EXPECT_THAT(now, HasSubstr("tandem_probe_duration_seconds_bucket{probe=\"icmp\","
                             "target=\"mgmt\",le=\"0.005\"} 1"));
  EXPECT_THAT(now, HasSubstr("target=\"mgmt\",le=\"+Inf\"} 2"));
}

// An alert on 0 must not fire where nobody could be asked.
TEST_F(MetricsTest, ClaimsNothingOfATargetThatCouldNotBeAsked) {
  start();
  EXPECT_THAT(text(), Not(HasSubstr("tandem_probe_success{")));
  EXPECT_THAT(text(), HasSubstr("tandem_probe_attempts_total{probe=\"icmp\",target=\"mgmt\"} 0"));
  probed(Heard::unknown, {});
  EXPECT_THAT(text(), Not(HasSubstr("tandem_probe_success{")));
  EXPECT_THAT(text(), HasSubstr("tandem_probe_not_asked_total{probe=\"icmp\",target=\"mgmt\"} 1"));
}

TEST_F(MetricsTest, ForgetsATargetThatIsAskedNoMore) {
  start();
  probes.forget("icmp", "mgmt");
  EXPECT_THAT(text(), Not(HasSubstr("mgmt")));
}

}  // namespace
}  // namespace tandem
