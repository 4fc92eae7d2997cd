#include "pbx/sip.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tandem
