// confd's /1.1/ha: what it asks of provd and of sysconfd, and what is left where one of them fails.
#include <gtest/gtest.h>

#include "tests/contracts/exchanges/ha_state.h"
#include "tests/contracts/exchanges/scenarios.h"
#include "tests/wazo_sim/auth/acl.h"

namespace tandem::exchanges {
namespace {

const std::string kPut = "confd-ha-put-";
const std::string kGet = "confd-ha-get-";
const std::string kRegistrars = "confd-registrars-";

// confd reads ha.conf before it disables a node.
HaState disabled(const std::string& address = "") {
  HaState state = finished("disabled", address);
  state.requests = {"GET /get_ha_config", "POST /update_ha_config"};
  return state;
}

// The address that phones of the registrar and of autoprov are given in provd's documents.
Json backup(const ReplayNode& node) {
  const std::string configs = "var/lib/wazo-provd/jsondb/configs/";
  const Json registrar = Json::parse(node.read(configs + "default"));
  const Json line =
      Json::parse(node.read(configs + "autoprov")).at("raw_config").at("sip_lines").at("1");
  const Json host = registrar.value("registrar_backup", Json());
  EXPECT_EQ(registrar.value("proxy_backup", Json()), host);
  EXPECT_EQ(line.at("backup_registrar_ip"), host);
  EXPECT_EQ(line.at("backup_proxy_ip"), host);
  return host;
}

struct Node : ReplayNode {
  explicit Node(Replays& replays) : ReplayNode(replays) {}

  void leaves(const char* name, const HaState& left, const Json& backup_host) {
    SCOPED_TRACE(name);
    ha_state(*this);  // what has been read meanwhile is forgotten
    replay_all(kPut, {name});
    EXPECT_EQ(ha_state(*this), left);
    EXPECT_EQ(backup(*this), backup_host);
  }
};

void go_through_the_roles(Replays& replays) {
  Node node(replays);
  node.replay({"confd-ha-get-initial", "confd-ha-accept-html", "confd-ha-no-accept"});
  node.leaves("master", finished("master", "10.0.0.2"), "10.0.0.2");
  node.replay_all(kRegistrars, {"after-ha-master"});
  node.replay_all(kGet, {"master"});
  node.leaves("master-same", finished("master", "10.0.0.2"), "10.0.0.2");
  node.leaves("slave-from-master", finished("slave", "10.0.0.1"), "10.0.0.2");
  node.replay_all(kRegistrars, {"after-ha-slave"});
  node.replay_all(kGet, {"slave"});
  node.leaves("disabled-from-slave", disabled(), "10.0.0.2");
  node.replay_all(kRegistrars, {"after-ha-disabled-from-slave"});
  node.leaves("unknown-key", disabled(), Json());  // the second time clears them
  node.leaves("master-again", finished("master", "10.0.0.2"), "10.0.0.2");
  node.leaves("disabled-from-master", disabled(), Json());
  node.replay_all(kRegistrars, {"after-ha-disabled-from-master"});
  node.replay_all(kGet, {"disabled"});
  node.leaves("disabled-with-address", disabled("10.0.0.2"), Json());
  node.replay_all(kGet, {"disabled-with-address"});
}

void take_other_values(Replays& replays) {
  Node node(replays);
  node.leaves("no-content-type", finished("master", "10.0.0.2"), "10.0.0.2");
  node.leaves("master-with-real-postgres-restart", finished("master", "10.0.0.2"), "10.0.0.2");
  node.leaves("master-ipv6", finished("master", "fd00::2"), "fd00::2");
  node.leaves("slave-ipv6", finished("slave", "fd00::1"), "fd00::2");
  node.leaves("text-plain", disabled(), "fd00::2");
}

void refuse_bodies(Replays& replays) {
  Node node(replays);
  node.replay_all(kPut, {"master"});
  HaState left = finished("master", "10.0.0.2");
  left.commands.clear();
  left.requests.clear();
  for (const char* name :
       {"array", "bad-json", "bad-node_type", "disabled-again", "disabled-null-address",
        "empty-body", "form-content-type", "master-empty-address", "master-hostname",
        "master-no-address", "no-node_type", "no-token"})
    node.leaves(name, left, "10.0.0.2");
  node.replay({"confd-ha-post"});
}

void refuse_callers(Replays& replays) {
  ReplayNode node(replays);
  node.add_subtenant(false);
  node.replay({"confd-ha-subtenant-header"});
  node.present(node.token_with(wazo_sim::operator_acl()));
  node.replay({"confd-acl-operator-ha", "confd-acl-operator-put-ha"});
  node.present(node.token_with({"confd.ha.read"}));
  node.replay({"confd-acl-denied-ha-update"});
  node.present(node.token_with({"#"}, "c6ee549b-b87e-44a5-8731-9302d8a5e2c3"));
  node.replay_all(kGet, {"child-tenant-user"});
}

void lack_a_service(Replays& replays) {
  Node node(replays);
  const auto without = [&](const char* service) {
    node.no_faults();
    node.fault({{"service", service}, {"kind", "down"}});
  };
  without("auth");
  node.replay_all(kGet, {"auth-down"});

  // A slave needs no provd, nor does a slave that is disabled.
  without("provd");
  node.replay_all(kGet, {"provd-down"});
  HaState left;
  node.leaves("master-provd-down", left, Json());
  left.requests = {"GET /get_ha_config"};
  node.leaves("disabled-from-disabled-provd-down", left, Json());
  node.leaves("slave-provd-down", finished("slave", "10.0.0.1"), Json());
  node.leaves("disabled-from-slave-provd-down", disabled(), Json());

  // The registrars have changed, and nothing else.
  without("sysconfd");
  node.replay_all(kGet, {"sysconfd-down"});
  left = finished("disabled", "");
  left.commands.clear();
  left.requests.clear();
  node.leaves("master-sysconfd-down", left, "10.0.0.2");
}

void fail_in_sysconfd(Replays& replays) {
  for (const std::string step : {"restart", "slave_services"}) {
    Node node(replays);
    node.replay_all("confd-acl-operator-", {"put-ha"});  // was disabled
    node.fault({{"service", "sysconfd"}, {"kind", "step"}, {"step", step}});
    HaState left = finished("master", "10.0.0.2");
    left.sentinels = "";
    if (step == "slave_services") {
      node.leaves("master-slave-services-fail", left, "10.0.0.2");
      continue;
    }
    left.cron = "";
    left.commands = {kRestart};
    node.leaves("master-restart-fails", left, "10.0.0.2");
    node.replay_all(kGet, {"after-restart-failure"});
  }
}

void meet_a_damaged_file(Replays& replays) {
  Node node(replays);
  node.write("etc/xivo/ha.conf", "");
  node.replay_all(kGet, {"empty-ha-conf"});
  HaState left;
  left.requests = {"GET /get_ha_config"};
  node.leaves("disabled-empty-ha-conf", left, Json());
  node.leaves("master-empty-ha-conf", finished("master", "10.0.0.2"), "10.0.0.2");
  node.write("etc/xivo/ha.conf", R"({"node_type": "weird", "remote_address": "x", "z": 1})");
  node.replay_all(kGet, {"odd-ha-conf"});
}

}  // namespace

void replay_confd_ha(Replays& replays) {
  go_through_the_roles(replays);
  take_other_values(replays);
  refuse_bodies(replays);
  refuse_callers(replays);
  lack_a_service(replays);
  fail_in_sysconfd(replays);
  meet_a_damaged_file(replays);
}

// The vendor's proxy in front of the services: it changes nothing of what they say but the links,
// which they make with the prefix that it tells them.
void replay_nginx(Replays& replays) {
  ReplayNode node(replays);
  node.replay({"provd-config-put-backup-null"});
  node.replay_all("nginx-", {"auth-token", "confd-ha", "confd-infos", "confd-registrars",
                             "provd-configs", "provd-index-update", "provd-location-with-prefix"});
}

}  // namespace tandem::exchanges
