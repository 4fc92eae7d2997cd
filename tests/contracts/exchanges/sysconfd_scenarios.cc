// wazo-sysconfd: what each update leaves on the node, above all where it fails.
#include <gtest/gtest.h>

#include <thread>

#include "tests/contracts/exchanges/ha_state.h"
#include "tests/contracts/exchanges/scenarios.h"

namespace tandem::exchanges {
namespace {

const std::string kUpdate = "sysconfd-update_ha_config-";
const std::string kGet = "sysconfd-get_ha_config-";

// A node that the real call has made a master of 10.0.0.2, or a slave of 10.0.0.1.
struct Node : ReplayNode {
  Node(Replays& replays, const char* before) : ReplayNode(replays) {
    replay_all(kUpdate, {before});
    ha_state(*this);
  }

  // After this update the node is as `left` says.
  void leaves(const char* name, const HaState& left) {
    SCOPED_TRACE(name);
    replay_all(kUpdate, {name});
    EXPECT_EQ(ha_state(*this), left);
  }
};

void update(Replays& replays) {
  Node node(replays, "master");
  node.replay_all(kGet, {"after-master"});
  ha_state(node);
  node.leaves("master-again", finished("master", "10.0.0.2"));  // all of it once more
  node.replay_all(kGet, {"after-master-again"});
  ha_state(node);
  node.leaves("slave", finished("slave", "10.0.0.1"));
  node.replay_all(kGet, {"after-slave"});
  ha_state(node);
  node.leaves("slave-again", finished("slave", "10.0.0.1"));
  node.replay_all(kGet, {"after-slave-again"});
  ha_state(node);
  node.leaves("disabled", finished("disabled", ""));
  node.replay_all(kGet, {"after-disabled"});
}

void take_any_value(Replays& replays) {
  Node node(replays, "slave");
  HaState left = finished("slave", "");
  node.leaves("slave-empty-address", left);
  node.leaves("slave-hostname", finished("slave", "master.example.test"));
  left = finished("slave", "None");
  left.ha_conf = R"({"node_type": "slave", "remote_address": null})";
  node.leaves("slave-null-address", left);
  left = finished("master", "10.0.0.9");
  left.ha_conf = R"({"node_type": "master", "remote_address": "10.0.0.9", "note": "x"})";
  node.leaves("extra-key", left);
  node.leaves("no-content-type", finished("master", "10.0.0.3"));
}

// Only ha.conf is new, and PostgreSQL no longer trusts the master.
void stumble_over_a_missing_key(Replays& replays) {
  const std::map<const char*, std::string> bodies = {
      {"no-node_type", R"({"remote_address": "10.0.0.1"})"},
      {"no-remote_address", R"({"node_type": "slave"})"},
      {"empty-object", "{}"},
      {"json-null", "{}"},
      {"empty-body", "{}"},
      {"no-body", "{}"}};
  for (const auto& [name, ha_conf] : bodies) {
    Node node(replays, "slave");
    HaState left = finished("slave", "10.0.0.1");
    left.ha_conf = ha_conf;
    left.trusted = "";
    left.commands.clear();
    node.leaves(name, left);
  }
}

void refuse_bodies(Replays& replays) {
  Node node(replays, "slave");
  HaState left = finished("slave", "10.0.0.1");
  left.commands.clear();
  for (const char* name : {"non-json", "json-array", "wrong-content-type"}) node.leaves(name, left);
  left.requests = {"GET /update_ha_config"};
  node.leaves("get-method", left);
  left.requests = {"PUT /update_ha_config"};
  node.leaves("put-method", left);
}

// The cron files go, the services of a slave are started, and the sentinel stays.
void stumble_over_an_unknown_type(Replays& replays) {
  const std::map<const char*, std::string> types = {{"unknown-node_type", "\"primary\""},
                                                    {"node_type-null", "null"}};
  for (const auto& [name, type] : types) {
    Node node(replays, "slave");
    HaState left = finished("disabled", "");
    left.ha_conf = "{\"node_type\": " + type + R"(, "remote_address": "10.0.0.1"})";
    left.sentinels = "is-secondary";
    node.leaves(name, left);
  }
}

// `left` as it would be when finished, but with what an update never reached as it was before.
HaState with_old_cron_and_sentinel(HaState left, const HaState& before) {
  left.cron = before.cron;
  left.sentinels = before.sentinels;
  left.commands = {kRestart};
  return left;
}

void fail_to_restart_postgresql(Replays& replays) {
  const HaState master = finished("master", "10.0.0.2");
  const HaState slave = finished("slave", "10.0.0.1");
  struct Case {
    const char* name;
    const char* before;
    HaState left;
  };
  const std::vector<Case> cases = {
      {"master-to-slave", "master", with_old_cron_and_sentinel(slave, master)},
      {"slave-to-master", "slave", with_old_cron_and_sentinel(master, slave)},
      {"slave-to-disabled", "slave", with_old_cron_and_sentinel(finished("disabled", ""), slave)}};
  for (const Case& each : cases) {
    Node node(replays, each.before);
    node.fault({{"service", "sysconfd"}, {"kind", "step"}, {"step", "restart"}});
    node.leaves((std::string("restart-fails-") + each.name).c_str(), each.left);
    node.replay_all(kGet + "after-restart-failure-", {each.name});
  }
}

void fail_to_start_services(Replays& replays) {
  for (const std::string type : {"master", "disabled"}) {
    Node node(replays, "slave");
    node.fault({{"service", "sysconfd"}, {"kind", "step"}, {"step", "slave_services"}});
    HaState left = finished(type, type == "master" ? "10.0.0.2" : "");
    left.sentinels = "is-secondary";
    node.leaves(("slave-services-fail-slave-to-" + type).c_str(), left);
  }
}

void miss_a_file(Replays& replays) {
  {
    Node node(replays, "master");
    node.remove("etc/postgresql/15/main/pg_hba.conf");
    HaState left = finished("master", "10.0.0.2");
    left.ha_conf = ha_conf_of("slave", "10.0.0.1");
    left.commands.clear();
    node.leaves("pg_hba-missing", left);
  }
  Node node(replays, "master");
  node.remove("var/lib/wazo");
  HaState left = finished("slave", "10.0.0.1");
  left.sentinels = "";
  node.leaves("sentinel-dir-missing", left);
}

void read_what_is_on_disk(Replays& replays) {
  ReplayNode node(replays);
  const std::string ha_conf = "etc/xivo/ha.conf";
  node.remove(ha_conf);
  node.replay_all(kGet, {"nofile"});
  node.write(ha_conf, "");
  node.replay_all(kGet, {"empty-file"});
  node.write(ha_conf, "{\"node_type\": \"master\", \"remote_address\": \"10.0.0.2\", \"z\": 1}\n");
  node.replay_all(kGet, {"extra-file"});
  node.write(ha_conf, R"({"node_type": "mas)");
  node.replay_all(kGet, {"garbage-file"});
  node.write(ha_conf, "[1]");
  node.replay_all(kGet, {"list-file"});
  node.remove(ha_conf);
  std::filesystem::create_directory(node.path(ha_conf));
  node.replay_all(kGet, {"unreadable-file"});
}

// ha.conf is new at once; the rest of the update takes its time.
void read_during_an_update(Replays& replays) {
  ReplayNode node(replays);
  node.fault({{"service", "sysconfd"}, {"kind", "slow"}, {"method", "POST"}, {"delay_ms", 500}});
  std::thread update([&] {
    EXPECT_EQ(node.ask("sysconfd", "POST", "/update_ha_config", ha_conf_of("master", "10.0.0.2")),
              200);
  });
  while (node.control("GET", "/journal?service=sysconfd&method=POST").empty()) {
  }
  node.replay_all(kGet, {"during-slow-update"});
  update.join();
}

void run_commands(Replays& replays) {
  ReplayNode node(replays);
  const auto runs = [&](const char* name, const std::vector<std::string>& commands) {
    SCOPED_TRACE(name);
    node.replay_all("sysconfd-", {name});
    EXPECT_EQ(ha_state(node).commands, commands);
  };
  node.replay_all("sysconfd-", {"status", "unknown-path", "services-get"});
  runs("services-empty", {});
  runs("services-invalid-action", {});
  runs("services-restart", {"systemctl restart asterisk.service"});
  runs("services-two", {"systemctl stop wazo-provd.service", "systemctl start wazo-agid.service"});
  runs("services-unknown-service", {"systemctl start doesnotexist.service"});
  runs("services-with-suffix", {"systemctl start a.service.service"});
  for (const std::string action : {"restart", "start", "status", "stop"})
    runs(("xivoctl-" + action).c_str(), {"wazo-service " + action});
  runs("xivoctl-empty", {});
  runs("xivoctl-unknown", {});
  node.fault({{"service", "sysconfd"}, {"kind", "step"}, {"step", "systemctl"}});
  node.fault({{"service", "sysconfd"}, {"kind", "step"}, {"step", "wazo_service"}});
  runs("services-failure", {"systemctl restart asterisk.service"});
  runs("xivoctl-failure", {"wazo-service start"});
}

}  // namespace

void replay_sysconfd(Replays& replays) {
  update(replays);
  take_any_value(replays);
  stumble_over_a_missing_key(replays);
  refuse_bodies(replays);
  stumble_over_an_unknown_type(replays);
  fail_to_restart_postgresql(replays);
  fail_to_start_services(replays);
  miss_a_file(replays);
  read_what_is_on_disk(replays);
  read_during_an_update(replays);
  run_commands(replays);
}

}  // namespace tandem::exchanges
