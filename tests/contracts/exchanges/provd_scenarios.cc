// wazo-provd's documents: what is read, what a PUT replaces, and who may.
#include <gtest/gtest.h>

#include "tests/contracts/exchanges/scenarios.h"

namespace tandem::exchanges {
namespace {

constexpr const char* kDefault = "var/lib/wazo-provd/jsondb/configs/default";

void read_documents(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all(
      "provd-", {"status", "registrars", "registrars-bad-q", "registrars-fields", "registrars-q64",
                 "registrars-trailing-slash", "config-get", "config-get-raw", "config-get-unknown",
                 "configs-accept-any", "configs-accept-json", "configs-no-accept", "head-configs",
                 "options-configs", "root", "provd-prefix", "unversioned-path"});
}

// Each is followed by what a client reads then; the file on disk says the same.
void replace_the_document(Replays& replays) {
  ReplayNode node(replays);
  const std::string put = "provd-config-put-";
  const auto backup_on_disk = [&] {
    return Json::parse(node.read(kDefault)).value("proxy_backup", Json("absent"));
  };
  node.replay_all(put, {"backup", "backup-then-get"});
  EXPECT_EQ(backup_on_disk(), "10.0.0.2");
  node.replay_all(put, {"backup-same", "backup-same-then-get", "no-parent_ids",
                        "no-parent_ids-then-get", "no-raw_config", "no-raw_config-then-get"});
  EXPECT_EQ(backup_on_disk(), "10.0.0.2");
  node.replay_all(put, {"backup-null", "backup-null-then-get"});
  EXPECT_EQ(backup_on_disk(), Json());
  node.replay_all(put, {"backup-empty-string", "backup-empty-string-then-get"});
  EXPECT_EQ(backup_on_disk(), "");
  node.replay_all(put, {"backup-missing", "backup-missing-then-get"});
  EXPECT_EQ(backup_on_disk(), "absent");
  node.replay_all(put, {"only-backup", "only-backup-then-get", "other-id-in-body",
                        "other-id-in-body-then-get", "non-ip", "non-ip-then-get", "restore",
                        "restore-then-get", "restore2", "restore2-then-get"});
}

void refuse_documents(Replays& replays) {
  ReplayNode node(replays);
  const std::string before = node.read(kDefault);
  node.replay_all("provd-config-put-",
                  {"bad-json", "config-not-object", "config-null", "content-type-charset",
                   "empty-body", "json-array", "no-config-key", "no-content-type", "no-token",
                   "plain-json-content-type", "unknown-id"});
  node.replay({"provd-config-patch", "provd-config-delete-default"});
  EXPECT_EQ(node.read(kDefault), before);
}

void add_and_delete(Replays& replays) {
  ReplayNode node(replays);
  node.replay({"provd-config-post-new"});
  EXPECT_EQ(Json::parse(node.read("var/lib/wazo-provd/jsondb/configs/site2")).at("proxy_main"),
            "10.1.0.1");
  node.replay({"provd-config-delete"});
  EXPECT_EQ(node.read("var/lib/wazo-provd/jsondb/configs/site2"), "");
}

void refuse_callers(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("provd-", {"configs-no-token", "tenant-header-garbage", "tenant-header-unknown",
                             "plugins-installed-no-token"});
  node.present(node.token_with({"provd.cfg_mgr.configs.read", "provd.cfg_mgr.configs.*.read"}));
  node.replay_all("provd-", {"acl-read-allowed", "acl-update-denied", "acl-installed-denied"});
  node.present("nope");
  node.replay({"provd-configs-bad-token"});
  node.present("00000000-0000-4000-8000-000000000001");
  node.replay({"provd-configs-unknown-uuid-token"});
  node.fault({{"service", "auth"}, {"kind", "down"}});
  node.replay({"provd-configs-auth-down"});
}

int change_plugin(ReplayNode& node, const std::string& how) {
  return node.ask("provd", "POST", "/0.2/pg_mgr/install/" + how, R"({"id": "test-plugin"})");
}

void change_devices(Replays& replays) {
  ReplayNode node(replays);
  EXPECT_EQ(change_plugin(node, "install"), 201);
  node.replay_all("provd-",
                  {"devices-empty", "device-create", "device-get", "devices-find",
                   "synchronize-missing-id", "synchronize-no-content-type", "synchronize-unknown",
                   "operation-unknown", "synchronize", "operation-poll-synchronize-0",
                   "operation-poll-synchronize-5", "reconfigure", "operation-delete-synchronize"});
  // Without its plugin a phone can not be told.
  EXPECT_EQ(change_plugin(node, "uninstall"), 204);
  node.replay_all("provd-", {"synchronize-device-without-plugin",
                             "operation-poll-synchronize-no-plugin", "device-delete"});
}

void change_plugins(Replays& replays) {
  ReplayNode node(replays);
  node.replay_all("provd-plugin", {"s-installable", "s-installed", "s-loaded", "-install-unknown"});
  // The recorded ones are the second of their kind.
  EXPECT_EQ(change_plugin(node, "update"), 201);
  EXPECT_EQ(change_plugin(node, "install"), 201);
  EXPECT_EQ(change_plugin(node, "uninstall"), 204);
  node.replay_all("provd-",
                  {"plugins-update-index", "operation-delete", "operation-poll-after-delete",
                   "plugins-installable-after-update", "plugin-install",
                   "operation-poll-install-nested", "plugins-installed-one", "plugins-loaded-one",
                   "plugin-uninstall", "plugins-installed-after-uninstall",
                   "plugins-loaded-after-uninstall", "plugin-uninstall-again"});
}

}  // namespace

void replay_provd(Replays& replays) {
  read_documents(replays);
  replace_the_document(replays);
  refuse_documents(replays);
  add_and_delete(replays);
  refuse_callers(replays);
}

void replay_provd_devices_and_plugins(Replays& replays) {
  change_devices(replays);
  change_plugins(replays);
}

}  // namespace tandem::exchanges
