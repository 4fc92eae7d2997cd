#include "reconciler/failover/peer_keeper.h"

#include <gtest/gtest.h>

#include "core/digest.h"
#include "core/order_text.h"
#include "core/peer_word_text.h"
#include "tests/core/peer_samples.h"
#include "tests/fakes/fake_http.h"
#include "tests/reconciler/world.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

constexpr const char* kUrl = "https://192.0.2.10:9878";
constexpr const char* kPrevious = "/etc/tandem/pair.yaml.previous";

// The secondary's side; the primary is what `http` answers.
class PeerKeeperTest : public testing::Test {
 protected:
  PeerKeeperTest() {
    word.pair = "montreal";
    word.node = "pbx-a";
    word.role = Role::primary;
    word.state = NodeState::serving;
    http.on("GET", std::string(kUrl) + kPeerPath, [this](const auto&) { return say(); });
    http.on("GET", std::string(kUrl) + kPairFilePath, [this](const auto&) {
      ++fetches;
      return Result<HttpResponse>(HttpResponse{200, {}, pair_file});
    });
  }
  ~PeerKeeperTest() override {
    if (!keeper) return;
    keeper->stop();
    pass(1ms);
  }

  Result<HttpResponse> say() const {
    if (silent) return Error{Fault::timed_out, "no answer"};
    return HttpResponse{200, {}, to_text(word)};
  }
  void start(const std::string& pair, bool with_link = true) {
    disk.files[kPairFile] = pair.c_str();
    disk.files[kPairFile].mode = 0640;
    specs.look(clock.now(), true);
    ASSERT_TRUE(specs.accept_structural("a test").ok());
    const auto own = [this] {
      PeerWord mine;
      mine.role = Role::secondary;
      mine.spec_sha256 = mine.wanted_sha256 = specs.view().sha256;
      return mine;
    };
    keeper = std::make_unique<PeerKeeper>(PeerKeeperParts{clock, with_link ? &http : nullptr, disk,
                                                          specs, "pbx-b", std::nullopt, "9878", own,
                                                          [this] { ++changes; }});
    spawn(io.get_executor(), keeper->run(), [](const std::string& why) { FAIL() << why; });
  }
  // What is in force on the primary.
  void primary_holds(const std::string& text) {
    pair_file = text;
    word.spec_sha256 = word.wanted_sha256 = sha256(text);
  }
  void pass(std::chrono::milliseconds time) { run(io, pause(time)); }
  Task<void> pause(std::chrono::milliseconds time) {
    auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }
  Condition find(const std::string& type) const {
    for (const auto& condition : keeper->conditions())
      if (condition.type == type) return condition;
    return {};
  }
  static std::string following(const std::string& more = "") {
    return pair_yaml("  distribution: fromPrimary\n" + more);
  }
  const std::string& file() { return disk.files[kPairFile].content; }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::MemoryFilesystem disk;
  FakeHttp http;
  SpecKeeper specs{disk, kPairFile, "/var/lib/tandem", "pbx-b"};
  PeerWord word;
  std::string pair_file;
  bool silent = false;
  int fetches = 0, changes = 0;
  std::unique_ptr<PeerKeeper> keeper;
};

TEST_F(PeerKeeperTest, HearsTheOtherNodeOncePerPeriod) {
  start(pair_yaml());
  pass(10'500ms);
  EXPECT_EQ(http.sent.size(), 11U);
  EXPECT_EQ(http.sent[0].url, std::string(kUrl) + "/api/v1/peer");
  EXPECT_EQ(keeper->word(), word);
  EXPECT_TRUE(keeper->hears());
  EXPECT_EQ(changes, 1) << "the same again is no news";
}

TEST_F(PeerKeeperTest, ForgetsTheWordAfterThreePeriodsOfSilence) {
  start(pair_yaml());
  pass(500ms);
  silent = true;
  pass(2s);
  EXPECT_EQ(keeper->word(), word) << "one lost answer is nothing";
  EXPECT_EQ(keeper->sample().heard, Heard::silent);
  pass(3s);
  EXPECT_EQ(keeper->word(), std::nullopt);
  EXPECT_FALSE(keeper->hears());
  ASSERT_TRUE(keeper->last_said()) << "what it said last can still be shown";
  EXPECT_EQ(keeper->last_said()->word, word);
  silent = false;
  pass(1s);
  EXPECT_TRUE(keeper->hears());
}

TEST_F(PeerKeeperTest, WithoutALinkNobodyIsAskedAndOrdersNameTheOtherNode) {
  start(pair_yaml(), false);
  pass(10s);
  EXPECT_TRUE(http.sent.empty());
  EXPECT_EQ(find("PeerLinkUp").reason, "NotSetUp");
  const auto refused = run(io, keeper->forward(samples::order(Order::Kind::ack)));
  EXPECT_EQ(refused.error().fault, Fault::not_found);
}

TEST_F(PeerKeeperTest, TakesAnOrderOverAndBringsTheAnswerBack) {
  start(pair_yaml());
  http.on("POST", std::string(kUrl) + kPeerOrdersPath,
          HttpResponse{200, {}, R"({"message": "taken over in 4 s"})"});
  const auto order = samples::order(Order::Kind::takeover);
  EXPECT_EQ(run(io, keeper->forward(order)).value(), "taken over in 4 s");
  EXPECT_EQ(parse_order(http.sent.back().body).value(), order);
  EXPECT_EQ(http.sent.back().certificate_name, "pbx-a");
}

TEST_F(PeerKeeperTest, TellsARefusalFromAnOrderWhoseFateIsNotKnown) {
  start(pair_yaml());
  const auto url = std::string(kUrl) + kPeerOrdersPath;
  const auto forward = [&] { return run(io, keeper->forward(samples::order(Order::Kind::ack))); };
  http.on("POST", url, HttpResponse{409, {}, R"({"detail": "nobody would serve"})"});
  EXPECT_EQ(forward().error().fault, Fault::invalid);
  EXPECT_NE(forward().error().message.find("nobody would serve"), std::string::npos);
  http.on("POST", url, HttpResponse{403, {}, "{}"});
  EXPECT_EQ(forward().error().fault, Fault::denied);
  http.on("POST", url, HttpResponse{503, {}, "garbage"});
  EXPECT_EQ(forward().error().fault, Fault::unavailable);
  http.on("POST", url, Error{Fault::connection_cut, "cut"});
  EXPECT_EQ(forward().error().fault, Fault::connection_cut);
}

TEST_F(PeerKeeperTest, ADeclarationThatWasLostComesBackForItsOwnerAlone) {
  start(following());
  ASSERT_TRUE(disk.remove(kPairFile).ok());
  const std::string next = following("  sip: { preset: fast }\n");
  primary_holds(next);
  pass(2s);
  EXPECT_EQ(file(), next);
  EXPECT_EQ(disk.files[kPairFile].mode, 0600U);
}

TEST_F(PeerKeeperTest, FollowsThePrimarysDeclaration) {
  start(following());
  const std::string next = following("  sip: { preset: fast }\n");
  primary_holds(next);
  pass(2s);
  EXPECT_EQ(file(), next);
  EXPECT_EQ(disk.files[kPairFile].mode, 0640U);
  EXPECT_EQ(disk.files[kPrevious].content, following());
  EXPECT_EQ(disk.files[kPrevious].mode, 0640U) << "it may hold what others must not read";
  EXPECT_EQ(find("PairFileTaken").status, Truth::yes);
  pass(10s);
  EXPECT_EQ(fetches, 1);
}

TEST_F(PeerKeeperTest, FollowsNobodyWhereTheDeclarationIsDistributedByHand) {
  start(pair_yaml());
  primary_holds(following("  sip: { preset: fast }\n"));
  pass(5s);
  EXPECT_EQ(fetches, 0);
  EXPECT_EQ(file(), pair_yaml());
  EXPECT_EQ(find("PairFileTaken").type, "");
}

// The file of a node that thinks itself the primary, or of a stranger, is none to follow.
TEST_F(PeerKeeperTest, FollowsThePrimaryAlone) {
  start(following());
  primary_holds(following("  sip: { preset: fast }\n"));
  word.role = Role::secondary;
  pass(5s);
  EXPECT_EQ(fetches, 0);
  EXPECT_EQ(find("PairFileTaken").status, Truth::unknown);
}

TEST_F(PeerKeeperTest, KeepsItsFileWhereThePrimarysIsNotWhatItSays) {
  start(following());
  primary_holds(following("  sip: { preset: fast }\n"));
  pair_file += "# changed on the way\n";
  pass(PairFileTaker::kRetry - 1s);
  EXPECT_EQ(file(), following());
  EXPECT_EQ(find("PairFileTaken").status, Truth::no);
  EXPECT_EQ(fetches, 1) << "it is not asked for every second";
  pair_file = following("  sip: { preset: fast }\n");
  pass(10s);
  EXPECT_EQ(file(), pair_file) << "but again after a while";
}

TEST_F(PeerKeeperTest, KeepsItsFileWhereThePrimarysIsBad) {
  start(following());
  for (const std::string& bad :
       {std::string("garbage"), following("  sip: { preset: slow }\n"), std::string()}) {
    primary_holds(bad);
    pass(5s);
    EXPECT_EQ(file(), following()) << bad;
  }
  EXPECT_FALSE(disk.files.contains(kPrevious));
}

TEST_F(PeerKeeperTest, TakesNoSwapOfRolesAndNoNewNames) {
  start(following());
  std::string swapped = following();
  swapped.replace(swapped.find("pbx-a"), 5, "pbx-X");
  swapped.replace(swapped.find("pbx-b"), 5, "pbx-a");
  std::string renamed = swapped;
  swapped.replace(swapped.find("pbx-X"), 5, "pbx-b");
  for (const std::string& bad : {swapped, renamed}) {
    primary_holds(bad);
    pass(5s);
    EXPECT_EQ(file(), following());
    EXPECT_NE(find("PairFileTaken").message.find("by hand"), std::string::npos);
  }
}

// Who has stolen the primary's certificate would be root here by these.
TEST_F(PeerKeeperTest, TakesNothingThatGivesTheRightsOfRoot) {
  start(following());
  const std::pair<const char*, const char*> kinds[] = {
      {"spec.hooks", "  hooks: { afterTakeover: [[/bin/touch, /tmp/x]] }\n"},
      {"spec.notify[].exec", "  notify: [{ exec: [/bin/touch, /tmp/x] }]\n"},
      {"spec.services", "  services: { activate: [/bin/touch, /tmp/x] }\n"},
      {"spec.isdnSwitch.readCommand",
       "  isdnSwitch: { driver: berofos, readCommand: [/bin/touch, '{device}'] }\n"},
      {"spec.replication.files.directories",
       "  replication: { files: { directories: [/etc/cron.d] } }\n"},
      {"spec.postgresAccess.method", "  postgresAccess: { method: trust }\n"}};
  for (const auto& [field, lines] : kinds) {
    primary_holds(following(lines));
    pass(5s);
    EXPECT_EQ(file(), following()) << field;
    const std::string told = find("PairFileTaken").message;
    EXPECT_NE(told.find(std::string("it changes ") + field + ","), std::string::npos) << told;
  }
  EXPECT_FALSE(disk.files.contains(kPrevious));
}

// What is in force here already may stand in the primary's file, and a mail address may change.
TEST_F(PeerKeeperTest, TakesAnEditBesideACommandThatIsInForceHere) {
  const std::string hooks = "  hooks: { afterTakeover: [[/bin/touch, /tmp/x]] }\n";
  start(following(hooks));
  primary_holds(following(hooks + "  notify: [{ mail: root@localhost }]\n"));
  pass(2s);
  EXPECT_EQ(file(), pair_file);
}

// The order that DESIGN asks for is not given by the primary's file.
TEST_F(PeerKeeperTest, AStructuralDeclarationIsTakenAndWaitsForItsOrder) {
  start(following());
  primary_holds(following("  enabled: false\n"));
  pass(5s);
  EXPECT_EQ(file(), pair_file);
  specs.look(clock.now(), true);
  EXPECT_TRUE(specs.view().pending);
  EXPECT_TRUE(specs.view().accepted->enabled);
}

TEST_F(PeerKeeperTest, ADiskThatRefusesKeepsTheOldFile) {
  start(following());
  primary_holds(following("  sip: { preset: fast }\n"));
  disk.directories.insert(kPrevious);  // the old file can not be kept there
  pass(5s);
  EXPECT_EQ(file(), following());
  EXPECT_EQ(find("PairFileTaken").status, Truth::no);
}

}  // namespace
}  // namespace tandem
