// wazo-confd's SIP templates, endpoints and trunks.
#include <gtest/gtest.h>

#include "tests/contracts/exchanges/scenarios.h"
#include "tests/wazo_sim/auth/acl.h"

namespace tandem::exchanges {
namespace {

constexpr const char* kGlobal = "/1.1/endpoints/sip/templates/e61d1069-6c5e-4596-be47-320854569810";

void read_templates(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("confd-sip-template", {"s-list", "s-filter-label", "s-search-global", "s-recurse",
                                         "-get", "-get-not-uuid"});
}

void refuse_changes(Replays& replays) {
  ReplayNode node(replays);
  const Json before = node.control("GET", "/state").at("confd").at("templates");
  node.replay_all("confd-sip-template-put-",
                  {"bad-json", "bad-shape", "bad-uuid", "int-value", "no-token", "null",
                   "unknown-option", "wrong-tenant", "empty"});
  EXPECT_EQ(node.control("GET", "/state").at("confd").at("templates"), before);
}

// Each answer is followed by what a client reads then.
void change_a_template(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("confd-sip-template-", {"put-aor-only", "get-after-put-aor-only",
                                          "put-full-roundtrip", "get-after-put-aor-only"});
  node.replay_all("confd-sip-template-",
                  {"put-aor-partial-list", "get-after-partial-list", "put-garbage-value",
                   "put-duplicate-key", "get-duplicates"});
}

// The answer is 500, and the change is there all the same.
void change_while_sysconfd_is_down(Replays& replays) {
  ReplayNode node(replays);
  node.fault({{"service", "sysconfd"}, {"kind", "down"}});
  node.replay_all("confd-sip-template-", {"put-sysconfd-down", "get-after-sysconfd-down"});
}

void see_two_tenants(Replays& replays) {
  ReplayNode node(replays);
  node.add_subtenant(true);
  const std::string full = node.token();
  Json acl = wazo_sim::operator_acl();
  node.present(node.token_with(acl));
  node.replay({"confd-templates-recurse-with-auth-tenants-read"});
  acl.erase(std::find(acl.begin(), acl.end(), Json("auth.tenants.read")));
  node.present(node.token_with(acl));
  node.replay({"confd-templates-recurse-without-auth-tenants-read"});
  node.present(full);
  node.replay({"confd-sip-template-put-aor-only", "confd-templates-recurse-two-tenants",
               "confd-sip-template-put-subtenant-no-header"});
}

void see_a_tenant_before_its_templates(Replays& replays) {
  ReplayNode node(replays);
  node.add_subtenant(false);
  node.replay({"confd-templates-subtenant"});
}

void change_a_trunk(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("confd-",
                  {"sip-endpoint-create", "trunk-create", "trunk-associate-endpoint", "trunk-get",
                   "trunks-list", "sip-endpoint-get", "sip-endpoint-get-merged",
                   "sip-endpoint-put-registration-only", "sip-endpoint-get-after-put"});
  node.present(node.token_with(wazo_sim::operator_acl()));
  node.replay({"confd-acl-operator-trunks"});
}

}  // namespace

void replay_confd_sip(Replays& replays) {
  read_templates(replays);
  refuse_changes(replays);
  change_a_template(replays);
  change_while_sysconfd_is_down(replays);
  see_two_tenants(replays);
  see_a_tenant_before_its_templates(replays);
  change_a_trunk(replays);
}

}  // namespace tandem::exchanges
