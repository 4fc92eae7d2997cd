#include "ports/inotify_watch.h"

#include <fcntl.h>
#include <sys/inotify.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <deque>

#include "ports/path.h"
#include "ports/replace_file.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr unsigned kSelfEvents = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr unsigned kNameEvents =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB;
constexpr unsigned kGone = kSelfEvents | IN_UNMOUNT | IN_IGNORED;

constexpr std::size_t kBuffer = 16U << 10U;
// How many buffers are read before the tasks get their turn.
constexpr int kReadsMax = 64;

Error limit_error(int error, const std::string& what) {
  if (error == EMFILE)
    return Error{Fault::unavailable,
                 what + ": too many inotify instances: raise fs.inotify.max_user_instances"};
  if (error == ENOSPC)
    return Error{Fault::unavailable,
                 what + ": too many inotify watches: raise fs.inotify.max_user_watches"};
  return system_error(what, "watch", error);
}

// What is still to walk, and the way there: names of folders that are no links.
struct Walk {
  explicit Walk(const std::string& path) { walk_first(path); }

  void walk_first(const std::string& path) {
    const auto parts = path_parts(path);
    rest.insert(rest.begin(), parts.begin(), parts.end());
  }

  std::string at = "/";
  std::deque<std::string> rest;
  int links = 0;
};

}  // namespace

Result<std::unique_ptr<Watch>> InotifyWatch::open(const boost::asio::any_io_executor& executor,
                                                  Root root, std::set<std::string> paths) {
  Descriptor inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify.ok()) return limit_error(errno, "file watch");
  std::unique_ptr<InotifyWatch> watch(
      new InotifyWatch(executor, std::move(root), std::move(paths)));
  boost::system::error_code failed;
  watch->inotify_.assign(inotify.get(), failed);
  if (failed) return Error{Fault::unavailable, "file watch: " + failed.message()};
  inotify.release();
  const auto armed = watch->arm();
  if (!armed.ok()) return armed.error();
  return std::unique_ptr<Watch>(std::move(watch));
}

InotifyWatch::InotifyWatch(const boost::asio::any_io_executor& executor, Root root,
                           std::set<std::string> paths)
    : inotify_(executor), root_(std::move(root)), paths_(std::move(paths)) {}

Task<Result<std::set<std::string>>> InotifyWatch::next() {
  while (!stopped_) {
    // Before the caller looks, so that what happens after its look is noticed.
    if (!armed_) {
      const auto armed = arm();
      if (!armed.ok()) co_return armed.error();
    }
    if (!changed_.empty()) co_return std::exchange(changed_, {});
    boost::system::error_code failed;
    co_await inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                 boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    if (stopped_) break;
    if (failed) co_return Error{Fault::unavailable, "file watch: " + failed.message()};
    read_events();
  }
  co_return Error{Fault::cancelled, "file watch: stopped"};
}

void InotifyWatch::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  inotify_.cancel(ignored);
}

Status InotifyWatch::arm() {
  Folders folders;
  for (const auto& path : paths_) {
    const auto followed = follow(path, folders);
    if (followed.ok()) continue;
    folders_.merge(folders);  // to be taken off when it works again
    return followed.error();
  }
  for (const auto& old : folders_)
    if (!folders.contains(old.first)) inotify_rm_watch(inotify_.native_handle(), old.first);
  folders_ = std::move(folders);
  armed_ = true;
  return success();
}

// Each folder is watched before what it leads to is looked at: what appears in between is an event.
Status InotifyWatch::follow(const std::string& path, Folders& folders) {
  Walk walk(path);
  while (true) {
    if (!walk.rest.empty() && walk.rest.front() == "..") {
      walk.at = parent_folder(walk.at);
      walk.rest.pop_front();
      continue;
    }
    auto folder = root_.open(walk.at, O_PATH | O_DIRECTORY);
    if (!folder) {
      // It will come or become a folder, and the one above tells then.
      if (walk.at != "/" && fault_of(folder.error()) != Fault::unavailable) return success();
      return system_error(walk.at, "watch", folder.error());
    }
    const auto watched = watch_folder(*folder, walk.at);
    if (!watched.ok()) return watched.error();
    const auto name = walk.rest.empty() ? "" : walk.rest.front();
    folders[watched.value()].emplace(name, path);
    if (name.empty()) return success();  // a folder to its end: all its entries

    walk.rest.pop_front();
    const RootedPlace place{*std::move(folder), name};
    const auto target = link_target(place);
    if (!target) return success();  // a moment's trouble on the way, such as an unmount
    if (!target->has_value()) {
      walk.at = (walk.at == "/" ? "" : walk.at) + "/" + name;
      continue;
    }
    if (++walk.links > Root::kLinksMax) return success();
    if ((*target)->starts_with('/')) walk.at = "/";
    walk.walk_first(**target);
  }
}

Result<int> InotifyWatch::watch_folder(const Descriptor& folder, const std::string& name) {
  // Inotify takes no descriptor; this name of it leads to the very folder that was opened in the
  // jail.
  const auto itself = "/proc/self/fd/" + std::to_string(folder.get());
  const int number = inotify_add_watch(inotify_.native_handle(), itself.c_str(),
                                       kSelfEvents | kNameEvents | IN_ONLYDIR);
  if (number < 0) return limit_error(errno, name);
  return number;
}

void InotifyWatch::read_events() {
  alignas(inotify_event) std::array<char, kBuffer> buffer;
  for (int reads = 0; reads < kReadsMax; ++reads) {
    const auto size = read(inotify_.native_handle(), buffer.data(), buffer.size());
    if (size <= 0) return;  // EAGAIN: that was all
    parse({buffer.data(), static_cast<std::size_t>(size)});
  }
}

void InotifyWatch::parse(std::string_view events) {
  while (events.size() >= sizeof(inotify_event)) {
    const auto* event = reinterpret_cast<const inotify_event*>(events.data());
    // The name is padded with NULs to the event's length.
    const std::string_view name = event->len > 0 ? event->name : "";
    note(event->wd, event->mask, name);
    events.remove_prefix(sizeof(inotify_event) + event->len);
  }
}

void InotifyWatch::note(int folder, unsigned mask, std::string_view name) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    changed_ = paths_;
    armed_ = false;
    return;
  }
  const auto watched = folders_.find(folder);
  if (watched == folders_.end()) return;  // taken off meanwhile
  for (const auto& [wanted, path] : watched->second) {
    const bool any = wanted.empty() && !is_temporary(name);
    if ((mask & kGone) == 0 && !name.empty() && wanted != name && !any) continue;
    changed_.insert(path);
    armed_ = false;
  }
}

}  // namespace tandem
