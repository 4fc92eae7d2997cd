// A node's telephony in memory: units, marker, firewall, Asterisk, and the vendor's commands, which
// change them as the contract's section 8 tells.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pbx/profile.h"
#include "reconciler/reconcile.h"
#include "resources/services.h"
#include "tests/fakes/fake_activity.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_datagrams.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/fake_units.h"
#include "tests/fakes/guillotine.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"

namespace tandem::services_world {

inline const std::string kMarker = "/var/lib/wazo/disabled";
inline const std::string kManage = "/usr/sbin/xivo-manage-slave-services";
inline const std::string kService = "/usr/bin/wazo-service";
inline const std::string kIptables = "/usr/sbin/iptables";
inline const std::string kRule = "-A INPUT -p udp -m udp --dport 5060 -j DROP\n";

inline Goal goal_of(Role role, Stance stance = Stance::as_is) {
  Goal goal;
  goal.role = role;
  goal.stance = stance;
  goal.own_address = role == Role::primary ? "192.0.2.10" : "192.0.2.11";
  goal.peer_address = role == Role::primary ? "192.0.2.11" : "192.0.2.10";
  return goal;
}

// A SIP answer to whatever was asked.
inline std::string answered(const std::string& request, int status = 200) {
  std::string answer = "SIP/2.0 " + std::to_string(status) + " OK\r\n";
  for (const std::string header : {"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "}) {
    const auto begin = request.find(header);
    answer += request.substr(begin, request.find("\r\n", begin) + 2 - begin);
  }
  return answer + "Content-Length: 0\r\n\r\n";
}

// What a killed operator has begun goes on without it.
class KilledProcess : public Process {
 public:
  KilledProcess(Process& programs, fakes::Guillotine& guillotine)
      : programs_(programs), guillotine_(guillotine) {}

  Task<Result<CommandOutcome>> run(Command command) override {
    const std::string what = command.argv.front();
    guillotine_.moment("before " + what);
    auto outcome = co_await programs_.run(std::move(command));
    guillotine_.moment("after " + what + ", without its status");
    co_return outcome;
  }

  Task<Status> end_job(Command kept) override { return programs_.end_job(std::move(kept)); }

 private:
  Process& programs_;
  fakes::Guillotine& guillotine_;
};

class Telephony {
 public:
  Telephony() {
    files.directories = {"/var/lib/wazo"};
    groups = service_groups(goal_of(Role::primary));
    for (const auto& name : groups.standing) units.units[name] = fakes::running_unit();
    commands.programs[kManage] = [this](const Command& c) { return manage(c.argv.at(1)); };
    commands.programs[kService] = [this](const Command& c) { return service(c.argv.at(1)); };
    commands.programs[kIptables] = [this](const Command&) {
      return fakes::exits(0, "-P INPUT ACCEPT\n" + rules);
    };
    datagrams.server = [this](const std::string& request) -> std::optional<std::string> {
      if (!asterisk_answers() || !rules.empty()) return std::nullopt;
      return answered(request);
    };
    serve();
  }

  void serve() {
    for (const auto& name : groups.telephony) units.set(name, fakes::running_unit());
    units.set(groups.guard, fakes::running_unit());
    files.files.erase(kMarker);
    rules.clear();
  }
  void stand_by() {
    for (const auto& name : groups.telephony) units.set(name, fakes::stopped_unit());
    units.set(groups.guard, fakes::stopped_unit("disabled"));
    files.files[kMarker] = "";
    rules = kRule;
  }

  // A new operator, with everything that it remembers gone.
  void start(Process* programs = nullptr) {
    sip = std::make_unique<Sip>(datagrams, clock);
    Services::Ports ports{units,    files, programs != nullptr ? *programs : commands,
                          activity, *sip,  clock};
    services = std::make_unique<Services>(ports);
  }

  // As the loop lets it: what follows the stance may reach as far as telephony.
  Report pass(const Goal& goal) { return look(goal, Permission::up_to(Reach::telephony)); }
  Report look(const Goal& goal, const Permission& permission = Permission::observe_only("a test")) {
    if (!services) start();
    clock.advance(std::chrono::seconds{31});  // as the loop does; and SIP may be asked again
    return run(reconcile(*services, goal, permission));
  }

  // What was run but for the firewall's rules, which are only read.
  std::vector<std::string> changes() const {
    std::vector<std::string> lines;
    for (const auto& line : commands.journal)
      if (!line.starts_with(kIptables)) lines.push_back(line);
    return lines;
  }

  bool serves() const {
    return services::all_up(seen(), groups.telephony) && !files.files.contains(kMarker) &&
           rules.empty() && units.units.at(groups.guard).file == "enabled";
  }
  bool stands_by() const {
    return services::all_down(seen(), groups.telephony) && files.files.contains(kMarker) &&
           units.units.at(groups.guard).file == "disabled";
  }

  ServiceGroups groups;
  fakes::FakeClock clock;
  fakes::FakeUnits units;
  fakes::MemoryFilesystem files;
  fakes::FakeProcess commands{&clock};
  fakes::FakeActivity activity;
  fakes::FakeDatagrams datagrams{&clock};
  std::string rules;           // of the firewall
  std::string breaks;          // a unit that does not come up
  bool answers = true;         // whether a running Asterisk does
  int looks_until_answer = 0;  // it loads so long: questions that go unanswered
  std::unique_ptr<Sip> sip;
  std::unique_ptr<Services> services;

 private:
  Services::Observed seen() const {
    Services::Observed observed;
    observed.units = units.units;
    return observed;
  }

  bool asterisk_answers() {
    if (!answers || !services::is_up(units.units[groups.sip])) return false;
    if (looks_until_answer == 0) return true;
    --looks_until_answer;
    return false;
  }

  // The contract: ends with 1 at the first unit that fails, later ones are not tried, and the port
  // stays closed.
  Result<CommandOutcome> start_all() {
    for (const auto& name : groups.telephony) {
      if (services::is_up(units.units[name])) continue;
      if (name == breaks) {
        units.set(name, fakes::failed_unit());
        return fakes::exits(1, "", "starting\nfailed to start " + name + "\n");
      }
      units.set(name, fakes::running_unit());
    }
    rules.clear();
    const auto& guard = units.units[groups.guard];
    units.set(groups.guard, fakes::running_unit(guard.file));
    return fakes::exits(0);
  }

  Result<CommandOutcome> manage(const std::string& verb) {
    if (verb == "stop") {
      stand_by();
      return fakes::exits(0);
    }
    if (services::all_up(seen(), groups.telephony)) return fakes::exits(0);  // it looks no further
    enable();
    return start_all();
  }

  Result<CommandOutcome> service(const std::string& verb) {
    if (verb == "enable") enable();
    if (verb == "start") return start_all();
    return fakes::exits(0);
  }

  void enable() {
    files.files.erase(kMarker);
    units.units[groups.guard].file = "enabled";
    units.touched(groups.guard);
  }
};

}  // namespace tandem::services_world
