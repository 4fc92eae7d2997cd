// An operator that tells people, in memory: what it looks at, who is told, what survives a kill.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reconciler/notify/notifier.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_kept_file.h"
#include "tests/reconciler/notify/samples.h"
#include "tests/run.h"

namespace tandem {

class ToldOf : public Observer {
 public:
  void reported(const Report&) override {}
  void condition_changed(const Condition&) override {}
  void spec_rejected(std::string_view) override {}
  void spec_accepted(std::string_view) override {}
  void notified(const NotifyTold& told) override { all.push_back(told); }

  std::size_t count(NotifyTold::Kind kind) const {
    std::size_t found = 0;
    for (const NotifyTold& told : all) found += told.kind == kind ? 1 : 0;
    return found;
  }
  std::vector<NotifyTold> all;
};

// What outlives a kill: the disk, the receivers, the node itself.
struct NotifyOutside {
  fakes::MemoryKeptFile disk;
  HAPair pair;
  NotifyFacts facts = secondary_facts(NodeState::standby);
  std::vector<std::string> mails;         // as sendmail got them
  std::vector<nlohmann::json> documents;  // as the web server got them
  std::map<std::string, int> statuses;    // of the web server by host; 200 where not named

  NotifyOutside() { pair.name = "montreal"; }
};

// One life of the operator.
class NotifyWorld {
  NotifyOutside& outside_;  // before the notifier, which is made of it

 public:
  explicit NotifyWorld(NotifyOutside& outside) : outside_(outside) {
    process.programs["/usr/sbin/sendmail"] = [this](const Command& command) {
      return took_mail(command);
    };
    http.on("POST", "https://", [this](const HttpRequest& request) { return took(request); });
    spawn(notifier.run());
  }

  // So much virtual time passes.
  void pass(std::chrono::seconds time) { run(io, sleep(time)); }

  fakes::FakeClock clock;
  boost::asio::io_context io;
  fakes::FakeProcess process{&clock};
  FakeHttp http;
  ToldOf told;
  std::function<void(const char*)> moment = [](const char*) {};
  int changes = 0;  // of the condition
  Courier courier{process, http, "tandem/test"};
  Notifier notifier{{clock,
                     outside_.disk,
                     courier,
                     "pbx-b",
                     "5f3a90c1",
                     [this] { return std::optional(outside_.facts); },
                     [this]() -> const HAPair* { return &outside_.pair; },
                     [this] { ++changes; },
                     [this](Task<void> task) { spawn(std::move(task)); },
                     {&told}}};

 private:
  void spawn(Task<void> task) {
    boost::asio::co_spawn(io, std::move(task), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
  }

  Task<void> sleep(std::chrono::seconds time) {
    const auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }

  Result<CommandOutcome> took_mail(const Command& command) {
    moment("before the mail");
    outside_.mails.push_back(command.input);
    moment("after the mail");
    return fakes::exits(0);
  }

  Result<HttpResponse> took(const HttpRequest& request) {
    const auto host = request.url.substr(8, request.url.find('/', 8) - 8);
    const auto status = outside_.statuses.find(host);
    HttpResponse answer;
    answer.status = status == outside_.statuses.end() ? 200 : status->second;
    moment("before the document");
    if (answer.status < 300) outside_.documents.push_back(nlohmann::json::parse(request.body));
    moment("after the document");
    return answer;
  }
};

}  // namespace tandem
