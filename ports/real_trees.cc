#include "ports/real_trees.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>
#include <thread>

#include "ports/descriptor.h"
#include "ports/inotify_tree_watch.h"
#include "ports/system_error.h"
#include "ports/tree_walk.h"

namespace tandem {

// What the thread and the loop share. The thread touches nothing else: it may outlive the loop.
struct RealTrees::Looking {
  std::string path;
  std::atomic<bool> stop = false;
  std::atomic<bool> done = false;  // `answer` is there
  Result<std::optional<TreeLook>> answer = std::optional<TreeLook>();
  Descriptor told;  // closed when it is done: the other end becomes readable
};

void RealTrees::begin(const std::shared_ptr<Looking>& looking, Root root, Tree tree) {
  std::thread([looking, root = std::move(root), tree = std::move(tree)] {
    looking->answer = walk_tree(root, tree, looking->stop);
    looking->done = true;
    looking->told.close();
  }).detach();
}

Task<Result<std::optional<TreeLook>>> RealTrees::look(Tree tree) {
  if (const auto earlier = under_way_.lock(); earlier && !earlier->done)
    co_return Error{Fault::unavailable, tree.path + ": not looked at, since a look at " +
                                            earlier->path + " still waits for its disk"};
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    co_return system_error(tree.path, "look", errno);
  const auto looking = std::make_shared<Looking>();
  looking->path = tree.path;
  looking->told = Descriptor(ends[1]);
  Descriptor other_end(ends[0]);
  boost::asio::posix::stream_descriptor heard(executor_);
  boost::system::error_code failed;
  heard.assign(other_end.get(), failed);
  if (failed) co_return Error{Fault::unavailable, looking->path + ": " + failed.message()};
  other_end.release();
  try {
    begin(looking, root_, std::move(tree));
  } catch (const std::system_error& e) {
    co_return Error{Fault::unavailable, looking->path + ": no thread to look at it: " + e.what()};
  }
  under_way_ = looking;

  const auto late = std::make_shared<bool>(false);
  boost::asio::steady_timer timer(executor_, patience_);
  timer.async_wait([&heard, late](boost::system::error_code ended) {
    if (ended || *late) return;
    boost::system::error_code ignored;
    heard.cancel(ignored);
  });
  co_await heard.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            boost::asio::redirect_error(boost::asio::use_awaitable, failed));
  *late = true;  // the timer's handler may be under way, and `heard` is not there for long
  if (looking->done) co_return std::move(looking->answer);
  looking->stop = true;
  co_return Error{Fault::timed_out, looking->path + ": the disk did not answer within " +
                                        std::to_string(patience_.count() / 1000) + " s"};
}

Result<std::unique_ptr<TreeWatch>> RealTrees::watch(const std::vector<Tree>& trees) {
  return InotifyTreeWatch::open(executor_, root_, trees);
}

}  // namespace tandem
