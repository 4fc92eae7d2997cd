#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "ports/cpprest_http.h"
#include "ports/descriptor.h"
#include "tests/ports/test_certificates.h"
#include "tests/ports/test_server.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

class CpprestHttpTlsTest : public testing::Test {
 protected:
  CpprestHttpTlsTest() {
    std::string pattern = testing::TempDir() + "tandem-tls-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    ca_file_ = folder_ / "ca.pem";
    ca_.write(ca_file_);
  }
  ~CpprestHttpTlsTest() override { std::filesystem::remove_all(folder_); }

  Result<HttpResponse> get(const std::string& url, const std::optional<std::string>& ca_file) {
    boost::asio::io_context io;
    CpprestHttp http(io, ca_file);
    HttpRequest request;
    request.url = url + "/status?token=hunter2";
    request.headers = {{"X-Auth-Token", "hunter2"}};
    request.deadline = 60s;
    request.body_max = 1000;
    return run(io, http.send(std::move(request)));
  }

  // What a server with this identity is refused for.
  void expect_refused(const TlsIdentity& identity, const std::string& reason) {
    const TestServer server(answering(ok_answer("x")), identity);
    const auto answer = get(server.origin(), ca_file_);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().fault, Fault::bad_certificate);
    EXPECT_NE(answer.error().message.find(reason), std::string::npos) << answer.error().message;
    EXPECT_TRUE(answer.error().message.starts_with(server.origin() + "/status: "));
    EXPECT_EQ(answer.error().message.find("hunter2"), std::string::npos);
  }

  TestCa ca_{"the pair's CA"};
  std::filesystem::path folder_;
  std::string ca_file_;
};

TEST_F(CpprestHttpTlsTest, TrustsItsCa) {
  const TestServer by_address(answering(ok_answer("a")), ca_.issue("IP:127.0.0.1"));
  const TestServer by_name(answering(ok_answer("n")), ca_.issue("DNS:localhost"));
  EXPECT_EQ(get(by_address.origin(), ca_file_).value().body, "a");
  EXPECT_EQ(get(by_name.origin("localhost"), ca_file_).value().body, "n");
}

TEST_F(CpprestHttpTlsTest, RefusesAnUnknownCa) {
  expect_refused(TestCa("somebody else").issue("IP:127.0.0.1"),
                 "unable to get local issuer certificate");
}

TEST_F(CpprestHttpTlsTest, RefusesAnExpiredCertificate) {
  expect_refused(ca_.issue("IP:127.0.0.1", -60), "certificate has expired");
}

TEST_F(CpprestHttpTlsTest, RefusesAnotherHostsCertificate) {
  expect_refused(ca_.issue("DNS:localhost,IP:127.0.0.2"), "host name does not match");
}

TEST_F(CpprestHttpTlsTest, RefusesOldTls) {
  auto identity = ca_.issue("IP:127.0.0.1");
  identity.newest_version = TLS1_1_VERSION;
  expect_refused(identity, "protocol");
  identity.newest_version = TLS1_2_VERSION;
  const TestServer server(answering(ok_answer("x")), identity);
  EXPECT_TRUE(get(server.origin(), ca_file_).ok());
}

TEST_F(CpprestHttpTlsTest, TrustsTheSystemsCasWithoutOneOfItsOwnAndOnlyThen) {
  const TestCa other("another CA");
  const auto other_file = folder_ / "other.pem";
  other.write(other_file);
  const TestServer server(answering(ok_answer("x")), ca_.issue("IP:127.0.0.1"));
  ::setenv("SSL_CERT_FILE", ca_file_.c_str(), 1);
  const auto by_system = get(server.origin(), std::nullopt);
  const auto by_other = get(server.origin(), other_file);
  ::unsetenv("SSL_CERT_FILE");
  EXPECT_TRUE(by_system.ok());
  EXPECT_EQ(by_other.error().fault, Fault::bad_certificate);
  EXPECT_EQ(get(server.origin(), std::nullopt).error().fault, Fault::bad_certificate);
}

// cpprest does: some 140 authorities for each connection, which takes longer than the request.
TEST_F(CpprestHttpTlsTest, DoesNotReadTheSystemsCasWhereItHasItsOwn) {
  const auto system_file = folder_ / "system.pem";
  ca_.write(system_file);
  const Descriptor watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_GE(::inotify_add_watch(watch.get(), system_file.c_str(), IN_OPEN), 0);
  const auto was_opened = [&watch] {
    std::array<char, 4096> events{};
    return ::read(watch.get(), events.data(), events.size()) > 0;
  };
  const TestServer server(answering(ok_answer("x")), ca_.issue("IP:127.0.0.1"));
  ::setenv("SSL_CERT_FILE", system_file.c_str(), 1);
  EXPECT_TRUE(get(server.origin(), ca_file_).ok());
  EXPECT_FALSE(was_opened());
  EXPECT_TRUE(get(server.origin(), std::nullopt).ok());
  EXPECT_TRUE(was_opened());
  ::unsetenv("SSL_CERT_FILE");
}

TEST_F(CpprestHttpTlsTest, NamesAMissingCaFile) {
  const TestServer server(answering(ok_answer("x")), ca_.issue("IP:127.0.0.1"));
  const auto answer = get(server.origin(), folder_ / "missing.pem");
  EXPECT_EQ(answer.error().fault, Fault::invalid);
  EXPECT_NE(answer.error().message.find("CA certificates"), std::string::npos);
}

TEST_F(CpprestHttpTlsTest, NamesAPeerWithoutTlsAndOneThatGoesAway) {
  const auto talk = [](Peer& peer) {
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_end();
  };
  const TestServer plain(talk);
  const TestServer closing([](Peer&) {});
  const auto https = [](const TestServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port());
  };
  EXPECT_EQ(get(https(plain), ca_file_).error().fault, Fault::bad_certificate);
  EXPECT_EQ(get(https(closing), ca_file_).error().fault, Fault::connection_cut);
}

TEST_F(CpprestHttpTlsTest, KeepsAConnectionThatMayCloseWhileIdle) {
  const auto once = [](Peer& peer) {
    peer.read_request();
    peer.write(ok_answer("x"));
  };
  const TestServer keeping(answering(ok_answer("x")), ca_.issue("IP:127.0.0.1"));
  const TestServer closing(once, ca_.issue("IP:127.0.0.1"));
  boost::asio::io_context io;
  CpprestHttp http(io, ca_file_);
  HttpRequest request;
  request.deadline = 60s;
  for (int i = 0; i < 20; ++i) {
    request.url = keeping.origin();
    ASSERT_TRUE(run(io, http.send(request)).ok());
    request.url = closing.origin();
    ASSERT_TRUE(run(io, http.send(request)).ok());
  }
  EXPECT_LT(keeping.connections(), 20);
}

TEST_F(CpprestHttpTlsTest, StopsReadingAtItsLimits) {
  const auto flood = [](Peer& peer) {
    peer.read_request();
    while (peer.write("X-Flood: " + std::string(10'000, 'x') + "\r\n")) {
    }
  };
  const TestServer server(flood, ca_.issue("IP:127.0.0.1"));
  const auto answer = get(server.origin(), ca_file_);
  EXPECT_EQ(answer.error().fault, Fault::too_large);
}

}  // namespace
}  // namespace tandem
