// A whole harvest between two nodes: a real sshd with the gate behind the restricted key, real
// rsync, real disks. The primary's part is what app/harvest_service.cc wires.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <filesystem>

#include "pbx/gate_command.h"
#include "pbx/voicemail_files.h"
#include "ports/real_spool.h"
#include "replication/harvest/fetch.h"
#include "replication/harvest/merge.h"
#include "replication/harvest/owed.h"
#include "tests/replication/files/real_pair.h"
#include "tests/run.h"

namespace tandem::harvest {
namespace {

namespace fs = std::filesystem;
using files::kMoh;
using files::kSounds;
using files::kVoicemail;
using testing::HasSubstr;

const std::string kInbox = kVoicemail + "/default/1001/INBOX";

class RealHarvestTest : public testing::Test {
 protected:
  RealHarvestTest() {
    order_.ends = {pair_.pair.primary.address, pair_.pair.secondary.address};
    order_.peer_name = "pbx-b";
    order_.trees = harvest_trees(Product::wazo, pair_.pair.replication);
  }
  ~RealHarvestTest() override {
    session_.close();
    pair_.io.restart();
    pair_.io.run_for(std::chrono::milliseconds{200});
  }

  // The state directories, and what is below the roots.
  std::string state_here() { return side("a") + "/state"; }
  std::string state_there() { return side("b") + "/state"; }

  void leave_message(int number, const std::string& id, const std::string& sound) {
    const std::string base = pair_.there(kInbox) + fmt::format("/msg{:04}", number);
    fs::create_directories(pair_.there(kInbox));
    write_to(base + ".txt", "[message]\norigtime=1795715925\nduration=7\nmsg_id=" + id + "\n");
    write_to(base + ".wav", sound);
  }
  void owes() { ASSERT_TRUE(owe(disk_, state_there(), std::chrono::system_clock::now()).ok()); }

  Result<std::string> ask(const std::string& verb) {
    return run(pair_.io, ssh_.ask(order_.ends, verb));
  }
  OwedAnswer owed() { return read_answer(ask(kHarvestOwed).value()).value(); }
  FetchReport fetch() {
    FetchOrder order = order_;
    order.until = clock_.now() + std::chrono::minutes{2};
    return run(pair_.io, fetch_.run(std::move(order)));
  }
  MergeReport merge_all() {
    MergeReport all;
    for (const HarvestTree& each : order_.trees) {
      RealSpool spool({side("a") + "/root", each.tree.path, state_here() + "/harvest/" + each.store,
                       kVoicemailLock, std::chrono::milliseconds{100}},
                      [] { return false; });
      all += merge(each.kind, spool, MergeOrder{});
    }
    return all;
  }

  std::string side(const std::string& name) {
    const std::string root = name == "a" ? pair_.here("") : pair_.there("");
    return root.substr(0, root.rfind("/root"));
  }

  files::RealPair pair_;
  RealClock clock_;
  RealFilesystem disk_{pair_.io.get_executor(), "/"};
  RealFilesystem files_{pair_.io.get_executor(), pair_.here("")};
  PeerSsh ssh_{disk_, pair_.programs, side("a") + "/ssh"};
  files::Session session_{ssh_, pair_.programs, disk_, clock_, state_here() + "/ssh-harvest"};
  Fetch fetch_{{pair_.programs, session_, disk_, files_, clock_, side("a") + "/root",
                state_here() + "/harvest"}};
  FetchOrder order_;
};

TEST_F(RealHarvestTest, BringsAllHomeAndOpensTheFoldersToCopiesAgain) {
  const std::string monitor = kSounds + "/t1/monitor", prompts = kSounds + "/t1/playback";
  for (const std::string& folder : {pair_.there(monitor), pair_.there(prompts), pair_.there(kMoh),
                                    pair_.here(kMoh), pair_.here(kInbox)})
    fs::create_directories(folder);
  leave_message(0, "1-a", "a voice");
  write_to(pair_.there(kVoicemail + "/default/1001/unavail.wav"), "a greeting");
  write_to(pair_.there(monitor + "/call.wav"), "a call");
  write_to(pair_.there(prompts + "/prompt.wav"), "a prompt");
  write_to(pair_.there(kMoh + "/hold.wav"), "music");
  fs::create_symlink("/etc/passwd", pair_.there(kMoh + "/link.wav"));
  owes();
  EXPECT_TRUE(owed().owed.owed);
  EXPECT_TRUE(owed().stands_by);
  const auto refused = pair_.copy_of(kMoh);
  ASSERT_TRUE(refused.trouble);
  EXPECT_EQ(refused.trouble->reason, files::Reason::harvest_pending) << refused.trouble->message;
  EXPECT_EQ(pair_.copy_of("/etc/xivo/asterisk").trouble.value_or(files::Trouble{}).reason,
            files::Reason::source_missing)
      << "the gate holds no other folder";

  const auto fetched = fetch();
  ASSERT_FALSE(fetched.trouble) << *fetched.trouble;
  EXPECT_EQ(fetched.files, 6U);
  EXPECT_EQ(mode_of(state_here() + "/harvest/voicemail/default") & 0077U, 0U) << "it is private";
  const auto merged = merge_all();
  ASSERT_TRUE(merged.ok()) << merged.troubles.front();
  EXPECT_EQ(merged.counts, (Counts{1, 1, 1, 2, 0, 0}));
  EXPECT_EQ(content_of(pair_.here(kInbox + "/msg0000.wav")), "a voice");
  EXPECT_EQ(content_of(pair_.here(monitor + "/call.wav")), "a call");
  EXPECT_EQ(content_of(pair_.here(prompts + "/prompt.wav")), "a prompt");
  EXPECT_EQ(content_of(pair_.here(kMoh + "/hold.wav")), "music");
  EXPECT_FALSE(fs::exists(fs::symlink_status(pair_.here(kMoh + "/link.wav"))));

  EXPECT_EQ(fetch().files, 0U) << "a second one brings nothing";
  EXPECT_EQ(merge_all().counts, Counts{});
  EXPECT_FALSE(ask(harvest_home(owed().owed.number - 1)).ok()) << "another one is owed";
  ASSERT_TRUE(ask(harvest_home(owed().owed.number)).ok());
  EXPECT_FALSE(owed().owed.owed);
  EXPECT_FALSE(pair_.copy_of(kMoh).trouble);
  ASSERT_TRUE(run(pair_.io, fetch_.clear()).ok());
  EXPECT_FALSE(fs::exists(state_here() + "/harvest"));
}

TEST_F(RealHarvestTest, ReadsFromANodeThatServesAndEndsNothingThere) {
  leave_message(0, "1-a", "a voice");
  owes();
  pair_.serve();
  EXPECT_FALSE(owed().stands_by);
  EXPECT_FALSE(fetch().trouble);
  EXPECT_FALSE(ask(harvest_home(owed().owed.number)).ok());
  EXPECT_TRUE(owed().owed.owed);
  // Heard and deleted there meanwhile: what was fetched follows.
  fs::remove_all(pair_.there(kInbox));
  leave_message(0, "2-b", "another voice");
  pair_.stand_by();
  EXPECT_FALSE(fetch().trouble);
  EXPECT_EQ(merge_all().counts.messages, 1U);
  EXPECT_EQ(content_of(pair_.here(kInbox + "/msg0000.wav")), "another voice");
}

TEST_F(RealHarvestTest, GoesOnWhereACutLinkEndedIt) {
  for (int i = 0; i < 4; ++i) leave_message(i, std::to_string(i), std::string(12 << 20U, 'a'));
  owes();
  std::optional<FetchReport> report;
  FetchOrder order = order_;
  order.until = clock_.now() + std::chrono::minutes{2};
  const auto keep = [](Task<FetchReport> task, std::optional<FetchReport>& kept) -> Task<void> {
    kept.emplace(co_await std::move(task));
  };
  boost::asio::co_spawn(pair_.io, keep(fetch_.run(std::move(order)), report), [](auto) {});
  const std::string brought = state_here() + "/harvest/voicemail/default/1001/INBOX";
  pair_.run_until([&] { return report || (fs::exists(brought) && !fs::is_empty(brought)); });
  pair_.cut_connections();
  pair_.run_until([&] { return report.has_value(); });
  ASSERT_TRUE(report->trouble) << "it was cut too late";
  EXPECT_EQ(report->reason, "Cut") << *report->trouble;
  EXPECT_TRUE(owed().owed.owed);
  EXPECT_FALSE(fetch().trouble);
  EXPECT_EQ(merge_all().counts.messages, 4U);
}

TEST_F(RealHarvestTest, BringsNothingToADiskWithoutRoom) {
  leave_message(0, "1-a", std::string(8 << 20U, 'a'));
  owes();
  // Nobody else sees this mount, and it goes with us.
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  const std::string small = state_here() + "/harvest";
  fs::create_directories(small);
  ASSERT_EQ(mount("tmpfs", small.c_str(), "tmpfs", 0, "size=4m"), 0);
  const auto report = fetch();
  ASSERT_TRUE(report.trouble);
  EXPECT_EQ(report.reason, "DiskFull");
  EXPECT_THAT(*report.trouble, HasSubstr("no room for"));
  EXPECT_TRUE(fs::is_empty(small + "/voicemail"));
  ASSERT_EQ(umount(small.c_str()), 0);
  EXPECT_FALSE(fetch().trouble);
  // And where it is the mailboxes' own that fills up in the middle.
  fs::create_directories(pair_.here(kVoicemail));
  ASSERT_EQ(mount("tmpfs", pair_.here(kVoicemail).c_str(), "tmpfs", 0, "size=2m"), 0);
  const auto merged = merge_all();
  ASSERT_FALSE(merged.ok());
  EXPECT_THAT(merged.troubles.front(), HasSubstr("No space left on device"));
  EXPECT_TRUE(fs::is_empty(pair_.here(kInbox)));
  ASSERT_EQ(umount(pair_.here(kVoicemail).c_str()), 0);
  EXPECT_EQ(merge_all().counts.messages, 1U);
}

}  // namespace
}  // namespace tandem::harvest
