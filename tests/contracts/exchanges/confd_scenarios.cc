// wazo-confd without SIP and without /1.1/ha.
#include <gtest/gtest.h>

#include "tests/contracts/exchanges/scenarios.h"
#include "tests/wazo_sim/auth/acl.h"

namespace tandem::exchanges {
namespace {

void read_a_configured_node(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("confd-", {"infos", "infos-no-token", "contexts", "configuration-live-reload",
                             "pjsip-global-get", "registers-list", "sip-general-gone",
                             "sip-general-gone-put", "status", "status-no-token", "unknown-path",
                             "wizard-get-configured", "wizard-post-again"});
  node.present("nope");
  node.replay({"confd-infos-bad-token"});
}

void read_before_the_wizard(Replays& replays) {
  ReplayNode node(replays, ReplayNode::Start::before_the_wizard);
  node.replay({"confd-wizard-get-unconfigured", "confd-sip-templates-before-sync"});
}

// The copies that phones are given follow the registrar.
void change_a_registrar(Replays& replays) {
  ReplayNode node(replays);
  const auto copy = [&] {
    return Json::parse(node.read("var/lib/wazo-provd/jsondb/configs/autoprov"))
        .at("raw_config")
        .at("sip_lines")
        .at("1")
        .at("backup_registrar_ip");
  };
  node.replay_all("confd-registrar", {"s-initial", "-get", "-get-unknown", "-put-unknown-id",
                                      "-put-int", "-put-backup", "-get-after-put"});
  EXPECT_EQ(copy(), "10.0.0.2");
  node.replay({"confd-registrar-put-empty-string"});
  EXPECT_EQ(copy(), "");
  node.replay({"confd-registrar-put-null"});
  EXPECT_EQ(copy(), Json());
  node.replay({"confd-registrar-get"});
}

void change_devices(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("confd-device",
                  {"-create", "s-list", "-synchronize", "-synchronize-unknown", "-delete"});
}

void ask_from_a_child_tenant(Replays& replays) {
  ReplayNode node(replays);
  node.add_subtenant(false);
  node.replay({"confd-registrars-subtenant-header"});
  node.present(node.token_with({"#"}, "c6ee549b-b87e-44a5-8731-9302d8a5e2c3"));
  node.replay({"confd-registrars-child-tenant-user"});
}

void ask_with_the_operators_rights(Replays& replays) {
  ReplayNode node(replays);
  node.present(node.token_with(wazo_sim::operator_acl()));
  node.replay_all("confd-acl-operator-",
                  {"infos", "status", "registrars", "registrar", "templates"});
}

void ask_while_a_service_is_down(Replays& replays) {
  ReplayNode node(replays);
  node.fault({{"service", "provd"}, {"kind", "down"}});
  node.replay({"confd-registrars-provd-down", "confd-wizard-get-provd-down"});
  node.no_faults();
  node.fault({{"service", "sysconfd"}, {"kind", "down"}});
  node.replay({"confd-status-sysconfd-down"});
  node.no_faults();
  node.fault({{"service", "auth"}, {"kind", "down"}});
  node.replay({"confd-status-auth-down", "confd-wizard-get-auth-down"});
}

}  // namespace

void replay_confd(Replays& replays) {
  read_a_configured_node(replays);
  read_before_the_wizard(replays);
  change_a_registrar(replays);
  change_devices(replays);
  ask_from_a_child_tenant(replays);
  ask_with_the_operators_rights(replays);
  ask_while_a_service_is_down(replays);
}

}  // namespace tandem::exchanges
