#include "reconciler/resync.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

// Whether provd, not the phone, is the trouble.
bool is_silence(const Error& error) {
  switch (error.fault) {
    case Fault::not_sent:
    case Fault::connection_refused:
    case Fault::connection_cut:
    case Fault::timed_out:
    case Fault::unavailable:
    case Fault::denied: return true;
    default: return false;
  }
}

}  // namespace

void Resync::note(Run& run, const Error& error) {
  run.silent_calls = is_silence(error) ? run.silent_calls + 1 : 0;
  if (run.silent_calls >= kSilentCallsMax && !run.result.stopped) run.result.stopped = error;
}

void Resync::fail(Run& run, std::size_t device, std::string why) {
  run.result.failures.push_back({run.devices[device], std::move(why)});
}

void Resync::tell(const Run& run) {
  if (!run.tell) return;
  const ResyncResult& so_far = run.result;
  run.tell(
      {so_far.total, so_far.told + so_far.gone + so_far.failures.size(), so_far.failures.size()});
}

Task<Result<std::string>> Resync::digest() {
  const auto registrars = co_await confd_.registrars();
  if (!registrars.ok()) co_return registrars.error();
  co_return registrars_digest(registrars.value());
}

Task<void> Resync::ask_next(Run& run) {
  const std::size_t device = run.next++;
  auto place = co_await devices_.synchronize(run.devices[device].id);
  if (place.ok()) {
    run.silent_calls = 0;
    const Instant now = clock_.now();
    Operation operation{device, std::move(place).value(), now + kOperationLimit, now};
    run.operations.push_back(std::move(operation));
    co_return;
  }
  note(run, place.error());
  if (place.error().fault == Fault::not_found)
    ++run.result.gone;
  else
    fail(run, device, place.error().message);
  tell(run);
}

Task<void> Resync::look_at_operations(Run& run) {
  for (std::size_t i = 0; i < run.operations.size();) {
    Operation& operation = run.operations[i];
    const Instant now = clock_.now();
    if (operation.next_look > now) {
      ++i;
      continue;
    }
    operation.next_look = now + kPoll;
    const auto state = co_await devices_.operation(operation.place);
    if (!state.ok())
      note(run, state.error());
    else
      run.silent_calls = 0;
    const bool lost = !state.ok() && state.error().fault == Fault::not_found;
    const bool told = state.ok() && state.value() == OperationState::success;
    const bool failed = state.ok() && state.value() == OperationState::failed;
    const bool late = now >= operation.deadline;
    if (!lost && !told && !failed && !late) {
      ++i;
      continue;
    }
    if (told)
      ++run.result.told;
    else if (lost)
      fail(run, operation.device, "provd was restarted meanwhile");
    else if (failed)
      fail(run, operation.device, "provd could not reach it");
    else
      fail(run, operation.device, fmt::format("no answer within {} s", kOperationLimit.count()));
    // What can not be deleted goes with the next restart of provd: it is no failure of the phone.
    if (!lost) static_cast<void>((co_await devices_.forget(operation.place)).ok());
    run.operations.erase(run.operations.begin() + static_cast<std::ptrdiff_t>(i));
    tell(run);
  }
}

// Of a run that is stopped: what is under way is no longer waited for.
Task<void> Resync::end_operations(Run& run) {
  for (const Operation& operation : run.operations) {
    fail(run, operation.device, "it was asked, and its answer not waited for");
    static_cast<void>((co_await devices_.forget(operation.place)).ok());
  }
  run.operations.clear();
  tell(run);
}

Task<void> Resync::write_down(const ResyncOrder& order, const std::string& known, Run& run) {
  if (order.tenant || run.result.stopped) co_return;
  PhonesKnow know;
  know.digest = known;
  know.at = clock_.wall();
  know.failures = run.result.failures.size();
  for (const ResyncFailure& failure : run.result.failures)
    if (know.failed.size() < PhonesRecord::kFailedMax) know.failed.push_back(failure.device.id);
  const Status written = record_.write(std::move(know));
  if (!written.ok()) run.result.stopped = in_context("what the phones know", written.error());
}

Task<Result<ResyncResult>> Resync::run(ResyncOrder order, std::function<bool()> stopping,
                                       std::function<void(const ResyncProgress&)> tell_progress) {
  // Read before the first phone: a change in the middle of a run is not what all of them know.
  const auto known = co_await digest();
  if (!known.ok()) co_return known.error();
  auto listed = co_await devices_.devices();
  if (!listed.ok()) co_return listed.error();

  Run run;
  run.tell = std::move(tell_progress);
  for (Device& device : listed.value()) {
    if (order.tenant && device.tenant != *order.tenant) continue;
    if (device.plugin.empty())
      ++run.result.skipped;
    else
      run.devices.push_back(std::move(device));
  }
  run.result.total = run.devices.size();
  tell(run);

  const auto gap = std::chrono::duration_cast<Instant::duration>(std::chrono::seconds{1}) /
                   std::max(order.rate, 1);
  const auto pause = clock_.make_signal();
  Instant next_ask = clock_.now();
  while (run.next < run.devices.size() || !run.operations.empty()) {
    if (stopping() && !run.result.stopped)
      run.result.stopped = Error{Fault::cancelled, "stopped on request"};
    if (run.result.stopped) break;
    const bool may_ask = run.next < run.devices.size() && run.operations.size() < kInFlightMax;
    if (may_ask && clock_.now() >= next_ask) {
      next_ask = clock_.now() + gap;
      co_await ask_next(run);
    }
    co_await look_at_operations(run);
    const Instant wake = may_ask ? std::min(next_ask, clock_.now() + kPoll) : clock_.now() + kPoll;
    if (run.next < run.devices.size() || !run.operations.empty())
      co_await clock_.wait(*pause, wake);
  }
  co_await end_operations(run);
  run.result.not_asked = run.devices.size() - run.next;
  co_await write_down(order, known.value(), run);
  co_return std::move(run.result);
}

}  // namespace tandem
