#include "pbx/facts_collector.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_sql.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;

class FactsCollectorTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  FactsCollectorTest() {
    disk.files["/etc/machine-id"] = "0123456789abcdef0123456789abcdef\n";
    disk.files["/sys/class/dmi/id/product_uuid"] = "4c4c4544-0038-5a10-8054-b4c04f4e4732\n";
    disk.files["/etc/ssh/ssh_host_ed25519_key.pub"] =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKWtRRSCYmmtOPFHWMPQ8jUDgYNVLMv/dm8XptPWEi4d x\n";
    disk.files["/usr/share/wazo/WAZO-VERSION"] = "26.08\n";
    disk.directories.insert("/var/lib/postgresql");
    sql.servers["host=127.0.0.1"] = [this](const SqlTarget& target, const SqlStatement&) {
      EXPECT_EQ(target.password, "s3cret+Pa55");
      return answer;
    };
  }

  NodeFacts collect() {
    FactsCollector collector({disk, confd, provd, sql, [this] { return server; }, clock});
    FactsRequest request;
    request.tandem_version = "0.2.0";
    request.spec_hash = "abcd";
    return run(collector.collect(request));
  }

  fakes::MemoryFilesystem disk;
  fakes::FakeSql sql;
  Result<SqlRows> answer = SqlRows{{"a", "b", "c", "d", "e"},
                                   {{"150018", "7412345", "UTF8", "fr_FR.UTF-8", "fr_FR.UTF-8"}}};
  Result<SqlTarget> server = SqlTarget{"host=127.0.0.1", "s3cret+Pa55"};
};

TEST_F(FactsCollectorTest, TellsAllOfAHealthyNode) {
  vendor.plugins = {"wazo-aastra", "wazo-snom"};
  const NodeFacts facts = collect();
  EXPECT_EQ(facts.unknown, (std::map<std::string, std::string>{}));
  EXPECT_EQ(facts.tandem_version, "0.2.0");
  EXPECT_EQ(facts.spec_hash, "abcd");
  EXPECT_EQ(facts.machine.size(), 64U);
  EXPECT_EQ(facts.system.size(), 64U);
  EXPECT_EQ(facts.host_keys.size(), 1U);
  EXPECT_EQ(facts.product_version, "26.08");
  EXPECT_EQ(facts.postgres, (DatabaseTraits{15, "7412345", "UTF8", "fr_FR.UTF-8", "fr_FR.UTF-8"}));
  EXPECT_EQ(facts.plugins, (std::vector<std::string>{"wazo-aastra", "wazo-snom"}));
  EXPECT_EQ(facts.wizard_passed, true);
  ASSERT_FALSE(facts.rooms.empty());
  EXPECT_EQ(facts.rooms[0], (FreeRoom{"/", disk.room.available}));
  EXPECT_EQ(facts.clock, 1'700'000'000'000'000'000);
}

TEST_F(FactsCollectorTest, TellsNoIdentityAsItIsAndNoSecret) {
  const std::string told = to_json(collect());
  EXPECT_EQ(told.find("0123456789abcdef"), std::string::npos) << told;
  EXPECT_EQ(told.find("4c4c4544"), std::string::npos) << told;
  EXPECT_FALSE(shows_a_secret(told)) << told;
}

TEST_F(FactsCollectorTest, TakesNoMakersPlaceholderForAnIdentity) {
  for (const char* uuid :
       {"00000000-0000-0000-0000-000000000000", "Not Settable", "",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "03000200-0400-0500-0006-000700080009"}) {
    disk.files["/sys/class/dmi/id/product_uuid"] = uuid;
    const NodeFacts facts = collect();
    EXPECT_EQ(facts.system, "") << uuid;
    EXPECT_TRUE(facts.unknown.contains("system"));
  }
}

TEST_F(FactsCollectorTest, ReadsThePluginsFromDiskWhileProvdIsStopped) {
  vendor.stop(FakeVendor::kProvd);
  EXPECT_TRUE(collect().unknown.contains("plugins")) << "no such folder: nothing is known";
  disk.files["/var/lib/wazo-provd/plugins/plugins.db"] = "the catalogue";
  EXPECT_EQ(collect().plugins, std::vector<std::string>{});
  disk.files["/var/lib/wazo-provd/plugins/wazo-aastra/entry.py"] = "";
  EXPECT_EQ(collect().plugins, std::vector<std::string>{"wazo-aastra"});
}

// The folders of a running provd may be half installed; and a right that is missing is told.
TEST_F(FactsCollectorTest, TakesNoFolderInPlaceOfARefusal) {
  disk.files["/var/lib/wazo-provd/plugins/wazo-aastra/entry.py"] = "";
  vendor.acl = {"confd.#"};
  const NodeFacts facts = collect();
  EXPECT_EQ(facts.plugins, std::nullopt);
  EXPECT_NE(facts.unknown.at("plugins").find("401"), std::string::npos);
}

TEST_F(FactsCollectorTest, SaysWhyItDoesNotKnow) {
  disk.files.clear();
  disk.read_errors["/etc/machine-id"] = Error{Fault::denied, "/etc/machine-id: permission denied"};
  vendor.stop(FakeVendor::kConfd);
  vendor.stop(FakeVendor::kAuth);
  answer = Error{Fault::connection_refused, "nobody listens at 127.0.0.1:5432"};
  const NodeFacts facts = collect();
  for (const char* fact :
       {"machine", "system", "hostKeys", "productVersion", "wizardPassed", "plugins", "postgres"})
    EXPECT_TRUE(facts.unknown.contains(fact)) << fact;
  EXPECT_EQ(facts.unknown.at("machine"), "/etc/machine-id: permission denied");
  EXPECT_EQ(facts.wizard_passed, std::nullopt);
  EXPECT_EQ(facts.postgres, std::nullopt);
  EXPECT_GT(facts.clock, 0);
  EXPECT_EQ(facts_from_json(to_json(facts), "").value(), facts);
}

TEST_F(FactsCollectorTest, SaysThatItHasNoPasswordForTheServer) {
  server = Error{Fault::not_found, "/etc/tandem/pgpass: no such file"};
  EXPECT_EQ(collect().unknown.at("postgres"), "/etc/tandem/pgpass: no such file");
}

TEST_F(FactsCollectorTest, BelievesNoServerThatTellsNoVersion) {
  for (const char* version : {"", "fifteen", "9"}) {
    answer.value().rows[0][0] = version;
    EXPECT_EQ(collect().postgres, std::nullopt) << version;
  }
  answer.value().rows.clear();
  EXPECT_TRUE(collect().unknown.contains("postgres"));
}

}  // namespace
}  // namespace tandem
