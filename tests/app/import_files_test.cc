#include "app/import_files.h"

#include <gtest/gtest.h>

#include "app/import_node.h"
#include "core/spec.h"
#include "reconciler/spec_keeper.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {
namespace {

const std::string kPair = "/etc/tandem/pair.yaml", kOperator = "/etc/tandem/operator.yaml";
const std::string kImported = "/var/lib/tandem/imported-pair.yaml";

class ImportFilesTest : public testing::Test {
 protected:
  ImportFilesTest() {
    found_.product = Product::wazo;
    found_.role = Role::secondary;
    found_.own_name = {"pbx-b", "the host name"};
    found_.own_address = {"192.0.2.11", "an interface"};
    found_.peer_name = {"pbx-a", "/etc/hosts"};
    found_.peer_address = {"192.0.2.10", "/etc/xivo/ha.conf"};
  }

  HAPair pair() const { return declaration_of(found_, "ha-pair").value(); }
  Result<std::vector<std::string>> write(bool force = false) {
    return write_imported(disk_, {"/etc/tandem", force}, pair(), found_, OperatorConfig{});
  }

  fakes::MemoryFilesystem disk_;
  Found found_;
};

TEST_F(ImportFilesTest, LeavesBothFilesAndWhatTheOperatorGoesBy) {
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(*parse_pair(disk_.files[kPair].content, kPair), pair());
  EXPECT_EQ(parse_operator(disk_.files[kOperator].content, kOperator)->node, "pbx-b");
  EXPECT_EQ(disk_.files[kImported].content, disk_.files[kPair].content);
  EXPECT_EQ(disk_.files[kImported].mode, 0600U);
  EXPECT_EQ(disk_.files[kPair].mode, 0600U) << "it may hold the secret of a webhook";
  EXPECT_EQ(disk_.files[kOperator].mode, 0644U) << "every user's `tandem status` reads it";
  EXPECT_EQ(disk_.files.size(), 3U);
}

TEST_F(ImportFilesTest, LeavesItAtThatTheSecondTime) {
  ASSERT_TRUE(write().ok());
  disk_.files[kImported].mtime = {};
  disk_.journal.clear();
  ASSERT_TRUE(write().ok());
  for (const std::string& line : disk_.journal) EXPECT_EQ(line, "replace " + kImported);
}

TEST_F(ImportFilesTest, NeverOverwritesAnothersFileUnlessForced) {
  for (const std::string& path : {kPair, kOperator}) {
    disk_.files.clear();
    disk_.files[path] = "by hand\n";
    const auto written = write();
    ASSERT_FALSE(written.ok()) << path;
    EXPECT_NE(written.error().message.find("--force"), std::string::npos);
    EXPECT_EQ(disk_.files.size(), 1U);
    EXPECT_EQ(disk_.files[path].content, "by hand\n");
    EXPECT_TRUE(write(true).ok());
    EXPECT_NE(disk_.files[path].content, "by hand\n");
  }
}

TEST_F(ImportFilesTest, KeepsADeclarationCopiedFromTheOtherNode) {
  HAPair copied = pair();
  copied.primary.name = "exchange";  // the other node's business
  copied.changes_allow = Reach::reload;
  const std::string text = to_json(copied).dump();
  disk_.files[kPair] = text;
  found_.peer_name = {};  // nothing here tells it, and nothing need
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(disk_.files[kPair].content, text);
  EXPECT_EQ(disk_.files[kImported].content, text);
  EXPECT_EQ(parse_operator(disk_.files[kOperator].content, kOperator)->node, "pbx-b");
}

TEST_F(ImportFilesTest, RefusesACopyThatCallsThisNodeByAnotherName) {
  HAPair copied = pair();
  copied.secondary.name = "pbx-a-peer";  // made up over there
  disk_.files[kPair] = to_json(copied).dump();
  const auto refused = write();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("pbx-a-peer"), std::string::npos);
  EXPECT_NE(refused.error().message.find("--node pbx-a-peer"), std::string::npos);
  EXPECT_EQ(disk_.files.size(), 1U);
  // It is meant: spec.node of operator.yaml, or --node, says so.
  found_.own_name = {"pbx-a-peer", "the host name, or spec.node"};
  ASSERT_TRUE(write().ok());
  EXPECT_EQ(parse_operator(disk_.files[kOperator].content, kOperator)->node, "pbx-a-peer");
}

TEST_F(ImportFilesTest, WritesNoNameThatWasMadeUp) {
  found_.peer_name = {};
  for (const bool force : {false, true}) {
    const auto refused = write(force);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("tandem import --write /etc/tandem --peer-name NAME"),
              std::string::npos);
    EXPECT_TRUE(disk_.files.empty());
  }
}

TEST_F(ImportFilesTest, RefusesACopyThatContradictsTheNode) {
  HAPair copied = pair();
  std::swap(copied.primary, copied.secondary);
  disk_.files[kPair] = to_json(copied).dump();
  const auto written = write();
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("192.0.2.1"), std::string::npos);
  EXPECT_EQ(disk_.files.size(), 1U);
}

TEST_F(ImportFilesTest, LeavesBothOrNoneWhereTheDiskFails) {
  disk_.change_errors[kPair] = Error{Fault::unavailable, "no space left on device"};
  EXPECT_FALSE(write().ok());
  EXPECT_TRUE(disk_.files.empty()) << "what was written is taken back";
}

TEST_F(ImportFilesTest, PutsBackWhatWasThereForAllWhoReadIt) {
  ASSERT_TRUE(write().ok());
  disk_.files[kPair].content = "# another\n";
  disk_.files[kOperator].content = "# another\n";
  disk_.files[kImported].content = "# another\n";
  disk_.change_errors[kPair] = Error{Fault::unavailable, "no space left on device"};
  EXPECT_FALSE(write(true).ok());
  EXPECT_EQ(disk_.files[kOperator].content, "# another\n");
  EXPECT_EQ(disk_.files[kOperator].mode, 0644U);
  EXPECT_EQ(disk_.files[kImported].content, "# another\n");
}

TEST_F(ImportFilesTest, StoppedAfterAnyStepIsFinishedByTheNextCall) {
  for (int changes = 0; changes < 6; ++changes) {
    disk_ = fakes::MemoryFilesystem();
    disk_.changes_left = changes;
    const bool done = write().ok();
    EXPECT_TRUE(done || !disk_.files.contains(kPair)) << "the declaration comes last";
    disk_.changes_left = 1'000'000;
    EXPECT_TRUE(write().ok());
    EXPECT_EQ(disk_.files.size(), 3U);
  }
}

TEST_F(ImportFilesTest, MakesTheFirstDeclarationOneThatNeedsNoOrder) {
  ASSERT_TRUE(write().ok());
  SpecKeeper keeper(disk_, kPair, "/var/lib/tandem", "pbx-b");
  ASSERT_TRUE(keeper.load().ok());
  EXPECT_TRUE(keeper.look(Instant{}, true).accepted);
  EXPECT_EQ(keeper.view().generation, 1);
}

TEST_F(ImportFilesTest, StillWantsAnOrderForWhatIsStructural) {
  ASSERT_TRUE(write().ok());
  HAPair edited = pair();
  edited.failover.owner = Owner::tandem;
  disk_.files[kPair] = to_json(edited).dump();
  SpecKeeper keeper(disk_, kPair, "/var/lib/tandem", "pbx-b");
  EXPECT_FALSE(keeper.look(Instant{}, true).accepted);
  EXPECT_EQ(keeper.view().structural,
            std::vector<std::string>{"spec.failover.owner: vendor -> tandem"});
}

TEST(ImportNode, FindsTheAddressNearestToThePeer) {
  const std::vector<LocalAddress> local{
      {"lo", "127.0.0.1", false}, {"eth0", "192.0.2.10", false}, {"eth1", "198.51.100.10", false}};
  EXPECT_EQ(nearest_address(local, "192.0.2.11"), "192.0.2.10");
  EXPECT_EQ(nearest_address(local, "198.51.100.11"), "198.51.100.10");
  EXPECT_EQ(nearest_address({{"lo", "127.0.0.1", false}}, "192.0.2.11"), "");
  EXPECT_EQ(nearest_address({{"eth0", "10.0.0.2", false}, {"eth1", "10.0.0.3", false}}, "10.0.0.1"),
            "")
      << "nothing tells the two apart";
}

TEST(ImportNode, FindsThePeersNameInTheHostsFile) {
  const std::string hosts =
      "127.0.0.1 localhost\n# 192.0.2.11 not-this\n192.0.2.11\tpbx-b.example.org pbx-b\n";
  EXPECT_EQ(host_name_of(hosts, "192.0.2.11"), "pbx-b");
  EXPECT_EQ(host_name_of(hosts, "192.0.2.12"), "");
}

}  // namespace
}  // namespace tandem
