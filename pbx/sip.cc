#include "pbx/sip.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <cctype>
#include <optional>
#include <utility>

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kVersion = "SIP/2.0 ";
constexpr int kFirstFinal = 200;
constexpr int kLastFinal = 699;

bool same_letters(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The first header of this name, or of its short form, among the lines up to the empty one.
std::optional<std::string_view> header(std::string_view text, std::string_view name,
                                       std::string_view brief) {
  while (true) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
    const auto line = text.substr(0, text.find('\n'));
    if (trimmed(line).empty()) return std::nullopt;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto field = trimmed(line.substr(0, colon));
    if (same_letters(field, name) || (!brief.empty() && same_letters(field, brief)))
      return trimmed(line.substr(colon + 1));
  }
}

bool has_branch(std::string_view via, const std::string& branch) {
  const std::string wanted = "branch=" + branch;
  const auto at = via.find(wanted);
  if (at == std::string_view::npos) return false;
  const auto after = via.substr(at + wanted.size());
  return after.empty() || after.front() == ';' || after.front() == ' ' || after.front() == ',';
}

// Whether no window of time holds more datagrams than may be, with one more at `at`.
bool has_room(std::vector<Instant> times, Instant at) {
  times.push_back(at);
  std::sort(times.begin(), times.end());
  for (std::size_t i = 0; i + Sip::kDatagramsMax < times.size(); ++i)
    if (times[i + Sip::kDatagramsMax] - times[i] < Sip::kWindow + Sip::kMargin) return false;
  return true;
}

std::vector<milliseconds> retransmissions(milliseconds limit) {
  std::vector<milliseconds> times;
  milliseconds at = Sip::kT1, wait = Sip::kT1;
  while (at < limit) {
    times.push_back(at);
    wait = std::min(wait * 2, milliseconds(Sip::kT2));
    at += wait;
  }
  return times;
}

// Whoever does not see the question can not make an answer to it.
std::string new_branch(std::random_device& chance) {
  return fmt::format("z9hG4bK.tandem.{:08x}{:08x}{:08x}", chance(), chance(), chance());
}

}  // namespace

std::string options_request(const SipQuestion& question, const std::string& branch) {
  // With rport the answer comes to the port from which it is asked, whatever Via tells.
  return fmt::format(
      "OPTIONS sip:{0}:{1} SIP/2.0\r\n"
      "Via: SIP/2.0/UDP {2};branch={3};rport\r\n"
      "Max-Forwards: 70\r\n"
      "From: <sip:tandem@{2}>;tag={4}\r\n"
      "To: <sip:{0}:{1}>\r\n"
      "Call-ID: {4}@{2}\r\n"
      "CSeq: 1 OPTIONS\r\n"
      "User-Agent: Tandem\r\n"
      "Content-Length: 0\r\n\r\n",
      question.address, question.port, question.own, branch, branch.substr(branch.rfind('.') + 1));
}

int final_status(std::string_view text, const std::string& branch) {
  if (!text.starts_with(kVersion) || text.size() < kVersion.size() + 4) return 0;
  if (text[kVersion.size() + 3] != ' ') return 0;
  int status = 0;
  for (const char digit : text.substr(kVersion.size(), 3)) {
    if (digit < '0' || digit > '9') return 0;
    status = status * 10 + (digit - '0');
  }
  const auto via = header(text, "Via", "v");
  const auto sequence = header(text, "CSeq", "");
  const bool ours = via && has_branch(*via, branch) && sequence && sequence->ends_with("OPTIONS");
  return ours && status >= kFirstFinal && status <= kLastFinal ? status : 0;
}

// When the questions of the one who asks regularly come next, as far as what is sent before `until`
// could stand in their way. Who has not asked for some periods asks no more.
std::vector<Instant> Sip::reserved(Instant now, Instant until) const {
  std::vector<Instant> times;
  if (!regular_ || now - regular_->last > kRegularMissed * regular_->next) return times;
  const Instant end = until + kWindow + kMargin;
  for (Instant at = regular_->last + regular_->next; at < end && times.size() < kReservedMax;
       at += regular_->next)
    if (at > now) times.push_back(at);
  return times;
}

// What was planned and, as the answer came before, never went out.
void Sip::forget_unsent(const std::vector<Instant>& planned) {
  for (const Instant at : planned) {
    const auto mine = std::find(sent_.begin(), sent_.end(), at);
    if (at > clock_.now() && mine != sent_.end()) sent_.erase(mine);
  }
}

// What was sent, and what is promised to the one who asks regularly.
std::vector<Instant> Sip::taken(Instant now, milliseconds limit) const {
  std::vector<Instant> times = reserved(now, now + limit);
  times.insert(times.end(), sent_.begin(), sent_.end());
  return times;
}

Task<void> Sip::await_room(milliseconds limit) {
  for (int look = 0; look < kLooksForRoom; ++look) {
    const Instant now = clock_.now();
    if (has_room(taken(now, limit), now)) co_return;
    const auto signal = clock_.make_signal();
    co_await clock_.wait(*signal, now + kT1);
  }
}

Task<Result<int>> Sip::options(SipQuestion question) {
  if (question.patient) co_await await_room(question.limit);
  const Instant begin = clock_.now();
  std::erase_if(sent_, [&](Instant at) { return at <= begin - kWindow - kMargin; });
  if (question.next > milliseconds::zero()) regular_ = Regular{begin, question.next};
  std::vector<Instant> times = taken(begin, question.limit);
  if (!has_room(times, begin))
    co_return Error{Fault::unavailable,
                    fmt::format("sip {}:{}: asked {} times within 5 s, and more would look like an "
                                "attack; it is asked again later",
                                question.address, question.port, kDatagramsMax)};
  DatagramRequest request;
  const std::string branch = new_branch(chance_);
  request.payload = options_request(question, branch);
  request.address = question.address;
  request.port = static_cast<std::uint16_t>(question.port);
  request.deadline = question.limit;
  request.outlasts_refusal = question.patient;
  request.is_answer = [branch](std::string_view text) { return final_status(text, branch) != 0; };
  sent_.push_back(begin);
  times.push_back(begin);
  std::vector<Instant> planned;
  for (const milliseconds time : retransmissions(question.limit)) {
    if (question.once || !has_room(times, begin + time)) continue;
    request.again.push_back(time);
    planned.push_back(begin + time);
    times.push_back(begin + time);
  }
  sent_.insert(sent_.end(), planned.begin(), planned.end());
  const auto answer = co_await datagrams_.ask(std::move(request));
  forget_unsent(planned);
  if (!answer.ok()) co_return answer.error();
  co_return final_status(answer.value(), branch);
}

}  // namespace tandem
