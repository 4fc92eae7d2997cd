// systemd in memory: its units are open, what was asked is written down, signals and faults come on
// request.
#pragma once

#include "ports/task.h"
// keep the order
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/units.h"

namespace tandem::fakes {

// Units as they mostly are.
inline UnitState running_unit(std::string file = "enabled") {
  return {"loaded", "active", "running", std::move(file), "", "success"};
}
inline UnitState stopped_unit(std::string file = "enabled") {
  return {"loaded", "inactive", "dead", std::move(file), "", "success"};
}
inline UnitState failed_unit(std::string result = "exit-code", std::string file = "enabled") {
  return {"loaded", "failed", "failed", std::move(file), "", std::move(result)};
}

class FakeUnitWatch : public UnitWatch {
 public:
  struct State {
    void wake() {
      if (gate) gate->cancel();
    }

    std::set<std::string> names;
    std::set<std::string> changed;
    bool connected = true;
    bool stopped = false;
    std::unique_ptr<boost::asio::steady_timer> gate;  // there while next() waits; never fires
  };

  explicit FakeUnitWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Task<Result<std::set<std::string>>> next() override {
    const auto state = state_;
    while ((state->changed.empty() || !state->connected) && !state->stopped) {
      const auto executor = co_await boost::asio::this_coro::executor;
      state->gate = std::make_unique<boost::asio::steady_timer>(
          executor, std::chrono::steady_clock::time_point::max());
      boost::system::error_code woken;
      co_await state->gate->async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      state->gate.reset();
    }
    if (state->stopped) co_return Error{Fault::cancelled, "the watch of units was stopped"};
    co_return std::exchange(state->changed, {});
  }

  void stop() override {
    state_->stopped = true;
    state_->wake();
  }

 private:
  std::shared_ptr<State> state_;
};

class FakeUnits : public Units {
 public:
  // By name. A unit that is not here is not-found.
  std::map<std::string, UnitState> units;
  // The other names of units, as systemd has them.
  std::map<std::string, std::string> aliases;
  // states() fails with this.
  std::optional<Error> error;

  // A line a states(): the names asked for, in their order.
  std::vector<std::string> journal;

  // Puts the unit in this state and tells its watches, as a signal does.
  void set(const std::string& name, UnitState state) {
    if (state.active == "active" && !state.active_since)
      state.active_since = std::chrono::system_clock::now();
    units[name] = std::move(state);
    touched(name);
  }
  // For a test that edited `units` by hand.
  void touched(const std::string& name) {
    tell([&](const std::string& watched) { return watched == name || real_name(watched) == name; });
  }
  // No bus: states() is unavailable, and no signal comes.
  void lose_bus() {
    error = Error{Fault::unavailable,
                  "the system bus does not answer: see `systemctl status dbus.service`"};
    each([](FakeUnitWatch::State& state) { state.connected = false; });
  }
  // It is there again: every watch tells of all its units.
  void find_bus() {
    error.reset();
    each([](FakeUnitWatch::State& state) { state.connected = true; });
    tell([](const std::string&) { return true; });
  }
  std::size_t watches_open() {
    std::erase_if(watches_, [](const auto& state) { return state.expired(); });
    return watches_.size();
  }

  Task<Result<std::map<std::string, UnitState>>> states(std::vector<std::string> names) override {
    std::string line;
    for (const auto& name : names) line += (line.empty() ? "" : " ") + name;
    journal.push_back(line);
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
    co_return look(names);
  }

  std::unique_ptr<UnitWatch> watch(std::set<std::string> names) override {
    auto state = std::make_shared<FakeUnitWatch::State>();
    state->names = names;
    state->changed = std::move(names);
    state->connected = !error.has_value();
    watches_.push_back(state);
    return std::make_unique<FakeUnitWatch>(std::move(state));
  }

 private:
  std::string real_name(const std::string& name) const {
    const auto alias = aliases.find(name);
    return alias == aliases.end() ? name : alias->second;
  }

  Result<std::map<std::string, UnitState>> look(const std::vector<std::string>& names) const {
    if (error) return *error;
    if (names.size() > kUnitsMax) return Error{Fault::too_large, "too many units in one look"};
    std::map<std::string, UnitState> seen;
    for (const auto& name : names) {
      if (name.find('.') == std::string::npos || name.find('/') != std::string::npos)
        return Error{Fault::invalid, name + ": not the name of a unit"};
      const auto unit = units.find(real_name(name));
      seen[name] = unit == units.end() ? UnitState{} : unit->second;
    }
    return seen;
  }

  void each(const std::function<void(FakeUnitWatch::State&)>& act) {
    for (const auto& weak : watches_)
      if (const auto state = weak.lock()) act(*state);
  }

  void tell(const std::function<bool(const std::string&)>& concerns) {
    each([&](FakeUnitWatch::State& state) {
      for (const auto& name : state.names)
        if (concerns(name)) state.changed.insert(name);
      if (!state.changed.empty() && state.connected) state.wake();
    });
  }

  std::vector<std::weak_ptr<FakeUnitWatch::State>> watches_;
};

}  // namespace tandem::fakes
