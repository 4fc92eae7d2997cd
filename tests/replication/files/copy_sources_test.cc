#include "replication/files/copy_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/gate.h"
#include "pbx/gate_command.h"

namespace tandem::files {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Voicemail = Replication::Voicemail;

class CopySourcesTest : public testing::Test {
 protected:
  std::vector<std::string> paths(Product product = Product::wazo) {
    std::vector<std::string> all;
    for (const Tree& tree : copy_sources(product, replication_).trees) all.push_back(tree.path);
    return all;
  }
  Tree tree(const std::string& path) {
    for (const Tree& each : copy_sources(Product::wazo, replication_).trees)
      if (each.path == path) return each;
    return {};
  }

  Replication replication_;
};

TEST_F(CopySourcesTest, AreTheVendorsAndTheDeclaredOnes) {
  replication_.directories = {"/srv/own/"};
  for (const char* path :
       {"/etc/asterisk/extensions_extra.d", "/var/lib/asterisk/moh", "/var/lib/wazo/sounds/tenants",
        "/var/spool/asterisk/voicemail", "/srv/own"})
    EXPECT_THAT(paths(), Contains(path));
  EXPECT_THAT(paths(Product::xivo), Contains("/var/lib/xivo/sounds/playback"));
}

TEST_F(CopySourcesTest, LeaveOutWhatCallsAreRecordedIn) {
  const Tree sounds = tree("/var/lib/wazo/sounds/tenants");
  EXPECT_TRUE(belongs(sounds, "uuid/playback", true));
  EXPECT_FALSE(belongs(sounds, "uuid/monitor", true));
  EXPECT_FALSE(belongs(sounds, "uuid/recording", true));
  EXPECT_TRUE(belongs(sounds, "uuid/playback/monitor", true)) << "a folder of the users' own";
}

TEST_F(CopySourcesTest, TakeOfVoicemailWhatIsDeclared) {
  const std::string path = "/var/spool/asterisk/voicemail";
  replication_.voicemail = Voicemail::none;
  EXPECT_THAT(paths(), Not(Contains(path)));
  replication_.voicemail = Voicemail::all;
  EXPECT_TRUE(belongs(tree(path), "default/1001/INBOX/msg0000.wav", false));
  EXPECT_TRUE(belongs(tree(path), "default/1001/INBOX/tmp", true));
  EXPECT_FALSE(belongs(tree(path), "default/1001/INBOX/.lock", false));
  EXPECT_FALSE(belongs(tree(path), "default/1001/INBOX/.tandem-harvest-17", false));
  replication_.voicemail = Voicemail::greetings;
  EXPECT_TRUE(belongs(tree(path), "default/1001", true));
  for (const char* greeting : {"unavail.wav", "busy.gsm", "greet.WAV", "temp.wav"})
    EXPECT_TRUE(belongs(tree(path), std::string("default/1001/") + greeting, false)) << greeting;
  EXPECT_FALSE(belongs(tree(path), "default/1001/INBOX", true));
  EXPECT_FALSE(belongs(tree(path), "default/1001/secret", false));
  EXPECT_FALSE(belongs(tree(path), "default/file", false));
}

TEST_F(CopySourcesTest, LieNotInEachOther) {
  replication_.directories = {"/var/lib/asterisk", "/srv/a", "/srv/a/b", "/srv/ab"};
  EXPECT_THAT(paths(), Contains("/var/lib/asterisk"));
  EXPECT_THAT(paths(), Not(Contains("/var/lib/asterisk/moh")));
  EXPECT_THAT(paths(), Not(Contains("/srv/a/b")));
  EXPECT_THAT(paths(), Contains("/srv/ab"));
}

TEST_F(CopySourcesTest, KeepWhatAnotherLeavesOut) {
  const std::string inner = "/var/lib/wazo/sounds/tenants/uuid/recording";
  replication_.directories = {inner, "/var/spool/asterisk/voicemail"};
  EXPECT_THAT(paths(), Contains(inner));
  const Tree voicemail = tree("/var/spool/asterisk/voicemail");
  EXPECT_TRUE(belongs(voicemail, "default/1001/INBOX/msg0000.wav", false)) << "declared as a whole";
  EXPECT_FALSE(belongs(voicemail, "default/1001/INBOX/.lock", false));
}

TEST_F(CopySourcesTest, KnowWhichAreDeclaredAlone) {
  replication_.directories = {"/srv/a", "/var/lib/asterisk/moh", "/etc"};
  EXPECT_EQ(copy_sources(Product::wazo, replication_).declared, std::set<std::string>{"/srv/a"});
}

TEST_F(CopySourcesTest, RefuseWhatIsANodesOwn) {
  for (const char* path : {"/etc", "/var/lib/wazo", "/root/.ssh", "/etc/tandem/ssh", "/etc/xivo",
                           "/var/lib/postgresql/15", "/etc/cron.d", "/srv/*"}) {
    replication_.directories = {path};
    const auto sources = copy_sources(Product::wazo, replication_);
    ASSERT_EQ(sources.unfit.size(), 1U) << path;
    EXPECT_EQ(sources.unfit[0].path, path);
    EXPECT_THAT(paths(), Not(Contains(path)));
  }
  replication_.directories = {"/var/lib/wazo"};
  EXPECT_THAT(copy_sources(Product::wazo, replication_).unfit[0].why,
              HasSubstr("/var/lib/wazo/disabled"));
}

// What is copied is let in there.
TEST_F(CopySourcesTest, AreLetInByTheGateOfTheOtherNode) {
  for (const auto voicemail : {Voicemail::none, Voicemail::greetings, Voicemail::all})
    for (const Product product : {Product::wazo, Product::xivo}) {
      HAPair pair;
      pair.product = product;
      pair.replication.directories = {"/srv/own files", "/srv/own files/inner"};
      pair.replication.voicemail = voicemail;
      for (const Tree& each : copy_sources(product, pair.replication).trees)
        EXPECT_TRUE(place_of(each.path, gate_folders(pair, GateRequest::Verb::push)).ok())
            << each.path;
    }
}

}  // namespace
}  // namespace tandem::files
