#include "core/spec_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "core/formats.h"
#include "core/spec.h"

namespace tandem {
namespace {

constexpr int kConfirmingPeriods = 3;

// A duration and the field it comes from.
struct Timing {
  std::string_view path;
  Duration value;
};

// `shorter` must not be longer than `longer`. The file is blamed where it says something: at
// `blamed` if that is given, else at the other.
void expect_order(SpecDocument& document, const Timing& shorter, const Timing& longer,
                  const Timing& blamed) {
  if (shorter.value <= longer.value || !document.all_right({shorter.path, longer.path})) return;
  const bool blame_shorter = blamed.path == shorter.path;
  const Timing& other = blame_shorter ? longer : shorter;
  const bool at_blamed = document.given(blamed.path) || !document.given(other.path);
  const bool at_shorter = at_blamed == blame_shorter;
  const Timing& here = at_shorter ? shorter : longer;
  const Timing& there = at_shorter ? longer : shorter;
  document.report(here.path,
                  fmt::format("{} is {} than {}, which is {}; must be at {} that",
                              to_string(here.value), at_shorter ? "longer" : "shorter", there.path,
                              to_string(there.value), at_shorter ? "most" : "least"));
}

// `confirm` must last for three periods of the probe, or one lost answer could be taken for
// silence.
void expect_periods(SpecDocument& document, const Timing& confirm, const Timing& period) {
  const auto least = kConfirmingPeriods * period.value;
  if (confirm.value >= least || !document.all_right({confirm.path, period.path})) return;
  const bool blame_confirm = document.given(confirm.path) || !document.given(period.path);
  if (blame_confirm)
    document.report(
        confirm.path,
        fmt::format("{} is shorter than three times {}, which is {}; must be at least {}",
                    to_string(confirm.value), period.path, to_string(period.value),
                    to_string(least)));
  else
    document.report(period.path,
                    fmt::format("{} is more than a third of {}, which is {}; must be at most {}",
                                to_string(period.value), confirm.path, to_string(confirm.value),
                                to_string(confirm.value / kConfirmingPeriods)));
}

void check_probes(const Failover& failover, SpecDocument& document) {
  const Timing icmp{"spec.failover.probes.icmp.period", failover.icmp.period};
  const Timing sip{"spec.failover.probes.sip.period", failover.sip.period};
  const Timing peer{"spec.failover.probes.peer.period", failover.peer.period};
  const Timing timeouts[] = {{"spec.failover.probes.icmp.timeout", failover.icmp.timeout},
                             {"spec.failover.probes.sip.timeout", failover.sip.timeout},
                             {"spec.failover.probes.peer.timeout", failover.peer.timeout}};
  expect_order(document, timeouts[0], icmp, timeouts[0]);
  expect_order(document, timeouts[1], sip, timeouts[1]);
  expect_order(document, timeouts[2], peer, timeouts[2]);

  const Timing host_down{"spec.failover.confirmHostDown", failover.confirm_host_down};
  expect_periods(document, host_down, icmp.value < peer.value ? peer : icmp);

  const Timing failed{"spec.failover.confirmServiceDown.failed", failover.confirm_service_failed};
  const Timing restarting{"spec.failover.confirmServiceDown.restarting",
                          failover.confirm_service_restarting};
  const Timing unknown{"spec.failover.confirmServiceDown.unknown",
                       failover.confirm_service_unknown};
  for (const auto& confirm : {failed, restarting, unknown}) expect_periods(document, confirm, sip);
  expect_order(document, failed, restarting, restarting);

  const Timing hold{"spec.failover.failback.hold", failover.failback.hold};
  expect_periods(document, hold, sip);
}

void check_flapping(const Failover& failover, SpecDocument& document) {
  constexpr std::string_view kWindow = "spec.failover.flapping.window";
  constexpr std::string_view kCount = "spec.failover.flapping.maxTakeovers";
  constexpr std::string_view kHold = "spec.failover.failback.hold";
  const auto least = failover.max_takeovers * failover.failback.hold;
  if (failover.flapping_window >= least || !document.all_right({kWindow, kCount, kHold})) return;
  auto blamed = kWindow;
  for (const auto path : {kCount, kHold})
    if (!document.given(blamed) && document.given(path)) blamed = path;
  document.report(
      blamed,
      fmt::format("flapping.window {} is shorter than {} times failback.hold {}, so that the brake "
                  "could never catch; the window must be at least {}",
                  to_string(failover.flapping_window), failover.max_takeovers,
                  to_string(failover.failback.hold), to_string(least)));
}

void check_expiry(const SipExpiry& expiry, SpecDocument& document) {
  const Timing minimum{"spec.sip.expiry.minimum", expiry.minimum};
  const Timing maximum{"spec.sip.expiry.maximum", expiry.maximum};
  const Timing initial{"spec.sip.expiry.default", expiry.initial};
  expect_order(document, minimum, maximum, maximum);
  expect_order(document, minimum, initial, initial);
  expect_order(document, initial, maximum, initial);
}

void check_ages(const HAPair& pair, SpecDocument& document) {
  const Timing interval{"spec.replication.database.interval", pair.replication.database_interval};
  const Timing proof{"spec.replication.database.proofInterval", pair.replication.proof_interval};
  const Timing age{"spec.objectives.maxDataAge", pair.objectives.max_data_age};
  const Timing phone{"spec.objectives.phoneSwitch", pair.objectives.phone_switch};
  const Timing downtime{"spec.objectives.maxDowntime", pair.objectives.max_downtime};
  expect_order(document, interval, proof, proof);
  expect_order(document, interval, age, interval);
  expect_order(document, phone, downtime, phone);
}

// Every address and name of the pair, to find one that occurs twice. The second one is reported.
class Uniqueness {
 public:
  explicit Uniqueness(SpecDocument& document) : document_(document) {}

  void add(const std::string& path, const std::string& value, std::string_view what) {
    if (value.empty() || !document_.all_right({path})) return;
    const auto [first, fresh] = seen_.try_emplace(value, path);
    if (!fresh) document_.report(path, fmt::format("is the same as {}; {}", first->second, what));
  }

 private:
  SpecDocument& document_;
  std::map<std::string, std::string> seen_;
};

void check_nodes(const HAPair& pair, SpecDocument& document) {
  Uniqueness addresses(document);
  Uniqueness names(document);
  const std::pair<std::string, const NodeSpec*> nodes[] = {{"spec.primary", &pair.primary},
                                                           {"spec.secondary", &pair.secondary}};
  for (const auto& [path, node] : nodes) {
    names.add(path + ".name", node->name, "must be another name");
    addresses.add(path + ".address", node->address, "must be another address");
    Uniqueness path_names(document);
    for (std::size_t i = 0; i < node->paths.size(); ++i) {
      const auto item = fmt::format("{}.paths[{}]", path, i);
      path_names.add(item + ".name", node->paths[i].name, "must be another name");
      addresses.add(item + ".address", node->paths[i].address, "must be another address");
    }
  }
  constexpr std::string_view kWitnesses = "spec.failover.witnesses";
  const auto witnesses = pair.failover.witnesses.value_or(std::vector<std::string>{});
  std::set<std::string> told;  // the reader has found repetitions among the witnesses themselves
  for (std::size_t i = 0; i < witnesses.size(); ++i)
    if (told.insert(witnesses[i]).second)
      addresses.add(fmt::format("{}[{}]", kWitnesses, i), witnesses[i],
                    "must be a third address, that of neither node");
  const bool both = document.all_right({"spec.primary.address", "spec.secondary.address"});
  if (both && is_loopback(pair.primary.address) != is_loopback(pair.secondary.address)) {
    const auto path =
        is_loopback(pair.primary.address) ? "spec.primary.address" : "spec.secondary.address";
    document.report(path,
                    "is a loopback address, which the other node can not reach; must be the "
                    "address of the VoIP interface");
  }
}

void check_argv(const std::vector<std::string>& argv, const std::string& path,
                SpecDocument& document) {
  if (argv.empty() || !document.all_right({path + "[0]"})) return;
  const auto wrong = rule_of(Format::program).check(argv.front());
  if (!wrong.empty()) document.report(path + "[0]", "the program " + wrong);
}

void check_commands(const HAPair& pair, SpecDocument& document) {
  const std::pair<std::string, const std::vector<std::vector<std::string>>*> hooks[] = {
      {"spec.hooks.afterTakeover", &pair.hooks.after_takeover},
      {"spec.hooks.afterFailback", &pair.hooks.after_failback}};
  for (const auto& [path, commands] : hooks)
    for (std::size_t i = 0; i < commands->size(); ++i)
      check_argv((*commands)[i], fmt::format("{}[{}]", path, i), document);
  for (std::size_t i = 0; i < pair.notify.size(); ++i)
    if (const auto* target = std::get_if<ExecTarget>(&pair.notify[i]))
      check_argv(target->argv, fmt::format("spec.notify[{}].exec", i), document);
  if (pair.isdn_switch)
    check_argv(pair.isdn_switch->read_command, "spec.isdnSwitch.readCommand", document);
  if (!pair.services) return;
  check_argv(pair.services->activate, "spec.services.activate", document);
  check_argv(pair.services->deactivate, "spec.services.deactivate", document);
}

bool is_below(std::string_view path, std::string_view folder) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

void check_pair(const HAPair& pair, SpecDocument& document) {
  check_nodes(pair, document);
  check_probes(pair.failover, document);
  check_flapping(pair.failover, document);
  if (pair.sip.expiry) check_expiry(*pair.sip.expiry, document);
  check_ages(pair, document);
  check_commands(pair, document);
  if (pair.interconnection && pair.product != Product::xivo && document.all_right({"spec.product"}))
    document.report("spec.interconnection", "is given for product wazo; only xivo has it");
}

void check_operator(const OperatorConfig& config, SpecDocument& document) {
  if (document.all_right({"spec.stateDir", "spec.root"}) && config.root != "/" &&
      is_below(config.state_dir, config.root)) {
    const auto path = document.given("spec.stateDir") ? "spec.stateDir" : "spec.root";
    document.report(path, fmt::format("stateDir '{}' is below root '{}'; must be outside of it",
                                      config.state_dir, config.root));
  }
  if (config.listen_tls && document.all_right({"spec.listen", "spec.listenTls.address"})) {
    const auto host = [](const std::string& text) { return text.substr(0, text.find(':')); };
    const auto port = [](const std::string& text) { return text.substr(text.find(':') + 1); };
    const auto& plain = config.listen;
    const auto& secure = config.listen_tls->address;
    if (port(plain) == port(secure) &&
        (host(plain) == host(secure) || host(plain) == "0.0.0.0" || host(secure) == "0.0.0.0"))
      document.report("spec.listenTls.address",
                      "takes the port of spec.listen; must be another port");
  }
  if (config.peer && config.peer->starts_with("https://") && !config.listen_tls &&
      document.all_right({"spec.peer", "spec.listenTls"}))
    document.report("spec.peer",
                    "is https without spec.listenTls; listenTls must be given, its certificate is "
                    "what the other node knows this one by");
}

}  // namespace tandem
