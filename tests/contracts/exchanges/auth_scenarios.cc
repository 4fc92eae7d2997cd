// wazo-auth, and its tokens at the other services.
#include <chrono>
#include <thread>

#include "tests/contracts/exchanges/scenarios.h"

namespace tandem::exchanges {
namespace {

void make_tokens(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("auth-token-create", {"", "-backend-wazo_user", "-bad-backend", "-bad-expiration",
                                        "-bad-json", "-empty-object", "-negative-expiration",
                                        "-no-body", "-no-credentials", "-zero-expiration"});
  node.present_credentials("tandem:wrong");
  node.replay({"auth-token-create-wrong-password"});
  node.present_credentials("nobody:tandem");
  node.replay({"auth-token-create-unknown-user"});
}

void check_tokens(Replays& replays) {
  ReplayNode node(replays);
  node.replay({"auth-token-get", "auth-token-get-scope-ok", "auth-token-get-not-uuid",
               "auth-token-get-unknown", "auth-token-head-unknown",
               "auth-token-head-tenant-refused", "auth-status", "auth-status-get"});
  node.present(node.token_with({"confd.ha.read"}));
  node.replay({"auth-token-head-scope-ok", "auth-token-get-scope-refused",
               "auth-token-head-scope-refused", "auth-token-scopes-check"});
  node.replay({"auth-token-delete", "auth-token-get-after-delete"});
}

void let_a_token_expire(Replays& replays) {
  ReplayNode node(replays);
  node.replay({"auth-token-short-before"});
  node.present(node.full_token(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // its lifetime, in whole seconds
  node.replay({"auth-token-expired-get", "confd-infos-expired-token"});
}

void list_tenants(Replays& replays) {
  ReplayNode node(replays);
  node.add_subtenant(false);
  node.replay({"auth-tenants-list"});
}

}  // namespace

void replay_auth(Replays& replays) {
  make_tokens(replays);
  check_tokens(replays);
  let_a_token_expire(replays);
  list_tenants(replays);
}

}  // namespace tandem::exchanges
