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
  if (!text.starts_with(kVersion) || text.size() < kVersion.size() + 3) return 0;
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

// Conservative: whatever lies within a window's length of it, earlier or later.
bool Sip::has_room(Instant at) const {
  const auto near = std::count_if(sent_.begin(), sent_.end(), [&](Instant other) {
    return other > at - kWindow && other < at + kWindow;
  });
  return near < static_cast<std::ptrdiff_t>(kDatagramsMax);
}

// What was planned and, as the answer came before, never went out.
void Sip::forget_unsent(const std::vector<Instant>& planned) {
  for (const Instant at : planned) {
    const auto mine = std::find(sent_.begin(), sent_.end(), at);
    if (at > clock_.now() && mine != sent_.end()) sent_.erase(mine);
  }
}

// A window later whatever was sent by now counts no more.
Task<void> Sip::await_room() {
  if (has_room(clock_.now())) co_return;
  const auto signal = clock_.make_signal();
  co_await clock_.wait(*signal, clock_.now() + kWindow);
}

Task<Result<int>> Sip::options(SipQuestion question) {
  if (question.patient) co_await await_room();
  const Instant begin = clock_.now();
  std::erase_if(sent_, [&](Instant at) { return at <= begin - kWindow; });
  if (!has_room(begin))
    co_return Error{Fault::unavailable,
                    fmt::format("sip {}:{}: asked {} times within 5 s, and more would look like an "
                                "attack; it is asked again later",
                                question.address, question.port, kDatagramsMax)};
  DatagramRequest request;
  const std::string branch =
      fmt::format("z9hG4bK.tandem.{:x}-{:x}", ++asked_, clock_.wall().time_since_epoch().count());
  request.payload = options_request(question, branch);
  request.address = question.address;
  request.port = static_cast<std::uint16_t>(question.port);
  request.deadline = question.limit;
  request.outlasts_refusal = question.patient;
  request.is_answer = [branch](std::string_view text) { return final_status(text, branch) != 0; };
  sent_.push_back(begin);
  std::vector<Instant> planned;
  for (const milliseconds time : retransmissions(question.limit)) {
    if (!has_room(begin + time)) continue;
    request.again.push_back(time);
    planned.push_back(begin + time);
    sent_.push_back(begin + time);
  }
  const auto answer = co_await datagrams_.ask(std::move(request));
  forget_unsent(planned);
  if (!answer.ok()) co_return answer.error();
  co_return final_status(answer.value(), branch);
}

}  // namespace tandem
