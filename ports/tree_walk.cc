#include "ports/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string>
#include <utility>

#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr unsigned kAsked = STATX_BASIC_STATS;
constexpr int kNoFollow = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

class Folder {
 public:
  explicit Folder(int number) : stream_(fdopendir(number)) {
    if (stream_ == nullptr) close(number);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (stream_ != nullptr) closedir(stream_);
  }

  bool ok() const { return stream_ != nullptr; }
  int number() const { return dirfd(stream_); }
  // nullptr: the end, or errno is set.
  const char* next() {
    while (true) {
      errno = 0;
      const dirent* entry = readdir(stream_);
      if (entry == nullptr) return nullptr;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") return entry->d_name;
    }
  }

 private:
  DIR* stream_;
};

// FNV-1a, and at its end a mixing of all bits, so that sums of it do not cancel out.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0);
  }
  void add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) step(static_cast<unsigned char>(number >> (8 * i)));
  }
  std::uint64_t value() const {
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
  }

 private:
  void step(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

class Walk {
 public:
  Walk(const Tree& tree, const std::atomic<bool>& stop) : tree_(tree), stop_(stop) {}

  Status folder(int number, const std::string& below, int depth) {
    if (depth > Trees::kDepthMax)
      return Error{Fault::too_large, where(below) + ": folders too deep to look at"};
    Folder entries(number);
    if (!entries.ok()) return system_error(where(below), "list", errno);
    while (const char* name = entries.next()) {
      if (stop_) return Error{Fault::cancelled, tree_.path + ": the look was given up"};
      const auto seen =
          entry(entries.number(), name, below.empty() ? name : below + "/" + name, depth);
      if (!seen.ok()) return seen;
    }
    if (errno != 0) return system_error(where(below), "list", errno);
    return success();
  }

  TreeLook look;

 private:
  std::string where(const std::string& below) const {
    return below.empty() ? tree_.path : tree_.path + "/" + below;
  }

  Status entry(int folder_number, const char* name, const std::string& path, int depth) {
    struct statx found {};
    if (statx(folder_number, name, kNoFollow, kAsked, &found) != 0) {
      if (errno == ENOENT) return success();  // gone meanwhile: another stamp the next time
      return system_error(where(path), "look at", errno);
    }
    const bool is_folder = S_ISDIR(found.stx_mode);
    if (!belongs(tree_, path, is_folder)) return success();
    if (look.files + look.folders >= Trees::kEntriesMax)
      return Error{Fault::too_large, tree_.path + ": more than " +
                                         std::to_string(Trees::kEntriesMax) + " files and folders"};
    count(found, path, S_ISLNK(found.stx_mode) ? target(folder_number, name) : "");
    if (!is_folder) return success();
    const int below =
        openat(folder_number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (below < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) return success();
    if (below < 0) return system_error(where(path), "open", errno);
    return folder(below, path, depth + 1);
  }

  static std::string target(int folder_number, const char* name) {
    std::array<char, PATH_MAX> text{};
    const auto size = readlinkat(folder_number, name, text.data(), text.size());
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

  // The time of a folder is left out, since it changes with what is in it, which counts anyway.
  void count(const struct statx& found, const std::string& path, const std::string& link) {
    const bool is_folder = S_ISDIR(found.stx_mode);
    ++(is_folder ? look.folders : look.files);
    if (S_ISREG(found.stx_mode)) look.bytes += found.stx_size;
    if ((found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) look.mounts.push_back(path);
    Hash hash;
    hash.add(path);
    hash.add(link);
    hash.add(found.stx_mode);
    hash.add(found.stx_uid);
    hash.add(found.stx_gid);
    hash.add(makedev(found.stx_rdev_major, found.stx_rdev_minor));
    if (!is_folder) {
      hash.add(found.stx_size);
      hash.add(static_cast<std::uint64_t>(found.stx_mtime.tv_sec));
      hash.add(found.stx_mtime.tv_nsec);
      // Who puts the old time back can not put this one back.
      hash.add(static_cast<std::uint64_t>(found.stx_ctime.tv_sec));
      hash.add(found.stx_ctime.tv_nsec);
    }
    look.stamp += hash.value();
  }

  const Tree& tree_;
  const std::atomic<bool>& stop_;
};

std::string place_of(const Descriptor& folder) {
  std::array<char, PATH_MAX> text{};
  const auto itself = "/proc/self/fd/" + std::to_string(folder.get());
  const auto size = readlink(itself.c_str(), text.data(), text.size());
  return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

Result<std::optional<TreeLook>> walk_tree(const Root& root, const Tree& tree,
                                          const std::atomic<bool>& stop) {
  auto top = root.open(tree.path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (!top && top.error() == ENOENT) return std::optional<TreeLook>();
  if (!top) return system_error(tree.path, "open the folder", top.error());
  Walk walk(tree, stop);
  struct statx found {};
  if (statx(top->get(), "", AT_EMPTY_PATH, kAsked, &found) != 0)
    return system_error(tree.path, "look at", errno);
  walk.look.place = place_of(*top);
  if (walk.look.place.empty()) return system_error(tree.path, "find its place", errno);
  walk.look.number = found.stx_ino;
  walk.look.is_mount = (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  const auto walked = walk.folder(top->release(), "", 0);
  if (!walked.ok()) return walked.error();
  std::ranges::sort(walk.look.mounts);
  return std::optional<TreeLook>(std::move(walk.look));
}

}  // namespace tandem
