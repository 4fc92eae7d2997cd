// The watches of a MemoryFilesystem.
#pragma once

#include "ports/task.h"
// keep the order
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/filesystem.h"
#include "ports/path.h"

namespace tandem::fakes {

class MemoryWatch : public Watch {
 public:
  struct State {
    void wake() {
      if (gate) gate->cancel();
    }

    std::set<std::string> paths;
    std::set<std::string> changed;
    bool stopped = false;
    std::unique_ptr<boost::asio::steady_timer> gate;  // there while next() waits; never fires
  };

  explicit MemoryWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Task<Result<std::set<std::string>>> next() override {
    const auto state = state_;
    while (state->changed.empty() && !state->stopped) {
      const auto executor = co_await boost::asio::this_coro::executor;
      state->gate = std::make_unique<boost::asio::steady_timer>(
          executor, std::chrono::steady_clock::time_point::max());
      boost::system::error_code woken;
      co_await state->gate->async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      state->gate.reset();
    }
    if (state->stopped) co_return Error{Fault::cancelled, "the watch was stopped"};
    co_return std::exchange(state->changed, {});
  }

  void stop() override {
    state_->stopped = true;
    state_->wake();
  }

 private:
  std::shared_ptr<State> state_;
};

class MemoryWatches {
 public:
  std::unique_ptr<Watch> make(const std::set<std::string>& paths) {
    auto state = std::make_shared<MemoryWatch::State>();
    state->paths = paths;
    states_.push_back(state);
    return std::make_unique<MemoryWatch>(std::move(state));
  }

  // A watched path is concerned by itself, by the folders that lead to it, and, where it is a
  // folder, by its entries.
  void touched(const std::string& path) {
    tell([&](const std::string& watched) {
      const auto clean = clean_path(watched).value();
      return clean == path || clean == parent_folder(path) || clean.starts_with(path + "/");
    });
  }

  void overflow() {
    tell([](const std::string&) { return true; });
  }

  std::size_t open() {
    std::erase_if(states_, [](const auto& state) { return state.expired(); });
    return states_.size();
  }

 private:
  template <class Concerns>
  void tell(Concerns concerns) {
    for (const auto& weak : states_) {
      const auto state = weak.lock();
      if (!state) continue;
      std::ranges::copy_if(state->paths, std::inserter(state->changed, state->changed.end()),
                           concerns);
      if (!state->changed.empty()) state->wake();
    }
  }

  std::vector<std::weak_ptr<MemoryWatch::State>> states_;
};

}  // namespace tandem::fakes
