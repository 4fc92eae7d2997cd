#include "ports/replace_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr std::string_view kMark = ".tandem-";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kLettersInName = 6;
constexpr int kNamesTriedMax = 16;

std::string temporary_name(const std::string& name) {
  std::random_device dice;
  std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
  auto temporary = "." + name + std::string(kMark);
  for (std::size_t i = 0; i < kLettersInName; ++i) temporary += kLetters[letter(dice)];
  return temporary;
}

bool is_temporary_of(std::string_view name, std::string_view candidate) {
  return is_temporary(candidate) && candidate.substr(1).starts_with(name) &&
         candidate.size() == 1 + name.size() + kMark.size() + kLettersInName;
}

// A descriptor for reading the entries of `folder` and for fsync: one of O_PATH allows neither.
OrErrno<Descriptor> reopen(const Descriptor& folder) {
  Descriptor readable(openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.ok()) return tl::unexpected(errno);
  return readable;
}

// What a killed run left. What cannot be removed is left alone: what follows fails for the same
// reason, and says so.
void remove_leftovers(const RootedPlace& place) {
  auto readable = reopen(place.folder);
  if (!readable) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(readable->get()), closedir);
  if (!entries) return;
  readable->release();  // closed with `entries`
  while (const dirent* entry = readdir(entries.get()))
    if (is_temporary_of(place.name, entry->d_name)) unlinkat(place.folder.get(), entry->d_name, 0);
}

// Makes what happened to the entries last.
Status sync_entries(const Descriptor& readable, const std::string& path) {
  // EINVAL: a filesystem that has nothing to sync for a folder.
  if (fsync(readable.get()) != 0 && errno != EINVAL)
    return system_error(path, "sync its folder", errno);
  return success();
}

// Exists until it is renamed, and is removed otherwise.
class TemporaryFile {
 public:
  explicit TemporaryFile(const RootedPlace& place) : place_(place) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!name_.empty()) unlinkat(place_.folder.get(), name_.c_str(), 0);
  }

  // Each returns 0 or errno.
  int create() {
    for (int tried = 0; tried < kNamesTriedMax; ++tried) {
      const auto name = temporary_name(place_.name);
      constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      file_ = Descriptor(openat(place_.folder.get(), name.c_str(), kFlags, 0600));
      if (file_.ok()) {
        name_ = name;
        return 0;
      }
      if (errno != EEXIST) return errno;
    }
    return EEXIST;
  }

  int write(std::string_view content) {
    while (!content.empty()) {
      const auto size = ::write(file_.get(), content.data(), content.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return errno;
      content.remove_prefix(static_cast<std::size_t>(size));
    }
    return 0;
  }

  // The mode comes last: a change of owner clears bits of it.
  int own(const std::optional<struct stat>& existing, mode_t mode) {
    if (existing && fchown(file_.get(), existing->st_uid, existing->st_gid) != 0) return errno;
    return fchmod(file_.get(), (existing ? existing->st_mode : mode) & 07777U) == 0 ? 0 : errno;
  }

  int sync() { return fsync(file_.get()) == 0 ? 0 : errno; }

  int rename() {
    const int folder = place_.folder.get();
    if (renameat(folder, name_.c_str(), folder, place_.name.c_str()) != 0) return errno;
    name_.clear();
    return 0;
  }

 private:
  const RootedPlace& place_;
  std::string name_;
  Descriptor file_;
};

// nullopt: there is nothing. Anything but a regular file is a fault.
Result<std::optional<struct stat>> existing_file(const RootedPlace& place,
                                                 const std::string& path) {
  struct stat found {};
  if (fstatat(place.folder.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::optional<struct stat>();
    return system_error(path, "look at it", errno);
  }
  if (S_ISDIR(found.st_mode)) return system_error(path, "replace", EISDIR);
  if (!S_ISREG(found.st_mode)) return Error{Fault::invalid, path + ": is not a regular file"};
  return std::optional<struct stat>(found);
}

}  // namespace

bool is_temporary(std::string_view name) {
  constexpr auto kTail = kMark.size() + kLettersInName;
  if (!name.starts_with('.') || name.size() <= 1 + kTail) return false;
  const auto tail = name.substr(name.size() - kTail);
  return tail.starts_with(kMark) &&
         tail.find_first_not_of(kLetters, kMark.size()) == std::string_view::npos;
}

Status sync_folder(const Descriptor& folder, const std::string& path) {
  const auto readable = reopen(folder);
  if (!readable) return system_error(path, "open its folder", readable.error());
  return sync_entries(*readable, path);
}

Status replace_file(const RootedPlace& place, const std::string& path, const std::string& content,
                    mode_t mode) {
  const auto existing = existing_file(place, path);
  if (!existing.ok()) return existing.error();
  // Before anything changes: a folder that cannot be opened could not be synced afterwards.
  const auto folder = reopen(place.folder);
  if (!folder) return system_error(path, "open its folder", folder.error());
  remove_leftovers(place);

  TemporaryFile temporary(place);
  const char* act = "create a temporary file";
  int error = temporary.create();
  if (error == 0) act = "write its temporary file", error = temporary.write(content);
  if (error == 0) act = "set owner and mode", error = temporary.own(existing.value(), mode);
  if (error == 0) act = "sync its temporary file", error = temporary.sync();
  if (error == 0) act = "rename its temporary file", error = temporary.rename();
  if (error != 0) return system_error(path, act, error);
  return sync_entries(*folder, path);
}

Status remove_file(const RootedPlace& place, const std::string& path) {
  struct stat found {};
  const bool exists =
      fstatat(place.folder.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists && errno != ENOENT) return system_error(path, "look at it", errno);
  if (exists && S_ISDIR(found.st_mode)) return system_error(path, "remove", EISDIR);
  const auto folder = reopen(place.folder);
  if (!folder) return system_error(path, "open its folder", folder.error());
  remove_leftovers(place);
  if (!exists) return success();
  if (unlinkat(place.folder.get(), place.name.c_str(), 0) != 0 && errno != ENOENT)
    return system_error(path, "remove", errno);
  return sync_entries(*folder, path);
}

}  // namespace tandem
