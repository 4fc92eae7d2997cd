#include "reconciler/notify/receivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "core/digest.h"
#include "core/history.h"

namespace tandem {
namespace {

using enum Attempt::Result;

constexpr std::size_t kKeyLetters = 16;
constexpr std::size_t kSaidMax = 200;
// What sendmail answers where no later attempt would do better (sysexits.h): wrong usage, wrong
// data, no such user, no such host.
constexpr std::array kNoUse = {64, 65, 67, 68};

struct Words {
  std::string kind, label, whole;
};

Words words_of(const MailTarget& target) {
  return {"mail", "mail " + target.address, "mail\n" + target.address};
}

// Where a URL's path begins: from there on it is as good as a password.
std::size_t path_at(const std::string& url) {
  const auto host = url.find("://");
  return std::min(url.find_first_of("/?#", host == std::string::npos ? 0 : host + 3), url.size());
}

Words words_of(const WebhookTarget& target) {
  return {"webhook", "webhook " + target.url.substr(0, path_at(target.url)),
          "webhook\n" + target.url};
}

Words words_of(const ExecTarget& target) {
  Words told{"exec", "exec " + target.argv.front(), "exec"};
  for (const std::string& word : target.argv)
    told.whole += fmt::format("\n{}:{}", word.size(), word);
  return told;
}

std::string outcome_text(const CommandOutcome& outcome) {
  if (outcome.signal != 0) return fmt::format("ended by signal {}", outcome.signal);
  return fmt::format("exit status {}", outcome.exit_status);
}

std::string first_line(const std::string& text) {
  return one_line(text.substr(0, text.find('\n')), kSaidMax);
}

// The Http port names the URL without its query.
Error without_path(Error error, const std::string& url) {
  const std::size_t at = path_at(url);
  const std::string path = url.substr(at, url.find('?') - at);
  if (path.size() <= 1) return error;
  if (error.message.starts_with(url.substr(0, at) + path + ": "))
    error.message.erase(at, path.size());
  else if (error.message.find(path) != std::string::npos)
    error.message = fmt::format("{}: {}", url.substr(0, at), fault_name(error.fault));
  return error;
}

Attempt failed_by(const Error& error) { return {failed, one_line(error.message, kSaidMax), {}}; }

}  // namespace

std::vector<Receiver> receivers_of(const std::vector<NotifyTarget>& targets) {
  std::vector<Receiver> receivers;
  for (const NotifyTarget& target : targets) {
    const auto told = std::visit([](const auto& one) { return words_of(one); }, target);
    Receiver receiver{target, sha256(told.whole).substr(0, kKeyLetters), told.kind, told.label};
    int alike = 1;
    bool twice = false;
    for (const Receiver& other : receivers) {
      twice = twice || other.key == receiver.key;
      if (other.label == told.label || other.label.starts_with(told.label + " (")) ++alike;
    }
    if (twice) continue;
    if (alike > 1) receiver.label += fmt::format(" ({})", alike);
    receivers.push_back(std::move(receiver));
  }
  return receivers;
}

Task<Attempt> Courier::hand_over(Receiver receiver, Message message) {
  if (const auto* to = std::get_if<MailTarget>(&receiver.target))
    co_return co_await mail(to->address, std::move(message));
  if (const auto* to = std::get_if<WebhookTarget>(&receiver.target))
    co_return co_await post(to->url, std::move(message));
  const auto* to = std::get_if<ExecTarget>(&receiver.target);
  co_return co_await run(to->argv, std::move(message));
}

Task<Attempt> Courier::mail(std::string address, Message message) {
  Command command;
  command.argv = {kSendmail, "-i", "-f", "root", "--", address};
  command.input = mail_of(message, address);
  command.deadline = kMailLimit;
  const auto outcome = co_await commands_.run(std::move(command));
  if (!outcome.ok()) co_return failed_by(outcome.error());
  Attempt attempt;
  if (outcome.value().succeeded()) {
    attempt.result = delivered;
    co_return attempt;
  }
  const int status = outcome.value().exit_status;
  if (std::find(kNoUse.begin(), kNoUse.end(), status) != kNoUse.end()) attempt.result = refused;
  attempt.why = fmt::format("{}: {}", kSendmail, outcome_text(outcome.value()));
  const std::string said = first_line(outcome.value().errors);
  if (!said.empty()) attempt.why += ": " + said;
  co_return attempt;
}

Task<Attempt> Courier::post(std::string url, Message message) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", user_agent_}};
  request.body = json_of(message);
  request.deadline = kWebhookLimit;
  request.body_max = kAnswerMax;
  // Who has answered 2xx has it, whatever becomes of the rest; told again it would have it twice.
  request.head_is_enough = true;
  const auto answer = co_await http_.send(std::move(request));
  if (!answer.ok()) co_return failed_by(without_path(answer.error(), url));
  co_return judged(answer.value());
}

// What it writes is nobody's to read but its own: it may hold what its arguments hide.
Task<Attempt> Courier::run(std::vector<std::string> argv, Message message) {
  Command command;
  command.argv = std::move(argv);
  command.environment = environment_of(message);
  command.input = json_of(message);
  command.deadline = kExecLimit;
  const std::string program = command.argv.front();
  const auto outcome = co_await commands_.run(std::move(command));
  if (!outcome.ok()) co_return failed_by(outcome.error());
  Attempt attempt;
  if (outcome.value().succeeded())
    attempt.result = delivered;
  else
    attempt.why = fmt::format("{}: {}", program, outcome_text(outcome.value()));
  co_return attempt;
}

Attempt judged(const HttpResponse& answer) {
  Attempt attempt;
  if (answer.status >= 200 && answer.status < 300) {
    attempt.result = delivered;
    return attempt;
  }
  attempt.why = fmt::format("it answered HTTP {}", answer.status);
  if (answer.status >= 300 && answer.status < 400) attempt.why += ", and no redirect is followed";
  const bool later = answer.status >= 500 || answer.status == 408 || answer.status == 429;
  if (!later) attempt.result = refused;
  const auto after = answer.headers.find("Retry-After");
  if (!later || after == answer.headers.end()) return attempt;
  unsigned seconds = 0;  // the other form, a date, is left to our own pauses
  const auto* end = after->second.data() + after->second.size();
  const auto read = std::from_chars(after->second.data(), end, seconds);
  if (read.ec == std::errc{} && read.ptr == end)
    attempt.retry_after = std::chrono::seconds{seconds};
  return attempt;
}

std::string remedy_of(const Receiver& receiver) {
  if (receiver.kind == "mail")
    return "see that a mail system is installed and delivers: `echo test | /usr/sbin/sendmail -i "
           "ADDRESS`, `mailq`, its log";
  if (receiver.kind == "webhook")
    return "see that the URL in spec.notify is right and its token holds, that this host reaches "
           "it "
           "and trusts its certificate: `curl -v`";
  return "run the program by hand as root, with a document on its standard input: it must be "
         "executable, end with 0, and within 60 s";
}

}  // namespace tandem
