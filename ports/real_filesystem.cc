#include "ports/real_filesystem.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "ports/inotify_watch.h"
#include "ports/path.h"
#include "ports/replace_file.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr mode_t kPermissionBits = 07777;
constexpr std::size_t kChunk = 64U << 10U;

bool is_absent(int error) { return error == ENOENT || error == ENOTDIR; }

std::chrono::system_clock::time_point time_of(const timespec& time) {
  const auto since = std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(since));
}

FileStatus status_of(const struct stat& found) {
  FileStatus status;
  status.kind = S_ISREG(found.st_mode)   ? FileStatus::Kind::file
                : S_ISDIR(found.st_mode) ? FileStatus::Kind::directory
                                         : FileStatus::Kind::other;
  status.mode = found.st_mode & kPermissionBits;
  status.owner = found.st_uid;
  status.group = found.st_gid;
  status.size = static_cast<std::size_t>(found.st_size);
  status.modified = time_of(found.st_mtim);
  return status;
}

// Success only for a regular file.
Status check_regular(const struct stat& found, const std::string& path, const char* act) {
  if (S_ISREG(found.st_mode)) return success();
  if (S_ISDIR(found.st_mode)) return system_error(path, act, EISDIR);
  return Error{Fault::invalid, path + ": is not a regular file"};
}

// Looks before it opens, so that no device or FIFO is ever opened, and again afterwards: the file
// could have been replaced in between. O_NONBLOCK keeps even that open from waiting.
Result<Descriptor> open_regular(const RootedPlace& place, const std::string& path) {
  struct stat found {};
  const auto* name = place.name.c_str();
  if (fstatat(place.folder.get(), name, &found, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "read", errno);
  const auto before = check_regular(found, path, "read");
  if (!before.ok()) return before.error();
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
  Descriptor file(openat(place.folder.get(), name, kFlags));
  if (!file.ok() || fstat(file.get(), &found) != 0) return system_error(path, "read", errno);
  const auto after = check_regular(found, path, "read");
  if (!after.ok()) return after.error();
  return file;
}

Result<std::string> read_all(const Descriptor& file, const std::string& path, std::size_t limit) {
  std::string content;
  while (true) {
    const auto have = content.size();
    content.resize(have + kChunk);
    const auto size = ::read(file.get(), content.data() + have, kChunk);
    content.resize(have + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error(path, "read", errno);
    if (content.size() > limit)
      return Error{Fault::too_large, path + ": larger than " + std::to_string(limit) + " bytes"};
    if (size == 0) return content;
  }
}

Result<std::vector<std::string>> names_in(Descriptor folder, const std::string& path,
                                          std::size_t limit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(folder.get()), closedir);
  if (!entries) return system_error(path, "list", errno);
  folder.release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == limit)
      return Error{Fault::too_large, path + ": more than " + std::to_string(limit) + " names"};
    names.emplace_back(name);
  }
  if (errno != 0) return system_error(path, "list", errno);
  std::ranges::sort(names);
  return names;
}

// Makes one folder in an existing one. Success if it is there by now.
Status make_directory(const RootedPlace& place, const std::string& path) {
  // Whatever the umask is, and not by a chmod afterwards: a kill in between would leave a folder of
  // the vendor's that its programs can not enter. None of our threads makes a file meanwhile.
  const mode_t before = umask(0);
  const int error = mkdirat(place.folder.get(), place.name.c_str(), 0755) == 0 ? 0 : errno;
  umask(before);
  if (error == EEXIST) return success();
  if (error != 0) return system_error(path, "make the directory", error);
  return sync_folder(place.folder, path);
}

}  // namespace

RealFilesystem::RealFilesystem(boost::asio::any_io_executor executor, std::string root)
    : executor_(std::move(executor)), root_(std::move(root)) {}

Result<std::string> RealFilesystem::read(const std::string& path, std::size_t limit) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto place = root_.find(clean.value(), LastLink::followed);
  if (!place) return system_error(path, "read", place.error());
  const auto file = open_regular(*place, path);
  if (!file.ok()) return file.error();
  return read_all(file.value(), path, limit);
}

Result<std::optional<FileStatus>> RealFilesystem::status(const std::string& path) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto place = root_.find(clean.value(), LastLink::followed);
  struct stat found {};
  int error = place ? 0 : place.error();
  if (place && fstatat(place->folder.get(), place->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    error = errno;
  if (is_absent(error)) return std::optional<FileStatus>();
  if (error != 0) return system_error(path, "look at it", error);
  return std::optional<FileStatus>(status_of(found));
}

Result<DiskSpace> RealFilesystem::space(const std::string& path) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto opened = root_.open(clean.value(), O_PATH);
  struct statvfs found {};
  if (!opened || fstatvfs(opened->get(), &found) != 0)
    return system_error(path, "see how much room there is", opened ? errno : opened.error());
  // Without an inode no file can be made, however many bytes are free. Some systems count none.
  const bool full = found.f_files > 0 && found.f_favail == 0;
  return DiskSpace{full ? 0 : std::uint64_t{found.f_bavail} * found.f_frsize,
                   std::uint64_t{found.f_blocks} * found.f_frsize};
}

Status RealFilesystem::replace(const std::string& path, const std::string& content, mode_t mode) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto place = root_.find(clean.value(), LastLink::followed);
  if (!place) return system_error(path, "replace", place.error());
  return replace_file(*place, path, content, mode);
}

Status RealFilesystem::set_mode(const std::string& path, mode_t mode) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto place = root_.find(clean.value(), LastLink::followed);
  if (!place) return system_error(path, "set the mode", place.error());
  struct stat found {};
  const auto* name = place->name.c_str();
  if (fstatat(place->folder.get(), name, &found, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "set the mode", errno);
  const auto regular = check_regular(found, path, "set the mode");
  if (!regular.ok()) return regular.error();
  if (fchmodat(place->folder.get(), name, mode & kPermissionBits, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "set the mode", errno);
  return success();
}

Status RealFilesystem::set_owner(const std::string& path, uid_t owner, gid_t group) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto place = root_.find(clean.value(), LastLink::followed);
  if (!place) return system_error(path, "set the owner", place.error());
  struct stat found {};
  const auto* name = place->name.c_str();
  if (fstatat(place->folder.get(), name, &found, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "set the owner", errno);
  if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
    return Error{Fault::invalid, path + ": is neither a file nor a directory"};
  if (fchownat(place->folder.get(), name, owner, group, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "set the owner", errno);
  return success();
}

Status RealFilesystem::remove(const std::string& path) {
  const auto clean = clean_path(path);
  if (!clean.ok()) return clean.error();
  const auto place = root_.find(clean.value(), LastLink::kept);
  if (!place && is_absent(place.error())) return success();
  if (!place) return system_error(path, "remove", place.error());
  return remove_file(*place, path);
}

Result<std::vector<std::string>> RealFilesystem::list(const std::string& directory,
                                                      std::size_t limit) {
  const auto clean = clean_path(directory);
  if (!clean.ok()) return clean.error();
  auto folder = root_.open(clean.value(), O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (!folder) return system_error(directory, "list", folder.error());
  return names_in(*std::move(folder), directory, limit);
}

Status RealFilesystem::make_directories(const std::string& directory) {
  const auto clean = clean_path(directory);
  if (!clean.ok()) return clean.error();
  std::string at;
  for (const auto& part : path_parts(clean.value())) {
    at += "/" + part;
    auto folder = root_.open(at, O_PATH | O_DIRECTORY);
    if (folder) continue;
    if (folder.error() != ENOENT)
      return system_error(directory, "make the directory", folder.error());
    const auto place = root_.find(at, LastLink::kept);
    if (!place) return system_error(directory, "make the directory", place.error());
    const auto made = make_directory(*place, directory);
    if (!made.ok()) return made.error();
    // What is there now may be a link to nothing.
    folder = root_.open(at, O_PATH | O_DIRECTORY);
    if (!folder) return Error{Fault::invalid, directory + ": " + at + " is in the way"};
  }
  return success();
}

Result<std::unique_ptr<Watch>> RealFilesystem::watch(const std::set<std::string>& paths) {
  for (const auto& path : paths) {
    const auto clean = clean_path(path);
    if (!clean.ok()) return clean.error();
  }
  return InotifyWatch::open(executor_, root_, paths);
}

}  // namespace tandem
