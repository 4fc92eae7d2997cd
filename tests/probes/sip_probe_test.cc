// The probe over real sockets on loopback: what a server may do, and what others may.
#include "probes/sip_probe.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>

#include "ports/real_clock.h"
#include "ports/real_datagrams.h"
#include "ports/system_error.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_datagrams.h"
#include "tests/run.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Of the first line of that name, with its end.
std::string line_of(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  return at == std::string::npos ? "" : text.substr(at, text.find("\r\n", at) + 2 - at);
}

std::string reply(const std::string& request, const std::string& status) {
  return "SIP/2.0 " + status + "\r\n" + line_of(request, "Via:") + line_of(request, "From:") +
         line_of(request, "To:") + line_of(request, "Call-ID:") + line_of(request, "CSeq:") +
         "Content-Length: 0\r\n\r\n";
}

// A SIP server of the test's; `act` sees each datagram and may send what it likes.
class Server {
 public:
  using Act = std::function<void(Server&, const std::string& request)>;

  Server(asio::io_context& io, Act act)
      : io_(io), socket_(io, {asio::ip::address_v4::loopback(), 0}), act_(std::move(act)) {
    listen();
  }
  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  int seen() const { return seen_; }

  void send(const std::string& text) { socket_.send_to(asio::buffer(text), asker_); }
  void send_from_another_port(const std::string& text) {
    udp::socket other(io_, {asio::ip::address_v4::loopback(), 0});
    other.send_to(asio::buffer(text), asker_);
  }
  void send_later(const std::string& text, milliseconds later) {
    auto& timer = timers_.emplace_back(io_, later);
    timer.async_wait([this, text](boost::system::error_code failed) {
      if (!failed) send(text);
    });
  }

 private:
  void listen() {
    socket_.async_receive_from(asio::buffer(buffer_), asker_,
                               [this](boost::system::error_code failed, std::size_t size) {
                                 if (failed) return;
                                 ++seen_;
                                 act_(*this, {buffer_.data(), size});
                                 listen();
                               });
  }

  asio::io_context& io_;
  udp::socket socket_;
  Act act_;
  udp::endpoint asker_;
  std::list<asio::steady_timer> timers_;
  std::array<char, 4096> buffer_{};
  int seen_ = 0;
};

class SipProbeTest : public testing::Test {
 protected:
  Sample probe(std::uint16_t port, milliseconds limit = seconds{5}) {
    SipQuestion question;
    question.own = question.address = "127.0.0.1";
    question.port = port;
    question.limit = limit;
    return run(io_, probe_sip(sip_, clock_, question));
  }

  asio::io_context io_;
  RealClock clock_;
  RealDatagrams datagrams_;
  Sip sip_{datagrams_, clock_};
};

TEST_F(SipProbeTest, TakesAnyFinalAnswerForLife) {
  for (const std::string status : {"200 OK", "401 Unauthorized", "404 Not Found"}) {
    Server server(io_, [&](Server& s, const std::string& text) { s.send(reply(text, status)); });
    const Sample sample = probe(server.port());
    EXPECT_EQ(sample.heard, Heard::answers) << sample.reason;
    EXPECT_FALSE(sample.poor);
    EXPECT_TRUE(sample.reason.starts_with(status.substr(0, 3))) << sample.reason;
  }
}

TEST_F(SipProbeTest, CallsAnOverloadedServerPoor) {
  Server server(io_, [](Server& s, const std::string& text) {
    s.send(reply(text, "503 Service Unavailable"));
  });
  const Sample sample = probe(server.port());
  EXPECT_EQ(sample.heard, Heard::answers);
  EXPECT_TRUE(sample.poor);
}

TEST_F(SipProbeTest, CallsALateAnswerPoor) {
  Server server(io_, [](Server& s, const std::string& text) {
    s.send_later(reply(text, "200 OK"), milliseconds{2'100});
  });
  const Sample sample = probe(server.port(), seconds{20});
  EXPECT_EQ(sample.heard, Heard::answers);
  EXPECT_TRUE(sample.poor);
}

TEST_F(SipProbeTest, WaitsBeyondAProvisionalAnswer) {
  Server server(io_, [](Server& s, const std::string& text) {
    s.send(reply(text, "100 Trying"));
    s.send(reply(text, "200 OK"));
  });
  EXPECT_TRUE(probe(server.port()).reason.starts_with("200"));
}

TEST_F(SipProbeTest, TakesNoAnswerOfAnotherTransaction) {
  Server server(io_, [](Server& s, const std::string& text) {
    std::string wrong = reply(text, "200 OK");
    wrong.replace(wrong.find("z9hG4bK.tandem."), 20, "z9hG4bK.tandem.00000");
    s.send(wrong);
  });
  EXPECT_EQ(probe(server.port(), milliseconds{300}).heard, Heard::silent);
  EXPECT_EQ(server.seen(), 1);
}

TEST_F(SipProbeTest, TakesNoMalformedAnswer) {
  Server server(io_, [](Server& s, const std::string& text) {
    s.send("");
    s.send(std::string("\0\0\0\0", 4));
    s.send("SIP/2.0 200 OK");
    s.send("SIP/2.0 20 OK\r\n" + line_of(text, "Via:") + line_of(text, "CSeq:") + "\r\n");
    s.send("HTTP/1.1 200 OK\r\n" + line_of(text, "Via:") + line_of(text, "CSeq:") + "\r\n");
    s.send(text);  // the question itself, sent back
  });
  EXPECT_EQ(probe(server.port(), milliseconds{300}).heard, Heard::silent);
}

// The right words from the wrong place: nobody but the server itself can answer for it.
TEST_F(SipProbeTest, TakesNoAnswerFromAnotherPort) {
  Server server(io_, [](Server& s, const std::string& text) {
    s.send_from_another_port(reply(text, "200 OK"));
  });
  EXPECT_EQ(probe(server.port(), milliseconds{300}).heard, Heard::silent);
  EXPECT_EQ(server.seen(), 1);
}

// The second copy of an answer belongs to a question that is over; the next one has its own.
TEST_F(SipProbeTest, IsNotConfusedByAnAnswerThatComesTwice) {
  std::string first;
  Server server(io_, [&](Server& s, const std::string& text) {
    if (first.empty()) {
      first = reply(text, "200 OK");
      s.send(first);
    }
    s.send(first);
  });
  EXPECT_EQ(probe(server.port()).heard, Heard::answers);
  EXPECT_EQ(probe(server.port(), milliseconds{300}).heard, Heard::silent);
}

TEST_F(SipProbeTest, SurvivesALostDatagram) {
  int number = 0;
  Server server(io_, [&](Server& s, const std::string& text) {
    if (++number > 1) s.send(reply(text, "200 OK"));
  });
  EXPECT_EQ(probe(server.port()).heard, Heard::answers);
  EXPECT_EQ(server.seen(), 2);
}

TEST_F(SipProbeTest, TakesAClosedPortForSilence) {
  std::uint16_t port = 0;
  {
    port = Server(io_, [](Server&, const std::string&) {}).port();
  }
  const Sample sample = probe(port);
  EXPECT_EQ(sample.heard, Heard::silent);
  EXPECT_NE(sample.reason.find("nobody listens"), std::string::npos) << sample.reason;
}

TEST_F(SipProbeTest, KnowsNothingWhereItCouldNotAsk) {
  fakes::FakeDatagrams failing;
  Sip sip(failing, clock_);
  for (const Fault fault : {Fault::denied, Fault::unavailable}) {
    failing.error = Error{fault, "no"};
    EXPECT_EQ(run(io_, probe_sip(sip, clock_, SipQuestion{})).heard, Heard::unknown);
  }
}

TEST(SipProbe, KnowsNothingWhereItAskedTooMuch) {
  fakes::FakeClock clock;
  fakes::FakeDatagrams datagrams{&clock};
  Sip sip(datagrams, clock);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(run(probe_sip(sip, clock, SipQuestion{})).heard, Heard::silent);
  EXPECT_EQ(run(probe_sip(sip, clock, SipQuestion{})).heard, Heard::unknown);
}

}  // namespace
}  // namespace tandem
