// The loop's senses: files and units that change, and what the node's API tells of the node.
#include <algorithm>
#include <stdexcept>

#include "ports/spawn.h"
#include "reconciler/loop.h"
// keep the order
#include <boost/asio/use_awaitable.hpp>

namespace tandem {

namespace asio = boost::asio;

// A task of ours that throws has met a bug or the end of memory: end the program, its supervisor
// starts it anew from what is.
void Loop::give_up(const std::string& why) { throw std::runtime_error("in the loop: " + why); }

Task<void> Loop::read_wizard() {
  const Reading before = facts_.wizard;
  Reading reading = co_await parts_.surroundings.wizard();
  facts_.wizard = std::move(reading);
  if (facts_.wizard.verdict != before.verdict) schedule_.wake_all(parts_.clock.now());
  signal_->notify();
}

// Asked at the start and until both answers are good: after a boot the vendor's services come up
// later than we do. Then seldom, for a node that was set up anew.
Task<void> Loop::watch_wizard() {
  ++background_;
  while (!stopping_) {
    co_await read_wizard();
    bool well = facts_.wizard.verdict == Verdict::good;
    if (!stopping_) {
      const Reading rights = co_await parts_.surroundings.permissions();
      put(condition_from("PermissionsComplete", rights));
      well = well && rights.verdict == Verdict::good;
    }
    const Instant next =
        parts_.clock.now() + (well ? std::chrono::seconds(kWizardPeriod) : kWizardRetry);
    if (!stopping_) co_await parts_.clock.wait(*wizard_signal_, next);
  }
  --background_;
  signal_->notify();
}

// Watches `paths` until stop(), or until watch_node() began another round. What can not be watched
// is polled by the loop, and watching is tried again.
Task<void> Loop::watch(Filesystem& files, std::set<std::string> paths, Watched& watched,
                       Changed changed) {
  ++background_;
  const std::uint64_t round = watched.round;
  auto pause = parts_.clock.make_signal();
  while (!stopping_ && round == watched.round) {
    auto watch = files.watch(paths);
    if (watch.ok()) {
      watched.error.reset();
      watched.armed = watch.value().get();
      changed(paths);  // whatever changed before the watch was armed
      while (!stopping_ && round == watched.round) {
        const auto events = co_await watch.value()->next();
        if (!events.ok()) break;
        changed(events.value());
      }
      if (round == watched.round) watched.armed = nullptr;
    } else {
      watched.error = watch.error();
    }
    if (stopping_ || round != watched.round) break;
    sleepers_.push_back(pause.get());
    co_await parts_.clock.wait(*pause, parts_.clock.now() + Schedule::kPeriod);
    std::erase(sleepers_, pause.get());
  }
  --background_;
  signal_->notify();
}

// Signals of units come as soon as there is a bus; the watch itself waits for one.
Task<void> Loop::watch_units(std::set<std::string> names, std::uint64_t round) {
  ++background_;
  auto pause = parts_.clock.make_signal();
  const auto watch = parts_.units->watch(std::move(names));
  armed_units_ = watch.get();
  while (!stopping_ && round == unit_round_) {
    const auto changed = co_await watch->next();
    if (!changed.ok()) break;
    units_changed(changed.value());
    sleepers_.push_back(pause.get());
    co_await parts_.clock.wait(*pause, parts_.clock.now() + kUnitsGap);
    std::erase(sleepers_, pause.get());
  }
  if (round == unit_round_) armed_units_ = nullptr;
  --background_;
  signal_->notify();
}

// Begins a new round of watching where the goal made other files or units ours.
void Loop::watch_node(asio::any_io_executor executor) {
  std::set<std::string> paths{parts_.surroundings.standby_marker(goal_->product)};
  std::set<std::string> names;
  for (const auto& resource : resources_) {
    paths.merge(resource->watched(*goal_));
    names.merge(resource->watched_units(*goal_));
  }
  if (paths != node_paths_) {
    node_paths_ = paths;
    ++node_files_.round;
    if (node_files_.armed != nullptr) node_files_.armed->stop();
    node_files_.armed = nullptr;
    Changed on_change = [this](const std::set<std::string>& files) { files_changed(files); };
    spawn(executor, watch(parts_.node, std::move(paths), node_files_, std::move(on_change)),
          give_up);
  }
  if (parts_.units != nullptr && names != unit_names_) {
    unit_names_ = names;
    ++unit_round_;
    if (armed_units_ != nullptr) armed_units_->stop();
    armed_units_ = nullptr;
    if (!names.empty()) spawn(executor, watch_units(std::move(names), unit_round_), give_up);
  }
}

void Loop::files_changed(const std::set<std::string>& paths) {
  const Instant now = parts_.clock.now();
  look_around_due_ = Instant::min();  // it may be an upgrade that changes them
  for (const auto& resource : resources_) {
    const auto own = resource->watched(*goal_);
    if (std::any_of(own.begin(), own.end(), [&](const auto& p) { return paths.contains(p); }))
      schedule_.wake(resource->name(), now);
  }
  signal_->notify();
}

void Loop::units_changed(const std::set<std::string>& names) {
  const Instant now = parts_.clock.now();
  look_around_due_ = Instant::min();  // it may be an upgrade that changes them
  for (const auto& resource : resources_) {
    const auto own = resource->watched_units(*goal_);
    if (std::any_of(own.begin(), own.end(), [&](const auto& n) { return names.contains(n); }))
      schedule_.wake(resource->name(), now);
  }
  signal_->notify();
}

}  // namespace tandem
