#include "core/spec.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/fields.h"
#include "tests/core/spec_samples.h"

namespace tandem {
namespace {

using samples::operator_config;
using samples::pair;
using samples::pair_problems;
using samples::problems;
using namespace std::chrono_literals;

HAPair smallest() {
  HAPair wanted;
  wanted.name = "montreal";
  wanted.primary = {"pbx-a", "192.0.2.10", {}};
  wanted.secondary = {"pbx-b", "192.0.2.11", {}};
  return wanted;
}

TEST(Spec, FillsInTheDefaultsOfAPair) {
  const auto read = parse_pair(pair(), "f");
  ASSERT_TRUE(read) << problems(read);
  EXPECT_EQ(*read, smallest()) << "the table and pair.h disagree on a default";
}

TEST(Spec, FillsInTheDefaultsOfAnOperator) {
  const auto read = parse_operator(operator_config("  {}\n"), "f");
  ASSERT_TRUE(read) << problems(read);
  EXPECT_EQ(*read, OperatorConfig{}) << "the table and pair.h disagree on a default";
}

TEST(Spec, TheExamplesAreValidAndShowTheTrueDefaults) {
  const auto example_pair = parse_pair(samples::file("manifests/pair.example.yaml"), "f");
  ASSERT_TRUE(example_pair) << problems(example_pair);
  EXPECT_EQ(*example_pair, smallest());
  const auto example = parse_operator(samples::file("manifests/operator.example.yaml"), "f");
  ASSERT_TRUE(example) << problems(example);
  EXPECT_EQ(*example, OperatorConfig{});
}

void expect_every_field(const FieldTree& tree, const nlohmann::ordered_json& json) {
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  EXPECT_EQ(names, tree.child_names()) << "below '" << tree.field->path << "'";
  for (const auto& child : tree.children)
    if (child.field->type == Type::object && json[child.name].is_object())
      expect_every_field(child, json[child.name]);
}

TEST(Spec, WritesEveryFieldInTheTablesOrder) {
  expect_every_field(pair_fields(), to_json(smallest()));
  expect_every_field(operator_fields(), to_json(OperatorConfig{}));
}

// JSON is YAML: what is written must be read as the same.
TEST(Spec, ReadsWhatItWrites) {
  HAPair full = smallest();
  full.product = Product::xivo;
  full.primary.paths = {{"mgmt", "198.51.100.10"}};
  full.sip = {false, SipPolicy::Preset::fast, SipExpiry{1min, 4min, 2min}};
  full.provisioning.registrars = {{"default", std::nullopt},
                                  {"branch", RegistrarBackups{"192.0.2.20", "proxy.example.org"}}};
  full.failover.owner = Owner::tandem;
  full.failover.witnesses = {"192.0.2.1"};
  full.failover.failback.window = TimeWindow{22h, 6h};
  full.replication.database_max_shrink = 7;
  full.replication.directories = {"/srv/prompts"};
  full.replication.harvest_features = {"dnd"};
  full.isdn_switch = IsdnSwitch{"berofos", 61s, {"/bin/read", "no"}};
  full.interconnection = Interconnection{"192.0.2.30", "search"};
  full.services = ServiceLists{{"/bin/up"}, {"/bin/down"}, {"asterisk.service"}, {}};
  full.hooks.after_takeover = {{"/bin/tell", "010"}, {"/bin/true"}};
  full.notify = {MailTarget{"root@localhost"}, WebhookTarget{"https://example.org/x"},
                 ExecTarget{{"/bin/notify"}}};
  full.suspend = Suspension{"upgrade", WallTime{} + 20000 * 24h};
  const auto again = parse_pair(to_json(full).dump(), "f");
  ASSERT_TRUE(again) << problems(again);
  EXPECT_EQ(*again, full);

  OperatorConfig config;
  config.node = "pbx-b";
  config.listen_tls = ListenTls{"0.0.0.0:9878", "/etc/tandem/a", "/etc/tandem/b", "/etc/tandem/c"};
  config.peer = "https://192.0.2.11:9878";
  config.log_level = OperatorConfig::LogLevel::error;
  const auto config_again = parse_operator(to_json(config).dump(), "f");
  ASSERT_TRUE(config_again) << problems(config_again);
  EXPECT_EQ(*config_again, config);
}

TEST(Spec, TellsTheKindOfAFile) {
  EXPECT_EQ(kind_of(pair(), "f"), "HAPair");
  EXPECT_EQ(kind_of(operator_config(), "f"), "OperatorConfig");
  EXPECT_EQ(problems(kind_of("kind: Pod\n", "f")),
            "f:1:7: kind: 'Pod' is not known here; must be HAPair or OperatorConfig");
  EXPECT_EQ(problems(kind_of("a: 1\n", "f")),
            "f:1:1: kind: is missing; must be HAPair or OperatorConfig");
}

TEST(Spec, SaysOnlySoOfAnotherKind) {
  EXPECT_EQ(pair_problems(operator_config()),
            "f:2:7: kind: 'OperatorConfig' is another kind of file; must be HAPair");
}

TEST(Spec, TellsEveryProblemAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(pair_problems(pair("  enabled: no\n  sip: { polcy: managed }\n  sip: {}\n")),
            "f:9:12: spec.enabled: 'no' is not a boolean; must be true or false, unquoted\n"
            "f:10:10: spec.sip.polcy: unknown field; the nearest known name is 'policy'\n"
            "f:11:3: spec.sip: is given twice; one of them must go");
}

TEST(Spec, ReportsAMissingFieldAtItsParentsName) {
  EXPECT_EQ(pair_problems("apiVersion: tandem.ha/v1alpha1\nkind: HAPair\nmetadata: {name: a}\n"
                          "spec:\n  primary: {name: a, address: 192.0.2.1}\n"
                          "  secondary: {name: b}\n"),
            "f:4:1: spec.product: is missing; must be wazo or xivo\n"
            "f:6:3: spec.secondary.address: is missing; must be the IPv4 address of a host");
}

TEST(Spec, CountsCharactersAndNotBytes) {
  EXPECT_EQ(pair_problems(pair("  suspend: { reason: \"é\", until: x }\n")),
            "f:9:34: spec.suspend.until: 'x' is not an RFC 3339 time; must be as in "
            "2026-12-01T06:00:00Z");
}

TEST(Spec, BoundsTheProblemsOfAFile) {
  std::string many = pair();
  for (int i = 0; i < 5000; ++i) many += fmt::format("  unknown{}: 1\n", i);
  const auto read = parse_pair(many, "f");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().size(), kSpecProblemsMax + 1);
  EXPECT_EQ(read.error().back().message, "4900 more problems are not shown; correct these first");
}

TEST(Spec, CutsAndEscapesWhatItQuotes) {
  const auto lines =
      pair_problems(pair("  distribution: \"\\e[31m" + std::string(500, 'x') + "\"\n"));
  EXPECT_EQ(lines, "f:9:17: spec.distribution: '\\x1b[31m" + std::string(35, 'x') +
                       "'... is not known here; must be manual or fromPrimary");
}

TEST(Spec, NeverShowsWhatCouldBeSecret) {
  const auto lines =
      problems(
          parse_operator(operator_config("  wazo: { auth: \"http://root:hunter2@127.0.0.1/\" }\n"
                                         "  postgres: { dsn: \"host=x password=hunter2\" }\n"),
                         "f")) +
      pair_problems(pair("  notify: [{ webhook: \"http://example.org/hunter2\" }]\n"
                         "  hooks: { afterTakeover: [[tell, hunter2], hunter2] }\n"));
  EXPECT_EQ(lines.find("hunter2"), std::string::npos) << lines;
  EXPECT_NE(lines.find("passwordFile"), std::string::npos) << lines;
}

TEST(Spec, TakesAliasesOfScalarsAndFlatMaps) {
  const auto read = parse_pair(
      pair("  failover: { probes: { icmp: &t { period: 3s, timeout: 1s }, peer: *t } }\n"), "f");
  ASSERT_TRUE(read) << problems(read);
  EXPECT_EQ(read->failover.peer, (ProbeTiming{3s, 1s}));
}

TEST(Spec, ShowsOfAMisplacedUrlItsHostAtMost) {
  for (const char* more :
       {"  notify: [{ mail: \"https://h.example.com/SEED\" }]\n",
        "  notify: [{ mail: h.example.com/SEED }]\n",
        "  notify: [{ \"https://h.example.com/SEED\": x }]\n",
        "  notify: [{ \"h.example.com/SEED\": x }]\n",
        "  notify: [{ \"https://h/SEED\": x, \"https://h/SEED\": y }]\n",
        "  notify: { webhook: \"https://h.example.com/SEED\" }\n",
        "  \"https://h.example.com/SEED\": x\n", "  policy: \"https://h.example.com/SEED\"\n"}) {
    const std::string problems = pair_problems(pair(more));
    EXPECT_NE(problems, "") << more;
    EXPECT_EQ(problems.find("SEED"), std::string::npos) << problems;
  }
}

}  // namespace
}  // namespace tandem
