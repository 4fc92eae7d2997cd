// The two ends of the peer link against each other: our server, our client, certificates of our own
// authority.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/beast_http_server.h"
#include "ports/certificates.h"
#include "ports/cpprest_http.h"
#include "tests/ports/raw_client.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

class PeerTlsTest : public testing::Test {
 protected:
  PeerTlsTest() {
    std::string pattern = testing::TempDir() + "tandem-peer-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    server_files_ = write("server", issue(pair_, "pbx-b"), pair_);
  }
  ~PeerTlsTest() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  static Credential authority() {
    return make_authority("pair", {system_clock::now() - 1h, system_clock::now() + 24h}).value();
  }
  static Credential issue(const Credential& by, const std::string& name,
                          std::chrono::hours until = 1h) {
    const Validity validity{system_clock::now() - 2h, system_clock::now() + until};
    return issue_certificate(by, name, "192.0.2.1", validity).value();
  }
  TlsFiles write(const std::string& name, const Credential& own, const Credential& trusted) {
    const TlsFiles files{path(name + ".ca"), path(name + ".pem"), path(name + ".key")};
    put(files.ca, trusted.certificate);
    put(files.certificate, own.certificate);
    put(files.key, own.key);
    return files;
  }
  std::string path(const std::string& name) const { return folder_ / name; }
  // As a renewal does: a new file under the old name.
  static void put(const std::string& file, const std::string& text) {
    std::ofstream(file + ".new") << text;
    std::filesystem::rename(file + ".new", file);
  }

  void start(HttpServerLimits limits = {}) {
    const auto handler = [this](ServedRequest request) { return answer(std::move(request)); };
    auto server = listen_https(io_, "127.0.0.1:0", server_files_, limits, handler);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    port_ = server_->address().substr(server_->address().rfind(':') + 1);
    thread_ = std::thread([this] { io_.run(); });
  }
  Task<ServedResponse> answer(ServedRequest request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request);
    ServedResponse response;
    response.body = "hello";
    co_return response;
  }
  std::size_t requests() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

  HttpRequest question(const std::string& name = "pbx-b") const {
    HttpRequest request;
    request.url = "https://127.0.0.1:" + port_ + "/api/v1/peer";
    request.certificate_name = name;
    request.deadline = 60s;
    return request;
  }
  // By a client of its own, so on a new connection.
  Result<HttpResponse> ask(const TlsFiles& files, const std::string& name = "pbx-b") const {
    boost::asio::io_context io;
    CpprestHttp http(io, files);
    return run(io, http.send(question(name)));
  }
  TlsFiles peer() { return write("peer", issue(pair_, "pbx-a"), pair_); }

  // What the server says to this client, which it must not let in.
  void expect_shut_out(const TlsFiles& files, const std::string& why) {
    const auto answer = ask(files);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().fault, Fault::bad_certificate);
    EXPECT_NE(answer.error().message.find("the other side refuses our certificate"),
              std::string::npos)
        << answer.error().message;
    EXPECT_NE(answer.error().message.find(why), std::string::npos) << answer.error().message;
    EXPECT_EQ(requests(), 0U);
  }

  const Credential pair_ = authority();
  std::filesystem::path folder_;
  TlsFiles server_files_;
  boost::asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
  std::string port_;
  std::mutex mutex_;
  std::vector<ServedRequest> seen_;
};

TEST_F(PeerTlsTest, TheHandlerLearnsWhoAsks) {
  start();
  EXPECT_EQ(ask(peer()).value().body, "hello");
  ASSERT_EQ(requests(), 1U);
  EXPECT_TRUE(seen_[0].over_tls);
  EXPECT_EQ(seen_[0].certificate_names, std::vector<std::string>{"pbx-a"});
}

TEST_F(PeerTlsTest, NobodyComesInWithoutACertificate) {
  start();
  const auto files = peer();
  boost::asio::io_context io;
  CpprestHttp http(io, files.ca);
  const auto answer = run(io, http.send(question()));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().fault, Fault::bad_certificate) << answer.error().message;
  EXPECT_EQ(requests(), 0U);
}

TEST_F(PeerTlsTest, NobodyComesInWithACertificateOfAnotherAuthority) {
  start();
  expect_shut_out(write("stranger", issue(authority(), "pbx-a"), pair_), "unknown CA");
}

TEST_F(PeerTlsTest, NobodyComesInWithAnExpiredCertificate) {
  start();
  expect_shut_out(write("old", issue(pair_, "pbx-a", -1h), pair_), "expired");
}

TEST_F(PeerTlsTest, AskingIsRefusedWhereTheCertificateNamesAnotherNode) {
  start();
  const auto answer = ask(peer(), "pbx-c");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().fault, Fault::bad_certificate);
  EXPECT_NE(answer.error().message.find("does not name pbx-c"), std::string::npos)
      << answer.error().message;
  EXPECT_EQ(requests(), 0U) << "nothing was said to it";
}

TEST_F(PeerTlsTest, AskingIsRefusedWhereTheServerIsOfAnotherAuthority) {
  server_files_ = write("server", issue(authority(), "pbx-b"), pair_);
  start();
  const auto answer = ask(peer());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().fault, Fault::bad_certificate);
  EXPECT_NE(answer.error().message.find("issuer"), std::string::npos) << answer.error().message;
}

TEST_F(PeerTlsTest, AskingIsRefusedWhereTheServersCertificateHasExpired) {
  server_files_ = write("server", issue(pair_, "pbx-b", -1h), pair_);
  start();
  const auto answer = ask(peer());
  EXPECT_EQ(answer.error().fault, Fault::bad_certificate);
  EXPECT_NE(answer.error().message.find("expired"), std::string::npos) << answer.error().message;
}

TEST_F(PeerTlsTest, OurOwnCertificateMustBeUsable) {
  start();
  auto files = peer();
  put(files.key, issue(pair_, "pbx-a").key);
  EXPECT_EQ(ask(files).error().fault, Fault::invalid);
  std::filesystem::remove(files.certificate);
  const auto answer = ask(files);
  EXPECT_EQ(answer.error().fault, Fault::invalid);
  EXPECT_NE(answer.error().message.find("our own certificate"), std::string::npos);
}

TEST_F(PeerTlsTest, ARenewalCountsForNewConnectionsAndCutsNone) {
  start();
  const auto files = peer();
  boost::asio::io_context io;
  CpprestHttp kept(io, files);
  ASSERT_TRUE(run(io, kept.send(question())).ok());

  // Half a renewal: the key is not the certificate's, so the last good ones go on.
  const auto next = issue(pair_, "pbx-new");
  put(server_files_.key, next.key);
  EXPECT_TRUE(ask(files).ok());
  put(server_files_.certificate, next.certificate);
  EXPECT_TRUE(ask(files, "pbx-new").ok());
  EXPECT_FALSE(ask(files).ok());
  EXPECT_TRUE(run(io, kept.send(question())).ok()) << "the open connection was cut";

  // Our own side's renewal as well.
  const auto own = issue(pair_, "pbx-renamed");
  put(files.key, own.key);
  put(files.certificate, own.certificate);
  ASSERT_TRUE(ask(files, "pbx-new").ok());
  EXPECT_EQ(seen_.back().certificate_names, std::vector<std::string>{"pbx-renamed"});
}

TEST_F(PeerTlsTest, ServesAsSoonAsThereIsACertificate) {
  const auto own = issue(pair_, "pbx-b");
  std::filesystem::remove(server_files_.certificate);
  start();
  EXPECT_EQ(ask(peer()).error().fault, Fault::connection_cut);
  put(server_files_.certificate, own.certificate);
  EXPECT_FALSE(ask(peer()).ok()) << "not its key";
  put(server_files_.key, own.key);
  EXPECT_TRUE(ask(peer()).ok());
}

TEST_F(PeerTlsTest, AStalledHandshakeIsCut) {
  HttpServerLimits limits;
  limits.handshake = 100ms;
  start(limits);
  RawClient silent(static_cast<std::uint16_t>(std::stoi(port_)));
  EXPECT_EQ(silent.rest(), "");
  RawClient halting(static_cast<std::uint16_t>(std::stoi(port_)));
  ASSERT_TRUE(halting.send(std::string("\x16\x03\x01\x02\x00\x01", 6)));
  EXPECT_EQ(halting.rest(), "");
  EXPECT_TRUE(ask(peer()).ok());
}

TEST_F(PeerTlsTest, GarbageIsNoRequest) {
  start();
  for (const std::string& bytes :
       {std::string("GET /api/v1/peer HTTP/1.1\r\nHost: a\r\n\r\n"), std::string(100'000, '\xFF'),
        std::string("\x16\x03\x01\xFF\xFF", 5) + std::string(70'000, '\0')}) {
    RawClient client(static_cast<std::uint16_t>(std::stoi(port_)));
    client.send(bytes);
    EXPECT_EQ(client.rest().find("HTTP/1.1"), std::string::npos);
  }
  EXPECT_EQ(requests(), 0U);
  EXPECT_TRUE(ask(peer()).ok());
}

// Whoever opens connections without a certificate keeps nobody out, and cuts no connection of the
// other node.
TEST_F(PeerTlsTest, StrangersKeepThePeerFromNothing) {
  HttpServerLimits limits;
  limits.connections = 4;
  start(limits);
  boost::asio::io_context io;
  CpprestHttp kept(io, peer());
  ASSERT_TRUE(run(io, kept.send(question())).ok());
  std::vector<std::unique_ptr<RawClient>> strangers;
  for (int i = 0; i < 12; ++i)
    strangers.push_back(std::make_unique<RawClient>(static_cast<std::uint16_t>(std::stoi(port_))));
  EXPECT_EQ(strangers[0]->rest(), "") << "the one that has been silent longest made room";
  // On a new connection this would be refused.
  std::filesystem::remove(path("peer.pem"));
  EXPECT_TRUE(run(io, kept.send(question())).ok());
}

TEST_F(PeerTlsTest, ANetworkThatCanNotBeReachedFromHereTellsNothingOfTheOther) {
  boost::asio::io_context io;
  CpprestHttp http(io, peer());
  HttpRequest request = question();
  request.url = "https://255.255.255.255:9878/";  // connect() refuses it at once
  EXPECT_EQ(run(io, http.send(request)).error().fault, Fault::not_sent);
}

}  // namespace
}  // namespace tandem
