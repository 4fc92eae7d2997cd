#include "ports/inotify_tree_watch.h"

#include <sys/inotify.h>
#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "ports/system_error.h"
#include "ports/tree_follower.h"

namespace tandem {
namespace {

// How many messages are read before the other tasks get their turn.
constexpr int kMessagesMax = 64;

Error no_instance(int error) {
  if (error == EMFILE)
    return Error{Fault::unavailable,
                 "watch of folders: too many inotify instances: raise "
                 "fs.inotify.max_user_instances"};
  return system_error("watch of folders", "begin", error);
}

}  // namespace

Result<std::unique_ptr<TreeWatch>> InotifyTreeWatch::open(
    const boost::asio::any_io_executor& executor, const Root& root, std::vector<Tree> trees,
    std::chrono::milliseconds tops_every) {
  Descriptor inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify.ok()) return no_instance(errno);
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return no_instance(errno);
  Descriptor ours(ends[0]);
  TreeFollower follower(root, trees, std::move(inotify), Descriptor(ends[1]), tops_every);
  std::unique_ptr<InotifyTreeWatch> watch(new InotifyTreeWatch(executor, std::move(trees)));
  boost::system::error_code failed;
  watch->told_.assign(ours.get(), failed);
  if (failed) return Error{Fault::unavailable, "watch of folders: " + failed.message()};
  ours.release();
  try {
    std::thread([moved = std::move(follower)]() mutable { moved.run(); }).detach();
  } catch (const std::system_error& e) {
    return Error{Fault::unavailable, std::string("watch of folders: no thread: ") + e.what()};
  }
  return std::unique_ptr<TreeWatch>(std::move(watch));
}

Task<Result<TreeNews>> InotifyTreeWatch::next() {
  while (!stopped_) {
    receive();
    if (!news_.changed.empty() || !news_.unwatched.empty()) co_return std::exchange(news_, {});
    if (over_) co_return Error{Fault::unavailable, "watch of folders: it has ended"};
    boost::system::error_code failed;
    co_await told_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                              boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    if (!stopped_ && failed)
      co_return Error{Fault::unavailable, "watch of folders: " + failed.message()};
  }
  co_return Error{Fault::cancelled, "watch of folders: stopped"};
}

void InotifyTreeWatch::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  told_.cancel(ignored);
}

void InotifyTreeWatch::receive() {
  std::array<char, TreeFollower::kMessageMax> buffer{};
  for (int messages = 0; messages < kMessagesMax; ++messages) {
    const auto size = recv(told_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size > 0) {
      take({buffer.data(), static_cast<std::size_t>(size)});
      continue;
    }
    over_ = size == 0 || (errno != EAGAIN && errno != EINTR);
    return;
  }
}

void InotifyTreeWatch::take(std::string_view message) {
  const auto news = TreeFollower::read(message);
  if (!news || news->tree >= trees_.size()) return;
  const std::string& path = trees_[news->tree].path;
  if (news->unwatched.empty())
    news_.changed.insert(path);
  else
    news_.unwatched[path] = news->unwatched;
}

}  // namespace tandem
