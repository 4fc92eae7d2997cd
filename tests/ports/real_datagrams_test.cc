#include "ports/real_datagrams.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/udp.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "ports/system_error.h"
#include "tests/run.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using std::chrono::milliseconds;

// A server on loopback. `reply` sees each datagram with its number; nullopt is silence.
class Server {
 public:
  using Reply = std::function<std::optional<std::string>(const std::string&, int)>;

  Server(asio::io_context& io, Reply reply)
      : socket_(io, {asio::ip::address_v4::loopback(), 0}), reply_(std::move(reply)) {
    listen();
  }
  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  int seen() const { return seen_; }

 private:
  void listen() {
    socket_.async_receive_from(asio::buffer(buffer_), sender_,
                               [this](boost::system::error_code failed, std::size_t size) {
                                 if (failed) return;
                                 const auto text = reply_({buffer_.data(), size}, seen_++);
                                 if (text) socket_.send_to(asio::buffer(*text), sender_);
                                 listen();
                               });
  }

  udp::socket socket_;
  Reply reply_;
  udp::endpoint sender_;
  std::array<char, 2048> buffer_{};
  int seen_ = 0;
};

class RealDatagramsTest : public testing::Test {
 protected:
  Result<std::string> ask(std::uint16_t port, std::vector<milliseconds> again = {},
                          milliseconds deadline = milliseconds{5'000}) {
    request_.address = "127.0.0.1";
    request_.port = port;
    request_.payload = "ping";
    request_.again = std::move(again);
    request_.deadline = deadline;
    return run(io_, datagrams_.ask(request_));
  }

  asio::io_context io_;
  RealDatagrams datagrams_;
  DatagramRequest request_;
};

TEST_F(RealDatagramsTest, BringsTheAnswer) {
  Server server(io_, [](const std::string& text, int) { return text + " pong"; });
  const auto answer = ask(server.port());
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer.value(), "ping pong");
}

TEST_F(RealDatagramsTest, SendsAgainUntilItIsAnswered) {
  Server server(io_, [](const std::string&, int number) {
    return number < 2 ? std::nullopt : std::optional<std::string>("at last");
  });
  EXPECT_EQ(ask(server.port(), {milliseconds{5}, milliseconds{10}, milliseconds{4'900}}).value(),
            "at last");
  EXPECT_EQ(server.seen(), 3);
}

TEST_F(RealDatagramsTest, DropsWhatIsNoAnswer) {
  request_.is_answer = [](std::string_view text) { return text == "right"; };
  Server server(io_, [](const std::string&, int number) {
    return std::optional<std::string>(number == 0 ? "wrong" : "right");
  });
  EXPECT_EQ(ask(server.port(), {milliseconds{5}}).value(), "right");
}

TEST_F(RealDatagramsTest, TimesOutOnSilence) {
  Server server(io_, [](const std::string&, int) { return std::nullopt; });
  EXPECT_EQ(ask(server.port(), {milliseconds{5}}, milliseconds{30}).error().fault,
            Fault::timed_out);
  EXPECT_EQ(server.seen(), 2);
}

TEST_F(RealDatagramsTest, TellsAClosedPortAtOnce) {
  std::uint16_t port = 0;
  {
    const Server server(io_, [](const std::string&, int) { return std::nullopt; });
    port = server.port();
  }
  EXPECT_EQ(ask(port).error().fault, Fault::connection_refused);
}

// As while Asterisk loads: nobody listens yet.
TEST_F(RealDatagramsTest, OutlastsARefusalWhereItIsAskedTo) {
  std::uint16_t port = 0;
  {
    const Server server(io_, [](const std::string&, int) { return std::nullopt; });
    port = server.port();
  }
  request_.outlasts_refusal = true;
  EXPECT_EQ(ask(port, {milliseconds{5}, milliseconds{10}}, milliseconds{40}).error().fault,
            Fault::connection_refused);

  std::unique_ptr<udp::socket> late;
  asio::steady_timer timer(io_, milliseconds{50});
  timer.async_wait([&](boost::system::error_code) {
    late =
        std::make_unique<udp::socket>(io_, udp::endpoint(asio::ip::address_v4::loopback(), port));
    static std::array<char, 64> buffer;
    static udp::endpoint sender;
    late->async_receive_from(asio::buffer(buffer), sender,
                             [&](boost::system::error_code failed, std::size_t) {
                               if (!failed) late->send_to(asio::buffer("up", 2), sender);
                             });
  });
  EXPECT_EQ(ask(port, {milliseconds{100}, milliseconds{200}}).value(), "up");
}

TEST_F(RealDatagramsTest, CallsWhatItCouldNotAskUnavailable) {
  request_.address = "no address";
  request_.payload = "x";
  EXPECT_EQ(run(io_, datagrams_.ask(request_)).error().fault, Fault::invalid);
  request_.address = "127.0.0.1";
  request_.port = 9;
  request_.payload = std::string(70'000, 'x');  // more than a datagram holds
  EXPECT_EQ(run(io_, datagrams_.ask(request_)).error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace tandem
