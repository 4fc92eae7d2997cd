#include "replication/files/change_follower.h"

#include <algorithm>
#include <utility>

namespace tandem::files {

ChangeFollower::ChangeFollower(Trees& trees, Clock& clock, Signal& wake)
    : trees_(trees), clock_(clock), wake_(wake), pause_(clock.make_signal()) {}

Task<void> ChangeFollower::follow(std::vector<Tree> trees) {
  followed_ = std::move(trees);
  while (!stopped_ && !followed_.empty()) {
    watched_since_ = clock_.now();
    unwatched_.clear();
    next_poll_.reset();
    auto opened = trees_.watch(followed_);
    if (opened.ok()) {
      watch_ = std::move(opened).value();
      co_await listen();
      watch_.reset();
    } else {
      watch_nothing(opened.error().message);
    }
    const Instant again = watched_since_ + kWatchAgain;
    if (!stopped_ && clock_.now() < again) co_await clock_.wait(*pause_, again);
  }
}

// Until the watch has ended, which is when it was stopped, has failed, or is to be opened anew.
Task<void> ChangeFollower::listen() {
  while (!stopped_) {
    const auto news = co_await watch_->next();
    if (!news.ok()) {
      if (news.error().fault != Fault::cancelled) watch_nothing(news.error().message);
      co_return;
    }
    for (const std::string& path : news.value().changed) settling_.changed(path, clock_.now());
    for (const auto& [path, why] : news.value().unwatched) unwatch(path, why);
    wake_.notify();
  }
}

void ChangeFollower::stop() {
  stopped_ = true;
  if (watch_) watch_->stop();
  pause_->notify();
}

void ChangeFollower::watch_nothing(const std::string& why) {
  for (const Tree& tree : followed_) unwatch(tree.path, why);
  wake_.notify();
}

// What happened before it was known to be unwatched may be unknown too.
void ChangeFollower::unwatch(const std::string& path, const std::string& why) {
  unwatched_[path] = why;
  settling_.changed(path, clock_.now());
  if (!next_poll_) next_poll_ = clock_.now() + kPollEvery;
}

std::optional<Instant> ChangeFollower::due() const {
  const auto settled = settling_.due();
  if (!settled || !next_poll_) return settled ? settled : next_poll_;
  return std::min(*settled, *next_poll_);
}

std::set<std::string> ChangeFollower::take() {
  const Instant now = clock_.now();
  auto folders = settling_.take(now);
  if (next_poll_ && now >= *next_poll_) {
    for (const auto& [path, why] : unwatched_) folders.insert(path);
    next_poll_ = now + kPollEvery;
    // Opened anew from time to time: the limit may have been raised.
    if (watch_ && now >= watched_since_ + kWatchAgain) watch_->stop();
  }
  return folders;
}

void ChangeFollower::give_back(const std::set<std::string>& folders) {
  for (const std::string& path : folders) settling_.changed(path, clock_.now());
}

}  // namespace tandem::files
