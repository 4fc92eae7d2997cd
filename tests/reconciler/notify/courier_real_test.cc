// Messages handed over for real: a web server on a socket, programs that the kernel runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "ports/cpprest_http.h"
#include "ports/real_kept_file.h"
#include "ports/real_process.h"
#include "ports/rooted_process.h"
#include "reconciler/notify/receivers.h"
#include "tests/ports/temporary_folder.h"
#include "tests/ports/test_server.h"
#include "tests/run.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using enum Attempt::Result;

class CourierRealTest : public testing::Test {
 protected:
  CourierRealTest() {
    message.id = "pbx-b-5f3a90c1-1";
    message.pair = "montreal";
    message.node = "pbx-b";
    message.at = WallTime{1'700'000'000s};
    Notice notice;
    notice.matter = "Takeover";
    notice.title = "takes over for pbx-a";
    message.notices.push_back(notice);
  }

  Attempt hand_over(const NotifyTarget& target, std::optional<std::string> ca = std::nullopt) {
    boost::asio::io_context io;
    RealProcess programs(folder / "jobs");
    RootedProcess commands(programs, folder / "root");
    CpprestHttp http(io, std::move(ca));
    Courier courier(commands, http, "tandem/test");
    return run(io, courier.hand_over(receivers_of({target}).at(0), message));
  }
  Attempt post(const TestServer& server, std::optional<std::string> ca = std::nullopt) {
    return hand_over(WebhookTarget{server.origin() + "/T0/hunter2?token=hunter2"}, std::move(ca));
  }
  void program(const std::string& path, const std::string& script) {
    const std::string at = folder / ("root" + path);
    std::filesystem::create_directories(std::filesystem::path(at).parent_path());
    write_to(at, "#!/bin/sh\n" + script);
    std::filesystem::permissions(at, std::filesystem::perms(0755));
  }

  TemporaryFolder folder;
  Message message;
};

std::string status_answer(const std::string& status, const std::string& header = "") {
  return "HTTP/1.1 " + status + "\r\n" + header + "Content-Length: 0\r\n\r\n";
}

TEST_F(CourierRealTest, AWebhookGetsTheDocument) {
  std::string seen;
  const TestServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.write(status_answer("204 No Content"));
  });
  EXPECT_EQ(post(server).result, delivered);
  EXPECT_TRUE(seen.starts_with("POST /T0/hunter2?token=hunter2 HTTP/1.1\r\n")) << seen;
  EXPECT_THAT(seen, HasSubstr("\r\nUser-Agent:tandem/test\r\n"));
  const auto json = nlohmann::json::parse(seen.substr(seen.find("\r\n\r\n") + 4));
  EXPECT_EQ(json["notices"][0]["title"], "takes over for pbx-a");
}

TEST_F(CourierRealTest, AWebhookThatFailsOnceIsWorthAnotherTry) {
  std::atomic<int> requests = 0;
  const TestServer server([&](Peer& peer) {
    while (!peer.read_request().empty())
      peer.write(status_answer(requests++ == 0 ? "500 Internal Server Error" : "200 OK"));
  });
  EXPECT_EQ(post(server).result, failed);
  EXPECT_EQ(post(server).result, delivered);
}

TEST_F(CourierRealTest, AWebhookThatTalksTooMuchHasItAllTheSame) {
  const TestServer large(answering(ok_answer(std::string(Courier::kAnswerMax + 1, 'x'))));
  const TestServer breaks_off([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf");
  });
  const TestServer fails(
      answering("HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x')));
  EXPECT_EQ(post(large).result, delivered);
  EXPECT_EQ(post(breaks_off).result, delivered);
  EXPECT_EQ(post(fails).result, failed);
  EXPECT_THAT(post(fails).why, HasSubstr("503"));
}

TEST_F(CourierRealTest, AWebhookMayAskForTime) {
  const TestServer server(
      answering(status_answer("429 Too Many Requests", "Retry-After: 120\r\n")));
  const Attempt attempt = post(server);
  EXPECT_EQ(attempt.result, failed);
  EXPECT_EQ(attempt.retry_after, 120s);
}

TEST_F(CourierRealTest, ARedirectIsNotFollowed) {
  const TestServer elsewhere(answering(status_answer("200 OK")));
  const TestServer server(
      answering(status_answer("302 Found", "Location: " + elsewhere.origin() + "/\r\n")));
  EXPECT_EQ(post(server).result, refused);
  EXPECT_EQ(elsewhere.connections(), 0);
}

// Whatever goes wrong, the URL's path is not told.
TEST_F(CourierRealTest, NoFailureShowsTheSecretOfTheUrl) {
  const TestServer closes([](Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  const TestServer babbles([](Peer& peer) {
    peer.read_request();
    peer.write("220 mail.example.com ESMTP\r\n");
  });
  for (const auto& attempt :
       {post(closes), post(babbles),
        hand_over(WebhookTarget{"http://127.0.0.1:" + std::to_string(free_port()) + "/T0/hunter2"}),
        hand_over(WebhookTarget{"https://no-such-host.invalid/T0/hunter2"})}) {
    EXPECT_EQ(attempt.result, failed);
    EXPECT_FALSE(attempt.why.empty());
    EXPECT_THAT(attempt.why, Not(HasSubstr("hunter2")));
  }
}

TEST_F(CourierRealTest, ACertificateThatNobodyVouchesForIsRefused) {
  const TestCa ca{"the receiver's CA"};
  const std::string ca_file = folder / "ca.pem";
  ca.write(ca_file);
  const TestServer server(answering(status_answer("200 OK")), ca.issue("IP:127.0.0.1"));
  const Attempt attempt = post(server);
  EXPECT_EQ(attempt.result, failed);
  EXPECT_THAT(attempt.why, HasSubstr("certificate"));
  EXPECT_EQ(post(server, ca_file).result, delivered);
}

TEST_F(CourierRealTest, SendmailOfTheManagedRootGetsTheMail) {
  program("/usr/sbin/sendmail",
          "printf '%s ' \"$@\" >" + (folder / "argv") + "\ncat >" + (folder / "mail") + "\n");
  EXPECT_EQ(hand_over(MailTarget{"root@localhost"}).result, delivered);
  EXPECT_EQ(content_of(folder / "argv"), "-i -f root -- root@localhost ");
  EXPECT_THAT(content_of(folder / "mail"),
              HasSubstr("Subject: [tandem montreal] pbx-b: WARNING: takes over for pbx-a\n"));
}

TEST_F(CourierRealTest, WhatSendmailSaysDecidesWhetherItIsTriedAgain) {
  EXPECT_EQ(hand_over(MailTarget{"root@localhost"}).result, failed) << "there is none yet";
  program("/usr/sbin/sendmail", "echo 'queue is full' >&2\nexit 75\n");
  const Attempt later = hand_over(MailTarget{"root@localhost"});
  EXPECT_EQ(later.result, failed);
  EXPECT_THAT(later.why, HasSubstr("queue is full"));
  program("/usr/sbin/sendmail", "exit 67\n");
  EXPECT_EQ(hand_over(MailTarget{"root@localhost"}).result, refused);
}

TEST_F(CourierRealTest, AProgramGetsTheDocumentAndNamesAndNoShell) {
  program("/usr/bin/tell", "cat >" + (folder / "document") + "\nenv | grep ^TANDEM_EVENT_ >" +
                               (folder / "names") + "\nprintf %s \"$1\" >" + (folder / "word") +
                               "\n");
  EXPECT_EQ(hand_over(ExecTarget{{"/usr/bin/tell", "$(touch /tmp/x); `id`"}}).result, delivered);
  EXPECT_EQ(content_of(folder / "word"), "$(touch /tmp/x); `id`");
  EXPECT_EQ(nlohmann::json::parse(content_of(folder / "document"))["node"], "pbx-b");
  EXPECT_THAT(content_of(folder / "names"), HasSubstr("TANDEM_EVENT_MATTER=Takeover\n"));
  EXPECT_THAT(content_of(folder / "names"), HasSubstr("TANDEM_EVENT_PAIR=montreal\n"));
}

TEST_F(CourierRealTest, WhatAProgramSaysIsNotTold) {
  program("/usr/bin/tell", "echo \"the password is $1\" >&2\nexit 4\n");
  const Attempt attempt = hand_over(ExecTarget{{"/usr/bin/tell", "hunter2"}});
  EXPECT_EQ(attempt.result, failed);
  EXPECT_THAT(attempt.why, HasSubstr("exit status 4"));
  EXPECT_THAT(attempt.why, Not(HasSubstr("hunter2")));
}

// The deadline is the port's; here that a child which hangs is gone, and its children with it.
TEST_F(CourierRealTest, AProgramThatHangsIsEnded) {
  boost::asio::io_context io;
  RealProcess programs(folder / "jobs");
  RootedProcess commands(programs, folder / "root");
  program("/usr/bin/tell", "sleep 1000 &\necho $! >" + (folder / "pid") + "\nwait\n");
  Command command;
  command.argv = {"/usr/bin/tell"};
  command.environment = {"TANDEM_EVENT_ID=x"};
  command.deadline = 2s;
  const auto outcome = run(io, commands.run(std::move(command)));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().fault, Fault::timed_out);
  // Ended, whether or not somebody has waited for it: what has ended has no command line.
  const std::string child = "/proc/" + std::to_string(std::stoi(content_of(folder / "pid")));
  for (int tries = 0; tries < 500 && !content_of(child + "/cmdline").empty(); ++tries)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(content_of(child + "/cmdline"), "");
}

TEST_F(CourierRealTest, TheJournalIsReplacedAsAWhole) {
  boost::asio::io_context io;
  RealKeptFile file(io.get_executor(), folder / "notify.json");
  EXPECT_EQ(file.read(100).value(), std::nullopt);
  EXPECT_TRUE(run(io, file.write("one")).ok());
  EXPECT_TRUE(run(io, file.write("two")).ok());
  EXPECT_EQ(file.read(100).value(), "two");
  EXPECT_EQ(mode_of(folder / "notify.json"), 0600U);
  std::filesystem::remove_all(folder.path());
  const Status refused_by_disk = run(io, file.write("three"));
  EXPECT_FALSE(refused_by_disk.ok());
}

}  // namespace
}  // namespace tandem
