// An hour of probing against a real fail2ban, which reads what Asterisk writes about it.
//
// Asterisk's part is restated: it answers an unknown sender's OPTIONS with a challenge, which its
// security log notes; from the fifth such request within five seconds on it also notes each as one
// of nobody it knows, and those lines are what jails count. Restated on the strict side: every
// window of five seconds counts, where Asterisk begins a new one only now and then, and it hears
// every datagram, also those whose answers are lost. The jails are strict too: one line bans.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <thread>

#include "tests/ports/temporary_folder.h"
#include "tests/reconciler/failover/probing_world.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::hours kHour{1};
constexpr std::size_t kNotedFrom = 5;
constexpr seconds kNotedWithin{5};

// The other side of each question, and when each datagram of it was there.
class CountingServer : public Datagrams {
 public:
  // How long the server takes to answer the question, or that it does not.
  using Mood = std::function<std::optional<milliseconds>()>;

  CountingServer(Clock& clock, Mood mood) : clock_(clock), mood_(std::move(mood)) {}

  std::vector<Instant> arrivals;

  Task<Result<std::string>> ask(DatagramRequest request) override {
    const Instant begin = clock_.now();
    const auto answered_after = mood_();
    const bool answers = answered_after && *answered_after < request.deadline;
    const milliseconds open = answers ? *answered_after : request.deadline;
    arrivals.push_back(begin);
    for (const milliseconds again : request.again)
      if (again < open) arrivals.push_back(begin + again);
    const auto signal = clock_.make_signal();
    co_await clock_.wait(*signal, begin + open);
    if (!answers) co_return Error{Fault::timed_out, "no answer"};
    const auto at = request.payload.find("Via:");
    const std::string via = request.payload.substr(at, request.payload.find("\r\n", at) - at);
    co_return "SIP/2.0 401 Unauthorized\r\n" + via + "\r\nCSeq: 1 OPTIONS\r\n\r\n";
  }

 private:
  Clock& clock_;
  Mood mood_;
};

// Of one sender, the seconds since the beginning at which each line is written.
struct Note {
  seconds at{};
  std::string sender;
  bool as_unknown = false;  // else it is the challenge
};

std::vector<Note> what_asterisk_notes(const std::string& sender, Instant start,
                                      const std::vector<Instant>& arrivals) {
  std::vector<Note> notes;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const auto at = std::chrono::duration_cast<seconds>(arrivals[i] - start);
    notes.push_back({at, sender, false});
    const bool noted =
        i + 1 >= kNotedFrom && arrivals[i] - arrivals[i + 1 - kNotedFrom] < kNotedWithin;
    if (noted) notes.push_back({at, sender, true});
  }
  return notes;
}

// A fail2ban server of the test's own, with two jails over one log.
class TestFail2ban {
 public:
  static constexpr const char* kDistribution = "/etc/fail2ban/filter.d";

  TestFail2ban() {
    for (const char* folder : {"etc/action.d", "etc/filter.d", "run"})
      std::filesystem::create_directories(root_ / folder);
    for (const char* file : {"asterisk.conf", "common.conf"})
      std::filesystem::copy_file(std::string(kDistribution) + "/" + file,
                                 root_ / ("etc/filter.d/" + std::string(file)));
    write_to(root_ / "etc/fail2ban.conf",
             "[Definition]\nloglevel = INFO\nlogtarget = " + root_.path() +
                 "/server.log\nsyslogsocket = auto\nsocket = " + socket() +
                 "\npidfile = " + root_.path() +
                 "/run/pid\ndbfile = None\n"
                 "dbpurgeage = 1d\ndbmaxmatches = 10\nallowipv6 = auto\n"
                 "[Thread]\nstacksize = 0\n");
    write_to(root_ / "etc/action.d/none.conf", "[Definition]\nactionban = true\nactionunban = \n");
    // The vendor's jail counts requests of nobody that Asterisk knows.
    write_to(root_ / "etc/filter.d/unknown-sender.conf",
             "[Definition]\nfailregex = NOTICE.* Request '[A-Z]+' from '.*' failed for "
             "'<HOST>:\\d+' .* - No matching endpoint found after \\d+ tries in .* ms$\n");
    write_to(root_ / "etc/jail.conf", "[DEFAULT]\nignoreip = 127.0.0.1/8\n" +
                                          jail("vendor", "unknown-sender") +
                                          jail("distribution", "asterisk"));
  }
  TestFail2ban(const TestFail2ban&) = delete;
  TestFail2ban& operator=(const TestFail2ban&) = delete;
  ~TestFail2ban() {
    if (std::filesystem::exists(socket())) client("stop");
  }

  std::string log() const { return root_ / "log"; }
  bool start() const {
    client("start");
    return within_patience([&] { return client("ping").find("pong") != std::string::npos; });
  }
  bool bans(const std::string& jail, const std::string& address) const {
    const std::string banned = ' ' + client("get " + jail + " banip") + ' ';
    return banned.find(' ' + address + ' ') != std::string::npos;
  }
  std::string server_log() const { return content_of(root_ / "server.log"); }

  static bool within_patience(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + seconds{60};
    while (std::chrono::steady_clock::now() < deadline) {
      if (holds()) return true;
      std::this_thread::sleep_for(milliseconds{100});
    }
    return false;
  }

 private:
  std::string socket() const { return root_ / "run/socket"; }
  std::string jail(const std::string& name, const std::string& filter) const {
    return "[" + name + "]\nenabled = true\nfilter = " + filter +
           "\nbackend = polling\nlogpath = " + log() +
           "\nmaxretry = 1\nfindtime = 3h\nbantime = 1h\naction = none\n";
  }
  // What it said, each line's end a blank.
  std::string client(const std::string& words) const {
    const std::string command = "fail2ban-client -c " + root_.path() + "/etc -s " + socket() +
                                " -p " + root_.path() + "/run/pid " + words + " 2>&1";
    FILE* const output = popen(command.c_str(), "r");
    std::string text;
    for (int c = 0; (c = fgetc(output)) != EOF;) text += c == '\n' ? ' ' : static_cast<char>(c);
    pclose(output);
    return text;
  }

  TemporaryFolder root_;
};

std::string line_of(const Note& note, std::chrono::system_clock::time_point start) {
  const std::time_t when = std::chrono::system_clock::to_time_t(start + note.at);
  std::tm parts{};
  localtime_r(&when, &parts);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &parts);
  const std::string event =
      R"([{}] SECURITY[812] res_security_log.c: SecurityEvent="{}",EventTV="x",Severity="{}",)"
      R"(Service="PJSIP",EventVersion="1",AccountID="tandem",SessionID="x",)"
      R"(LocalAddress="IPV4/UDP/192.0.2.10/5060",RemoteAddress="IPV4/UDP/{}/40000")"
      "\n";
  if (!note.as_unknown)
    return fmt::format(fmt::runtime(event), stamp, "ChallengeSent", "Informational", note.sender);
  return fmt::format(
             "[{0}] NOTICE[812] res_pjsip/pjsip_distributor.c: Request 'OPTIONS' from "
             "'<sip:tandem@{1}>' failed for '{1}:40000' (callid: x@{1}) - No matching endpoint "
             "found after 5 tries in 4000.000 ms\n",
             stamp, note.sender) +
         fmt::format(fmt::runtime(event), stamp, "InvalidAccountID", "Error", note.sender);
}

// An hour of the probes as they are, with the declaration's defaults.
std::vector<Note> an_hour_of_probing(const std::string& sender, CountingServer::Mood mood) {
  boost::asio::io_context io;
  fakes::FakeClock clock;
  clock.waits_left = 1'000'000;
  fakes::FakeReachability network;
  fakes::FakeRoutes routes;
  CountingServer peer(clock, std::move(mood));
  fakes::FakeDatagrams own(&clock);
  Sip peer_sip(peer, clock), own_sip(own, clock);
  RecordingSink sink;
  Probing probing(io.get_executor(), {network, routes, peer_sip, own_sip, clock}, sink, 1,
                  [](const std::string& why) { ADD_FAILURE() << why; });
  const Instant start = clock.now();
  probing.follow(probe_plan(probed_pair(), Role::secondary));
  const auto signal = clock.make_signal();
  run(io, clock.wait(*signal, start + kHour));
  EXPECT_GT(peer.arrivals.size(), 1'700U) << sender << " did not probe for an hour";
  for (const Sample& sample : sink.samples["sip"])
    EXPECT_NE(sample.heard, Heard::unknown) << sample.reason;
  std::sort(peer.arrivals.begin(), peer.arrivals.end());
  return what_asterisk_notes(sender, start, peer.arrivals);
}

std::vector<Note> an_hour_of(const std::string& sender, milliseconds period) {
  std::vector<Instant> arrivals;
  for (Instant at{}; at < Instant{} + kHour; at += period) arrivals.push_back(at);
  return what_asterisk_notes(sender, Instant{}, arrivals);
}

TEST(ProbingAndFail2ban, AnHourOfItBansNobody) {
  if (!std::filesystem::exists(std::string(TestFail2ban::kDistribution) + "/asterisk.conf"))
    GTEST_SKIP() << "fail2ban is not installed";
  std::mt19937 dice(11);
  std::vector<Note> notes;
  const auto add = [&](const std::vector<Note>& more) {
    notes.insert(notes.end(), more.begin(), more.end());
  };
  add(an_hour_of_probing("10.0.0.1", [] { return milliseconds{3}; }));
  add(an_hour_of_probing("10.0.0.2", [] { return std::optional<milliseconds>(); }));
  add(an_hour_of_probing("10.0.0.3", [&dice]() -> std::optional<milliseconds> {
    if (dice() % 2 == 0) return std::nullopt;
    return milliseconds{dice() % 2'000};
  }));
  add(an_hour_of("10.0.0.8", milliseconds{1'300}));  // four in five seconds: as we may
  add(an_hour_of("10.0.0.9", milliseconds{833}));    // six in five seconds
  add({{std::chrono::duration_cast<seconds>(kHour), "10.0.0.99", true}});  // the end of the log
  std::stable_sort(notes.begin(), notes.end(),
                   [](const Note& a, const Note& b) { return a.at < b.at; });

  TestFail2ban fail2ban;
  const auto begin = std::chrono::system_clock::now() - kHour;
  std::ofstream log(fail2ban.log());
  for (const Note& note : notes) log << line_of(note, begin);
  log.close();
  ASSERT_TRUE(fail2ban.start());
  for (const char* jail : {"vendor", "distribution"}) {
    ASSERT_TRUE(fail2ban.within_patience([&] { return fail2ban.bans(jail, "10.0.0.99"); }))
        << jail << " did not read to the end\n"
        << fail2ban.server_log();
    EXPECT_TRUE(fail2ban.bans(jail, "10.0.0.9")) << jail << ": the control";
    for (const char* good : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.8"})
      EXPECT_FALSE(fail2ban.bans(jail, good)) << jail << " banned " << good;
  }
}

}  // namespace
}  // namespace tandem
