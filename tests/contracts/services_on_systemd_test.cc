// The services on a real systemd: units named as the vendor's, stand-ins for its commands, and an
// operator that is ended in the middle of one. The firewall is the machine's own.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <filesystem>
#include <optional>

#include "ports/dbus_units.h"
#include "ports/real_activity.h"
#include "ports/real_clock.h"
#include "ports/real_datagrams.h"
#include "ports/real_filesystem.h"
#include "ports/transient_process.h"
#include "reconciler/reconcile.h"
#include "resources/services.h"
#include "tests/contracts/systemd_machine.h"
#include "tests/run.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

const std::vector<std::string> kUnits = {"wazo-provd.service", "wazo-agid.service",
                                         "asterisk.service"};
constexpr const char* kMarker = "/var/lib/wazo/disabled";

// As the contract tells of the vendor's: starts one unit after another, and ends with 1 at the
// first that fails. A line in the journal for each run; the stop waits for the file `go_on`.
constexpr const char* kManage = R"(#!/bin/sh
echo "$1" >>/work/journal
case $1 in
start)
  rm -f /var/lib/wazo/disabled
  for unit in wazo-provd wazo-agid asterisk; do systemctl start $unit || exit 1; done ;;
stop)
  until [ -e /work/go_on ]; do sleep 0.02; done
  systemctl stop asterisk wazo-agid wazo-provd
  : >/var/lib/wazo/disabled ;;
esac
)";

// Asterisk's part of it: answers OPTIONS at a loopback address, as long as it is told to.
class Responder {
 public:
  explicit Responder(asio::io_context& io)
      : socket_(io, {asio::ip::make_address_v4("127.0.0.1"), 0}) {
    listen();
  }
  int port() const { return socket_.local_endpoint().port(); }

  bool answers = true;

 private:
  void listen() {
    socket_.async_receive_from(asio::buffer(buffer_), sender_,
                               [this](boost::system::error_code failed, std::size_t size) {
                                 if (failed) return;
                                 if (answers) reply({buffer_.data(), size});
                                 listen();
                               });
  }
  void reply(const std::string& request) {
    const auto via = request.find("Via: ");
    const std::string answer = "SIP/2.0 404 Not Found\r\n" +
                               request.substr(via, request.find("\r\n", via) - via) +
                               "\r\nCSeq: 1 OPTIONS\r\n\r\n";
    socket_.send_to(asio::buffer(answer), sender_);
  }

  udp::socket socket_;
  udp::endpoint sender_;
  std::array<char, 4096> buffer_{};
};

// One operator: everything of it goes when it ends.
struct Operator {
  explicit Operator(const SystemdMachine& machine)
      : bus(io.get_executor(), machine.bus_address()),
        units(bus),
        commands(bus, machine.path("")),
        files(io.get_executor(), machine.path("")),
        activity(machine.path(""), ""),
        sip(datagrams, clock),
        services({units, files, commands, activity, sip, clock}),
        responder(io) {}

  Report pass(const Goal& goal,
              const Permission& permission = Permission::up_to(Reach::telephony)) {
    Goal mine = goal;
    mine.sip_port = responder.port();
    return run(io, reconcile(services, mine, permission));
  }
  Condition told(const Goal& goal, const std::string& type) {
    const Report report = pass(goal, Permission::observe_only("a test"));
    for (const auto& condition : report.conditions)
      if (condition.type == type) return condition;
    return {};
  }

  asio::io_context io;
  SystemBus bus;
  DbusUnits units;
  TransientProcess commands;
  RealFilesystem files;
  RealActivity activity;
  RealDatagrams datagrams;
  RealClock clock;
  Sip sip;
  Services services;
  Responder responder;
};

class ServicesOnSystemd : public testing::Test {
 protected:
  ServicesOnSystemd() {
    std::filesystem::create_directories(machine.path("var/lib/wazo"));
    // What this host has installed by chance is not to make a difference.
    for (const auto& unit : service_groups(goal).standing) add(unit);
    for (const auto& unit : kUnits) add(unit);
    std::filesystem::create_directories(machine.path("etc/alternatives"));
    std::filesystem::create_symlink("/usr/sbin/iptables-nft",
                                    machine.path("etc/alternatives/iptables"));
    write_to(machine.path("work/manage"), kManage);
    std::filesystem::permissions(machine.path("work/manage"), std::filesystem::perms{0755});
    write_to(machine.path("work/go_on"), "");
    write_to(machine.path(kMarker), "");
    machine.systemctl({"daemon-reload"});
    for (const auto& unit : service_groups(goal).standing) machine.systemctl({"start", unit});
    goal.role = Role::secondary;
    goal.own_address = "127.0.0.1";
    goal.peer_address = "127.0.0.2";
    goal.services.emplace();
    goal.services->units = kUnits;
    goal.services->activate = {"/work/manage", "start"};
    goal.services->deactivate = {"/work/manage", "stop"};
  }

  void add(const std::string& unit) const {
    write_to(machine.path("etc/systemd/system/" + unit),
             "[Service]\nExecStart=/usr/bin/sleep infinity\n");
  }
  Goal deciding(Stance stance) const {
    Goal decided = goal;
    decided.stance = stance;
    return decided;
  }
  std::string journal() const { return content_of(machine.path("work/journal")); }
  static std::string error_of(const Report& report) {
    return report.error ? report.error->message : report.note;
  }

  SystemdMachine machine;
  Goal goal;
};

// One story, as the machine takes some seconds to boot.
TEST_F(ServicesOnSystemd, ServeStandByAndSurviveTheEndOfAnOperator) {
  auto first = std::make_unique<Operator>(machine);
  const Report serving = first->pass(deciding(Stance::serving));
  EXPECT_EQ(serving.outcome, Outcome::repaired) << error_of(serving);
  EXPECT_EQ(journal(), "start\n");
  EXPECT_EQ(first->pass(deciding(Stance::serving)).outcome, Outcome::in_sync);
  EXPECT_EQ(first->told(goal, "ServicesComplete").status, Truth::yes)
      << first->told(goal, "ServicesComplete").message;

  // SIGKILL: the signal comes, and the next look tells what happened.
  const auto watch = first->units.watch(Services::watched_units(goal));
  ASSERT_TRUE(run(first->io, watch->next()).ok()) << "the first tells of all";
  machine.systemctl({"kill", "--signal=KILL", "asterisk.service"});
  bool signalled = false;
  while (!signalled) {
    const auto changed = run(first->io, watch->next());
    ASSERT_TRUE(changed.ok());
    ASSERT_TRUE(changed.value().contains("asterisk.service"));
    const auto seen = run(first->io, first->units.states({"asterisk.service"}));
    ASSERT_TRUE(seen.ok());
    signalled = seen.value().at("asterisk.service").active == "failed";
  }
  const Condition killed = first->told(goal, "ServicesComplete");
  EXPECT_EQ(killed.reason, "EssentialUnitsMissing");
  EXPECT_NE(killed.message.find("asterisk (failed, signal)"), std::string::npos) << killed.message;
  EXPECT_EQ(first->told(goal, "StoppedByHand").status, Truth::no);
  const Report again = first->pass(deciding(Stance::serving));
  EXPECT_EQ(again.outcome, Outcome::repaired) << error_of(again);

  // The operator ends in the middle of the stop, which goes on; the next one waits for it.
  std::filesystem::remove(machine.path("work/go_on"));
  Goal standing = deciding(Stance::standing_by);
  standing.sip_port = first->responder.port();
  const auto lives = std::make_shared<bool>(true);
  asio::co_spawn(first->io,
                 reconcile(first->services, standing, Permission::up_to(Reach::telephony)),
                 [lives](std::exception_ptr, const Report&) { *lives = false; });
  first->io.restart();
  while (journal() != "start\nstart\nstop\n") first->io.run_one_for(std::chrono::milliseconds{10});
  EXPECT_TRUE(*lives);
  first.reset();

  Operator second(machine);
  // Long enough for the second to have looked and asked, also on a busy machine.
  asio::steady_timer timer(second.io, std::chrono::seconds{3});
  timer.async_wait([&](boost::system::error_code) { write_to(machine.path("work/go_on"), ""); });
  const Report stopped = second.pass(deciding(Stance::standing_by));
  EXPECT_EQ(stopped.outcome, Outcome::repaired) << error_of(stopped);
  EXPECT_EQ(journal(), "start\nstart\nstop\n") << "it was not begun a second time";
  EXPECT_TRUE(std::filesystem::exists(machine.path(kMarker)));
  EXPECT_EQ(second.pass(deciding(Stance::standing_by)).outcome, Outcome::in_sync);

  // A unit that does not come up: the status of the command is told, and why.
  write_to(machine.path("etc/systemd/system/wazo-agid.service"),
           "[Service]\nType=oneshot\nExecStart=/usr/bin/false\n");
  machine.systemctl({"daemon-reload"});
  const Report broken = second.pass(deciding(Stance::serving));
  EXPECT_EQ(broken.outcome, Outcome::failed);
  EXPECT_NE(error_of(broken).find("ended with status 1"), std::string::npos) << error_of(broken);
}

TEST_F(ServicesOnSystemd, SeeTheRuleInTheFirewallOfTheNode) {
  Operator node(machine);
  std::filesystem::remove(machine.path(kMarker));
  for (const auto& unit : kUnits) machine.systemctl({"start", unit});
  node.responder.answers = false;
  Goal here = goal;
  here.sip_port = node.responder.port();
  EXPECT_EQ(node.told(here, "SipPortBlocked").reason, "Open")
      << node.told(here, "SipPortBlocked").message;
  machine.run({"/usr/sbin/iptables", "-I", "INPUT", "1", "-p", "udp", "--dport",
               std::to_string(node.responder.port()), "-j", "DROP"});
  const Condition blocked = node.told(here, "SipPortBlocked");
  EXPECT_EQ(blocked.status, Truth::yes) << blocked.message;
  EXPECT_EQ(blocked.reason, "RuleLeft");

  machine.stop_bus();
  EXPECT_EQ(node.told(here, "ServicesComplete").reason, "UnitsNotReadable");
  machine.start_bus();
  EXPECT_EQ(node.told(here, "ServicesComplete").reason, "SipSilent");
}

}  // namespace
}  // namespace tandem
