// Trees in memory: what a look finds is set by hand, and changes are told on request.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/trees.h"

namespace tandem::fakes {

class MemoryTrees : public Trees {
 public:
  // By path; what is not here does not exist.
  std::map<std::string, TreeLook> looks;
  std::map<std::string, Error> look_errors;
  std::optional<Error> watch_error;
  std::vector<std::string> looked_at;
  int watches_opened = 0;

  Task<Result<std::optional<TreeLook>>> look(Tree tree) override {
    looked_at.push_back(tree.path);
    if (const auto error = look_errors.find(tree.path); error != look_errors.end())
      co_return error->second;
    const auto found = looks.find(tree.path);
    if (found == looks.end()) co_return std::optional<TreeLook>();
    co_return std::optional<TreeLook>(found->second);
  }

  Result<std::unique_ptr<TreeWatch>> watch(const std::vector<Tree>& trees) override {
    ++watches_opened;
    if (watch_error) return *watch_error;
    state_ = std::make_shared<State>();
    for (const Tree& tree : trees) state_->trees.insert(tree.path);
    return std::unique_ptr<TreeWatch>(std::make_unique<MemoryTreeWatch>(state_));
  }

  void touched(const std::string& path) {
    state_->news.changed.insert(path);
    state_->wake();
  }
  void overflow() {
    state_->news.changed = state_->trees;
    state_->wake();
  }
  // From now on changes of this tree go unnoticed.
  void lose(const std::string& path, const std::string& why) {
    state_->news.unwatched[path] = why;
    state_->wake();
  }
  void break_watch(Error error) {
    state_->error = std::move(error);
    state_->wake();
  }

 private:
  struct State {
    void wake() {
      if (gate) gate->cancel();
    }

    std::set<std::string> trees;
    TreeNews news;
    std::optional<Error> error;
    bool stopped = false;
    std::unique_ptr<boost::asio::steady_timer> gate;  // there while next() waits; never fires
  };

  class MemoryTreeWatch : public TreeWatch {
   public:
    explicit MemoryTreeWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}

    Task<Result<TreeNews>> next() override {
      const auto state = state_;
      while (!state->stopped) {
        if (state->error) co_return *std::exchange(state->error, std::nullopt);
        if (!state->news.changed.empty() || !state->news.unwatched.empty())
          co_return std::exchange(state->news, {});
        const auto executor = co_await boost::asio::this_coro::executor;
        state->gate = std::make_unique<boost::asio::steady_timer>(
            executor, std::chrono::steady_clock::time_point::max());
        boost::system::error_code woken;
        co_await state->gate->async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, woken));
        state->gate.reset();
      }
      co_return Error{Fault::cancelled, "the watch was stopped"};
    }

    void stop() override {
      state_->stopped = true;
      state_->wake();
    }

   private:
    std::shared_ptr<State> state_;
  };

  std::shared_ptr<State> state_;
};

}  // namespace tandem::fakes
