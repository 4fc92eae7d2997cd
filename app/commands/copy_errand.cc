#include "app/commands/copy_errand.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int kHeldAnswers = 2;  // the first may be from before the order

constexpr const char* kAsk = "`tandem status` tells how the copies stand";

std::uint64_t run_of(const OrderedJson& kind) { return kind.value("run", std::uint64_t{0}); }

CopyEnding not_begun(std::string why) {
  return {CopyEnding::How::not_begun, nullptr, std::move(why)};
}

CopyEnding unknown(const std::string& why) {
  return {CopyEnding::How::unknown, nullptr, fmt::format("{}; {}", why, kAsk)};
}

}  // namespace

bool CopyEnding::good() const {
  if (how != How::ended || !last.is_object()) return false;
  const auto result = last.value("result", "");
  return result == "equal" || result == "partial" || result == "undone";
}

bool copy_has_ended(const OrderedJson& kind, std::uint64_t number) {
  const auto run = run_of(kind);
  return run > number || (run == number && !kind.value("running", false));
}

Task<Result<CopyRuns>> CopyErrand::give(std::string body) {
  auto answer = co_await parts_.client.post(parts_.order_path, std::move(body), parts_.token,
                                            std::chrono::milliseconds(kCancelMax));
  if (!answer.ok()) co_return answer.error();
  CopyRuns runs;
  for (const auto& [kind, number] : answer.value()["runs"].items())
    if (number.is_number_unsigned()) runs[kind] = number.get<std::uint64_t>();
  if (runs.empty()) co_return Error{Fault::unavailable, "the operator told of no run"};
  co_return runs;
}

Task<CopyEndings> CopyErrand::wait(CopyRuns runs) {
  runs_ = std::move(runs);
  const Instant begun = parts_.clock.now();
  Instant answered = begun;
  const std::string path = ReplicationApi::kPath;
  const std::chrono::milliseconds limit = kAnswerMax;
  while (!settled()) {
    if (interrupted() && !cancelled_) co_await cancel();
    if (settled()) break;
    const auto seen = co_await parts_.client.get(path, limit);
    const Instant now = parts_.clock.now();
    if (seen.ok() && seen.value().is_object()) {
      answered = now;
      take(seen.value().value("replication", OrderedJson()), now);
    } else if (now - answered >= kSilenceMax) {
      give_up("the operator does not answer any more: " +
              (seen.ok() ? "what answers is no operator" : seen.error().message));
    }
    if (cancelled_ && (interrupts_ > 1 || now - *cancelled_ >= kCancelMax))
      give_up("the copy was cancelled, and has not ended yet");
    if (now - begun >= kWaitMax) give_up("the copy goes on, and is not waited for any longer");
    if (!settled()) co_await parts_.clock.wait(*signal_, now + kLook);
  }
  co_return endings_;
}

void CopyErrand::interrupt() {
  ++interrupts_;
  signal_->notify();
}

Task<void> CopyErrand::cancel() {
  cancelled_ = parts_.clock.now();
  OrderedJson body = {{"kinds", OrderedJson::array()}};
  for (const auto& [kind, number] : runs_)
    if (!endings_.contains(kind)) body["kinds"].push_back(kind);
  const std::chrono::milliseconds limit = kAnswerMax;
  const auto answer =
      co_await parts_.client.post(parts_.cancel_path, body.dump(), parts_.token, limit);
  if (!answer.ok())
    give_up("the copy could not be cancelled and may go on: " + answer.error().message);
}

void CopyErrand::take(const OrderedJson& replication, Instant now) {
  if (parts_.show) parts_.show(replication, runs_);
  for (const auto& [name, number] : runs_) {
    if (endings_.contains(name)) continue;
    const auto kind = replication.is_object() ? replication.find(name) : replication.end();
    if (kind == replication.end()) {
      endings_[name] = unknown("this node makes no copies any more");
      continue;
    }
    if (auto ending = ending_of(*kind, number, seen_[name], now)) endings_[name] = *ending;
  }
}

std::optional<CopyEnding> CopyErrand::ending_of(const OrderedJson& kind, std::uint64_t number,
                                                Seen& seen, Instant now) const {
  const std::uint64_t run = run_of(kind);
  // Numbers begin anew with the operator.
  if (run + 1 < number || run < seen.highest)
    return unknown("the operator was started anew meanwhile, which ended the copy");
  seen.highest = run;
  if (copy_has_ended(kind, number))
    return CopyEnding{CopyEnding::How::ended, kind.value("last", OrderedJson()), ""};
  const bool waits = run < number && !kind.value("running", false);
  if (!waits) {
    seen.held = 0;
    seen.idle.reset();
    return std::nullopt;
  }
  if (cancelled_) return not_begun("it was cancelled before it began");
  const auto held = kind.value("held", OrderedJson());
  seen.held = held.is_object() ? seen.held + 1 : 0;
  if (seen.held >= kHeldAnswers) return not_begun(held.value("message", ""));
  if (!seen.idle) seen.idle = now;
  if (now - *seen.idle >= kBeginMax)
    return not_begun("it does not begin: somebody cancelled it, or the operator is held up");
  return std::nullopt;
}

void CopyErrand::give_up(const std::string& why) {
  for (const auto& [name, number] : runs_)
    if (!endings_.contains(name)) endings_[name] = unknown(why);
}

}  // namespace tandem
