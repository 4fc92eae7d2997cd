// A healthy pair, seen from one of its nodes: what the tests of the prerequisites break.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "reconciler/reconcile.h"
#include "resources/prerequisites/prerequisites.h"
#include "tests/fakes/fake_network.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/fake_reachability.h"
#include "tests/fakes/fake_sql.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem::fakes {

class PrerequisitesWorld : public testing::Test, protected VendorWorld {
 protected:
  static constexpr const char* kOwnKey =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKWtRRSCYmmtOPFHWMPQ8jUDgYNVLMv/dm8XptPWEi4d a\n";
  static constexpr const char* kPeerKey =
      "10.0.0.2 ssh-ed25519 "
      "AAAAC3NzaC1lZDI1NTE5AAAAIBoTnKJnEh9Cn1xXUTz0XQ3dBUtJ4L8iGXHLvYVhFyHt\n";

  PrerequisitesWorld() {
    goal.role = Role::primary;
    goal.own_address = "10.0.0.1";
    goal.peer_address = "10.0.0.2";
    goal.peer_addresses = {"10.0.0.2"};
    goal.max_downtime = std::chrono::minutes{5};

    node.files["/etc/machine-id"] = "0123456789abcdef0123456789abcdef\n";
    node.files["/sys/class/dmi/id/product_uuid"] = "4c4c4544-0038-5a10-8054-b4c04f4e4732\n";
    node.files["/etc/ssh/ssh_host_ed25519_key.pub"] = kOwnKey;
    node.files["/usr/share/wazo/WAZO-VERSION"] = "26.08\n";
    disk.files["/etc/tandem/ssh/id_ed25519"] = File("key", 0600);
    network.addresses = {{"eth0", "10.0.0.1", false, 24}};
    reachability.echoes.emplace("10.0.0.2", std::chrono::nanoseconds{400'000});
    reachability.servers.emplace("10.0.0.2:5432", std::string());
    sql.servers["host=127.0.0.1"] = [this](const SqlTarget&, const SqlStatement&) {
      return server;
    };
    vendor.templates["t1"] = {FakeVendor::kMaster, "global", FakeVendor::default_aor()};
    vendor.trunks["carrier1"] = {{"client_uri", "sip:a@b"}, {"expiration", "60"}};

    peer.tandem_version = "0.2.0";
    peer.machine = "other machine";
    peer.system = "other system";
    peer.host_keys = {"SHA256:other"};
    peer.product_version = "26.08";
    peer.postgres = DatabaseTraits{15, "999", "UTF8", "fr_FR.UTF-8", "fr_FR.UTF-8"};
    peer.plugins.emplace();
    peer.wizard_passed = true;
    programs.programs[kSshProgram] = [this](const Command&) -> Result<CommandOutcome> {
      if (!ssh_fails.empty()) return exits(255, "", ssh_fails);
      peer.clock = std::chrono::nanoseconds(clock.wall().time_since_epoch() + peer_ahead).count();
      return exits(0, to_json(peer));
    };
    programs.programs[kSshKeyscanProgram] = [this](const Command&) { return exits(0, keyscan); };
    start();
  }

  // As a start of the operator: nothing is remembered.
  void start() {
    Prerequisites::Parts parts{collector,
                               [](Product product) {
                                 FactsRequest request;
                                 request.product = product;
                                 return request;
                               },
                               peer_ssh,
                               programs,
                               disk,
                               reachability,
                               network,
                               confd,
                               auth,
                               clock,
                               5432};
    resource = std::make_unique<Prerequisites>(std::move(parts));
  }

  // `after` so long a time, what is told of `type`; an empty condition where nothing is.
  Condition look(const std::string& type, std::chrono::minutes after = std::chrono::minutes{0}) {
    clock.advance(after);
    const Report report = run(reconcile(*resource, goal, Permission::up_to(Reach::telephony)));
    EXPECT_EQ(report.outcome, Outcome::in_sync);
    for (const Condition& condition : report.conditions)
      if (condition.type == type) return condition;
    return {};
  }
  std::vector<Condition> look_at_all() {
    return run(reconcile(*resource, goal, Permission::up_to(Reach::telephony))).conditions;
  }

  MemoryFilesystem node, disk;
  FakeSql sql;
  Result<SqlRows> server =
      SqlRows{{"a", "b", "c", "d", "e"}, {{"150018", "111", "UTF8", "fr_FR.UTF-8", "fr_FR.UTF-8"}}};
  FakeProcess programs;
  FakeReachability reachability;
  FakeNetwork network;
  NodeFacts peer;
  std::chrono::nanoseconds peer_ahead{0};
  std::string ssh_fails;
  std::string keyscan = kPeerKey;
  FactsCollector collector{{node, confd, provd, sql,
                            []() -> Result<SqlTarget> {
                              return SqlTarget{"host=127.0.0.1", ""};
                            },
                            clock}};
  PeerSsh peer_ssh{disk, programs, "/etc/tandem/ssh"};
  Goal goal;
  std::unique_ptr<Prerequisites> resource;
};

}  // namespace tandem::fakes
