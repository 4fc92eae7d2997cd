#include "pbx/sip.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_datagrams.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kBranch = "z9hG4bK.tandem.1-abc";

std::string answer(const std::string& status, const std::string& via,
                   const std::string& cseq = "1 OPTIONS") {
  return "SIP/2.0 " + status + "\r\n" + via + "\r\nCSeq: " + cseq + "\r\nContent-Length: 0\r\n\r\n";
}

const std::string kVia = std::string("Via: SIP/2.0/UDP 192.0.2.10;rport=4711;branch=") + kBranch;

TEST(SipMessages, TakesAnyFinalAnswerOfItsOwnForLife) {
  for (const std::string status : {"200 OK", "404 Not Found", "401 Unauthorized", "503 Busy"})
    EXPECT_EQ(final_status(answer(status, kVia), kBranch), std::stoi(status));
}

TEST(SipMessages, TakesNothingElse) {
  EXPECT_EQ(final_status(answer("100 Trying", kVia), kBranch), 0) << "provisional";
  EXPECT_EQ(final_status(answer("200 OK", kVia + "d"), kBranch), 0) << "another's branch";
  EXPECT_EQ(final_status(answer("200 OK", kVia, "1 INVITE"), kBranch), 0);
  EXPECT_EQ(final_status(answer("200 OK", "X: y"), kBranch), 0) << "no Via";
  EXPECT_EQ(final_status("OPTIONS sip:a SIP/2.0\r\n" + kVia + "\r\n\r\n", kBranch), 0);
  for (const char* text : {"", "SIP/2.0 ", "SIP/2.0 2", "SIP/2.0 abc", "SIP/2.0 200", "\r\n"})
    EXPECT_EQ(final_status(text, kBranch), 0) << text;
}

TEST(SipMessages, ReadsShortAndOddlyWrittenHeaders) {
  EXPECT_EQ(final_status(std::string("SIP/2.0 200 OK\r\nv :SIP/2.0/UDP a;branch=") + kBranch +
                             "\r\ncseq:   1 OPTIONS \r\n\r\n",
                         kBranch),
            200);
}

// A Via below the first is that of a proxy, and what stands in the body is no header.
TEST(SipMessages, ReadsTheFirstViaAndNoBody) {
  const std::string other = "Via: SIP/2.0/UDP x;branch=z9hG4bK.other";
  EXPECT_EQ(final_status(answer("200 OK", other + "\r\n" + kVia), kBranch), 0);
  EXPECT_EQ(final_status("SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n" + kVia + "\r\n", kBranch), 0);
}

TEST(SipMessages, AsksAsRfc3261Wants) {
  SipQuestion question;
  question.own = "192.0.2.10";
  question.address = "192.0.2.11";
  const std::string text = options_request(question, kBranch);
  EXPECT_TRUE(text.starts_with("OPTIONS sip:192.0.2.11:5060 SIP/2.0\r\n"));
  for (const char* header : {"\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=", "\r\nMax-Forwards: 70\r\n",
                             "\r\nFrom: <sip:", ">;tag=", "\r\nTo: <sip:192.0.2.11",
                             "\r\nCall-ID: ", "\r\nCSeq: 1 OPTIONS\r\n"})
    EXPECT_NE(text.find(header), std::string::npos) << header;
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

// Whatever comes in, only an answer with our branch, whole and in its place, is taken.
TEST(SipMessages, WithstandAnything) {
  const std::string good = answer("200 OK", kVia);
  const std::string pieces[] = {
      "\r\n", "\n",           ":",      "Via: ",   "v:",      "branch=", kBranch,
      ";",    "SIP/2.0 200 ", "CSeq: ", "OPTIONS", "\r\n\r\n"};
  int taken = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    std::string text = seed % 3 == 0 ? "" : good;
    for (auto i = dice() % 12; i > 0; --i) {
      const std::size_t at = text.empty() ? 0 : dice() % text.size();
      switch (dice() % 4) {
        case 0: text.insert(at, pieces[dice() % std::size(pieces)]); break;
        case 1: text.erase(at, dice() % 9); break;
        case 2: text.insert(at, 1, static_cast<char>(dice())); break;
        default: text.append(pieces[dice() % std::size(pieces)]);
      }
    }
    const int status = final_status(text, kBranch);
    if (status == 0) continue;
    ++taken;
    EXPECT_TRUE(status >= 200 && status <= 699) << text;
    EXPECT_TRUE(text.starts_with("SIP/2.0 " + std::to_string(status) + " ")) << text;
    EXPECT_NE(text.find(kBranch), std::string::npos) << text;
    EXPECT_EQ(final_status(text, "z9hG4bK.tandem.other"), 0) << text;
  }
  EXPECT_GT(taken, 100) << "the changes must leave some answers whole";
}

TEST(SipMessages, TakesNoStatusOfFourDigits) {
  EXPECT_EQ(final_status(answer("2000 OK", kVia), kBranch), 0);
  EXPECT_EQ(final_status(answer("200OK", kVia), kBranch), 0);
}

class SipTest : public testing::Test {
 protected:
  Result<int> ask(milliseconds limit = milliseconds{1'500}) {
    SipQuestion question;
    question.own = question.address = "192.0.2.10";
    question.limit = limit;
    return run(sip_.options(question));
  }

  fakes::FakeClock clock_;
  fakes::FakeDatagrams datagrams_{&clock_};
  Sip sip_{datagrams_, clock_};
};

TEST_F(SipTest, RetransmitsByTheTimersAndWithinTheLimit) {
  EXPECT_EQ(ask(seconds{20}).error().fault, Fault::timed_out);
  const std::vector<milliseconds> wanted{
      milliseconds{500},    milliseconds{1'500},  milliseconds{3'500}, milliseconds{7'500},
      milliseconds{11'500}, milliseconds{15'500}, milliseconds{19'500}};
  EXPECT_EQ(datagrams_.journal.at(0).again, wanted);
}

TEST_F(SipTest, NeverSendsMoreThanFourInFiveSeconds) {
  EXPECT_EQ(ask().error().fault, Fault::timed_out);
  EXPECT_EQ(ask().error().fault, Fault::timed_out);
  EXPECT_EQ(ask().error().fault, Fault::unavailable) << "too soon: nothing is known";
  EXPECT_EQ(datagrams_.journal.size(), 2U);
  clock_.advance(seconds{5});
  EXPECT_EQ(ask().error().fault, Fault::timed_out);
}

TEST_F(SipTest, CountsOnlyWhatWasReallySent) {
  datagrams_.error = Error{Fault::connection_refused, "nobody listens"};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ask(seconds{20}).error().fault, Fault::connection_refused);
  EXPECT_EQ(ask().error().fault, Fault::unavailable);
}

TEST_F(SipTest, WaitsForItsTurnWhereItIsPatient) {
  EXPECT_EQ(ask().error().fault, Fault::timed_out);
  EXPECT_EQ(ask().error().fault, Fault::timed_out);
  SipQuestion question;
  question.own = question.address = "192.0.2.10";
  question.patient = true;
  EXPECT_EQ(run(sip_.options(question)).error().fault, Fault::timed_out) << "it was asked";
  EXPECT_EQ(datagrams_.journal.size(), 3U);
  EXPECT_TRUE(datagrams_.journal.back().outlasts_refusal);
}

TEST_F(SipTest, UsesAnotherBranchEachTime) {
  EXPECT_FALSE(ask().ok());
  EXPECT_FALSE(ask().ok());
  EXPECT_NE(datagrams_.journal.at(0).payload, datagrams_.journal.at(1).payload);
}

// A server that is silent for long: no poll may be refused by our own limit, or the silence would
// look like ignorance. What room is left goes to retransmissions.
TEST_F(SipTest, LeavesRoomForTheRegularQuestions) {
  std::mt19937 dice(7);
  std::vector<Instant> sent;
  for (int i = 0; i < 500; ++i) {
    const Instant begin = clock_.now();
    SipQuestion question;
    question.own = question.address = "192.0.2.10";
    question.next = milliseconds{1'800};
    ASSERT_EQ(run(sip_.options(question)).error().fault, Fault::timed_out) << "question " << i;
    sent.push_back(begin);
    for (const milliseconds later : datagrams_.journal.back().again) sent.push_back(begin + later);
    clock_.advance(begin + milliseconds{1'800 + dice() % 400} - clock_.now());
  }
  for (std::size_t i = 4; i < sent.size(); ++i)
    ASSERT_GE(sent[i] - sent[i - 4], seconds{5}) << "datagram " << i;
  EXPECT_GT(sent.size(), 600U) << "some room is used";
}

TEST_F(SipTest, LeavesRoomForTheRegularQuestionsOfAnother) {
  for (int i = 0; i < 100; ++i) {
    const Instant begin = clock_.now();
    SipQuestion regular;
    regular.own = regular.address = "192.0.2.10";
    regular.next = milliseconds{1'800};
    regular.once = true;
    regular.limit = milliseconds{300};
    ASSERT_EQ(run(sip_.options(regular)).error().fault, Fault::timed_out) << "question " << i;
    EXPECT_TRUE(datagrams_.journal.back().again.empty());
    if (i % 5 == 4) {
      ASSERT_EQ(ask().error().fault, Fault::timed_out) << "there is room for one of another's";
    }
    clock_.advance(begin + milliseconds{2'000} - clock_.now());
  }
}

// A start that waits for its server asks between the regular questions, which go on.
TEST_F(SipTest, WaitsForItsTurnBetweenTheRegularQuestions) {
  SipQuestion regular;
  regular.own = regular.address = "192.0.2.10";
  regular.next = milliseconds{1'800};
  regular.once = true;
  regular.limit = milliseconds{100};
  SipQuestion patient = regular;
  patient.next = milliseconds{0};
  patient.once = false;
  patient.patient = true;
  patient.limit = milliseconds{1'500};
  for (int i = 0; i < 20; ++i) {
    const Instant begin = clock_.now();
    ASSERT_EQ(run(sip_.options(regular)).error().fault, Fault::timed_out) << "question " << i;
    if (i % 6 == 5) {
      ASSERT_EQ(run(sip_.options(patient)).error().fault, Fault::timed_out) << "after " << i;
    }
    if (clock_.now() < begin + seconds{2}) clock_.advance(begin + seconds{2} - clock_.now());
  }
}

// Who knows only that Tandem asks, and when, can not know the branch.
TEST_F(SipTest, UsesABranchThatCanNotBeGuessed) {
  std::set<std::string> branches;
  for (int i = 0; i < 200; ++i) {
    EXPECT_FALSE(ask(milliseconds{100}).ok());
    const std::string& text = datagrams_.journal.back().payload;
    const auto at = text.find("branch=z9hG4bK.tandem.");
    ASSERT_NE(at, std::string::npos);
    branches.insert(text.substr(at + 22, 24));
    clock_.advance(seconds{5});
  }
  EXPECT_EQ(branches.size(), 200U);
}

}  // namespace
}  // namespace tandem
