// Who is told, and how a message is handed over: once, with a deadline. Who retries: outbox.h.
#pragma once

#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/http.h"
#include "ports/process.h"
#include "reconciler/notify/message.h"
#include "reconciler/notify/outbox.h"

namespace tandem {

struct Receiver {
  NotifyTarget target;
  std::string key;   // of its queue: tells targets apart, and shows nothing of them
  std::string kind;  // "mail", "webhook", "exec"
  std::string
      label;  // without secrets: "mail root@localhost", "webhook https://hooks.example.com",
              // "exec /usr/local/bin/tell"; where two are alike, "... (2)"
};
// In the declared order; one that is declared twice is told once.
std::vector<Receiver> receivers_of(const std::vector<NotifyTarget>& targets);

class Courier {
 public:
  static constexpr std::chrono::seconds kMailLimit{60};
  static constexpr std::chrono::seconds kWebhookLimit{15};
  static constexpr std::chrono::seconds kExecLimit{60};
  static constexpr std::size_t kAnswerMax = 64U << 10U;
  static constexpr const char* kSendmail = "/usr/sbin/sendmail";

  // `commands` of the managed root, as the vendor's own programs are run; `http` verifies by the
  // system's authorities.
  Courier(Process& commands, Http& http, std::string user_agent)
      : commands_(commands), http_(http), user_agent_(std::move(user_agent)) {}

  // Delivered, as far as it can be told here: sendmail took it, the answer was 2xx, the program
  // ended with 0.
  Task<Attempt> hand_over(Receiver receiver, Message message);

 private:
  Task<Attempt> mail(std::string address, Message message);
  Task<Attempt> post(std::string url, Message message);
  Task<Attempt> run(std::vector<std::string> argv, Message message);

  Process& commands_;
  Http& http_;
  std::string user_agent_;
};

// What an answer of a webhook comes to.
Attempt judged(const HttpResponse& answer);
// What to look at after a failure; for a person.
std::string remedy_of(const Receiver& receiver);

}  // namespace tandem
