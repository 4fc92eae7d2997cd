#include "ports/tree_follower.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

namespace tandem {
namespace {

constexpr unsigned kSelfEvents = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;
// Not IN_MODIFY: a file that is being written is told when it is closed.
constexpr unsigned kNameEvents =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB;
constexpr unsigned kAdding = IN_ONLYDIR | IN_DONT_FOLLOW;

constexpr std::size_t kBuffer = 64U << 10U;
// How many buffers are read before what they say is told.
constexpr int kReadsMax = 64;

std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

std::string why_unwatched(int error) {
  if (error == ENOSPC) return "too many inotify watches: raise fs.inotify.max_user_watches";
  return "a folder in it can not be watched: " + std::generic_category().message(error);
}

}  // namespace

std::optional<TreeFollower::News> TreeFollower::read(std::string_view message) {
  News news;
  if (message.size() < sizeof news.tree) return std::nullopt;
  std::memcpy(&news.tree, message.data(), sizeof news.tree);
  news.unwatched = message.substr(sizeof news.tree);
  return news;
}

TreeFollower::TreeFollower(Root root, std::vector<Tree> trees, Descriptor inotify, Descriptor news,
                           std::chrono::milliseconds tops_every)
    : root_(std::move(root)),
      trees_(std::move(trees)),
      inotify_(std::move(inotify)),
      news_(std::move(news)),
      tops_every_(tops_every),
      tops_(trees_.size()) {}

void TreeFollower::run() {
  do {
    if (std::exchange(tops_moved_, false)) look_at_tops();
    for (const std::size_t tree : std::exchange(to_walk_, {})) walk_anew(tree);
    tell();
  } while (wait());
}

// False once the other end is closed.
bool TreeFollower::wait() {
  const bool untold = !changed_.empty() || !lost_.empty();
  std::array<pollfd, 2> waited{
      pollfd{inotify_.get(), POLLIN, 0},
      pollfd{news_.get(), static_cast<short>(untold ? POLLIN | POLLOUT : POLLIN), 0}};
  const int ready = poll(waited.data(), waited.size(), static_cast<int>(tops_every_.count()));
  if (ready < 0) return errno == EINTR;
  // Nothing is ever sent to us: what can be read is the end.
  if ((waited[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0) return false;
  if ((waited[0].revents & POLLIN) != 0) read_events();
  // No event tells of a mount over a folder, nor of a folder that was not there.
  if (ready == 0) tops_moved_ = true;
  return true;
}

TreeFollower::Top TreeFollower::find_top(const Tree& tree) const {
  Top top;
  const auto folder = root_.open(tree.path, O_PATH | O_DIRECTORY);
  struct stat found {};
  if (!folder || fstat(folder->get(), &found) != 0) return top;
  std::array<char, PATH_MAX> text{};
  const auto itself = "/proc/self/fd/" + std::to_string(folder->get());
  const auto size = readlink(itself.c_str(), text.data(), text.size());
  if (size <= 0) return top;
  top.place.assign(text.data(), static_cast<std::size_t>(size));
  top.identity = {found.st_dev, found.st_ino};
  return top;
}

void TreeFollower::look_at_tops() {
  for (std::size_t i = 0; i < trees_.size(); ++i) {
    Top now = find_top(trees_[i]);
    if (now.place == tops_[i].place && now.identity == tops_[i].identity) continue;
    tops_[i] = std::move(now);
    to_walk_.insert(i);
  }
}

// Watches what is there and nothing else. The tree counts as changed: something may have happened
// in a folder before it was watched.
void TreeFollower::walk_anew(std::size_t tree) {
  changed_.insert(tree);
  std::set<int> before;
  for (auto& [number, owners] : folders_)
    if (owners.erase(tree) > 0) before.insert(number);
  if (!tops_[tree].place.empty()) walk(tree, "");
  for (const int number : before) {
    const auto folder = folders_.find(number);
    if (folder == folders_.end() || !folder->second.empty()) continue;
    inotify_rm_watch(inotify_.get(), number);
    folders_.erase(folder);
  }
}

void TreeFollower::walk(std::size_t tree, const std::string& from) {
  std::vector<std::string> left{from};
  while (!left.empty()) {
    const std::string name = std::move(left.back());
    left.pop_back();
    if (!visit(tree, name, left)) return;
  }
}

// False: no further folder of the tree can be watched. A folder is watched before it is listed, so
// that what appears in between is an event.
bool TreeFollower::visit(std::size_t tree, const std::string& name,
                         std::vector<std::string>& below) {
  const std::string& top = tops_[tree].place;
  const std::string path = name.empty() ? top : top + "/" + name;
  if (folders_.size() >= Trees::kWatchedFoldersMax) {
    lose(tree,
         "more than " + std::to_string(Trees::kWatchedFoldersMax) + " folders would be watched");
    return false;
  }
  const int number =
      inotify_add_watch(inotify_.get(), path.c_str(), kSelfEvents | kNameEvents | kAdding);
  if (number < 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return true;  // gone meanwhile
    const int error = errno;
    lose(tree, why_unwatched(error));
    return error == EACCES;
  }
  folders_[number][tree] = name;
  list(tree, name, below);
  return true;
}

void TreeFollower::list(std::size_t tree, const std::string& name,
                        std::vector<std::string>& below) const {
  const std::string& top = tops_[tree].place;
  const std::string path = name.empty() ? top : top + "/" + name;
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return;  // gone, and its watch tells
  while (const dirent* entry = readdir(folder)) {
    const std::string_view found = entry->d_name;
    if (found == "." || found == "..") continue;
    bool is_folder = entry->d_type == DT_DIR;
    struct stat status {};
    if (entry->d_type == DT_UNKNOWN &&
        fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
      is_folder = S_ISDIR(status.st_mode);
    auto full = joined(name, found);
    if (is_folder && belongs(trees_[tree], full, true)) below.push_back(std::move(full));
  }
  closedir(folder);
}

void TreeFollower::read_events() {
  alignas(inotify_event) std::array<char, kBuffer> buffer;
  for (int reads = 0; reads < kReadsMax; ++reads) {
    const auto size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size <= 0) return;  // EAGAIN: that was all
    std::string_view events(buffer.data(), static_cast<std::size_t>(size));
    while (events.size() >= sizeof(inotify_event)) {
      const auto* event = reinterpret_cast<const inotify_event*>(events.data());
      // The name is padded with NULs to the event's length.
      note(*event, event->len > 0 ? event->name : "");
      events.remove_prefix(sizeof(inotify_event) + event->len);
    }
  }
}

void TreeFollower::note(const inotify_event& event, std::string_view name) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    for (std::size_t i = 0; i < trees_.size(); ++i) to_walk_.insert(i);
    return;
  }
  const auto folder = folders_.find(event.wd);
  if (folder == folders_.end()) return;  // taken off meanwhile
  if ((event.mask & kSelfEvents) != 0) tops_moved_ = true;
  const Owners owners = folder->second;  // a copy: walks change the map
  if ((event.mask & IN_IGNORED) != 0) folders_.erase(folder);
  for (const auto& [tree, path] : owners) note_in(tree, path, event.mask, name);
}

void TreeFollower::note_in(std::size_t tree, const std::string& folder, unsigned mask,
                           std::string_view name) {
  if (name.empty()) {
    changed_.insert(tree);
    return;
  }
  const bool is_folder = (mask & IN_ISDIR) != 0;
  const std::string path = joined(folder, name);
  if (!belongs(trees_[tree], path, is_folder)) return;
  changed_.insert(tree);
  if (!is_folder) return;
  if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) walk(tree, path);
  // The watches go along with a folder that leaves, and would tell of a tree it is not in.
  if ((mask & IN_MOVED_FROM) != 0) to_walk_.insert(tree);
}

void TreeFollower::lose(std::size_t tree, std::string why) { lost_[tree] = std::move(why); }

void TreeFollower::tell() {
  while (!lost_.empty() && send({lost_.begin()->first, lost_.begin()->second}))
    lost_.erase(lost_.begin());
  while (!changed_.empty() && send({*changed_.begin(), ""})) changed_.erase(changed_.begin());
}

// False: the other end has not read what was told before.
bool TreeFollower::send(const News& news) const {
  std::string message(reinterpret_cast<const char*>(&news.tree), sizeof news.tree);
  message += news.unwatched.substr(0, kMessageMax - message.size());
  return ::send(news_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace tandem
