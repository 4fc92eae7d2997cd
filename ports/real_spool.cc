#include "ports/real_spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "ports/confined_program.h"
#include "ports/path.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr std::size_t kChunk = 256U << 10U;
constexpr mode_t kFileBits = 0666;
constexpr mode_t kPermissionBits = 07777;
constexpr std::chrono::milliseconds kLockLook{20};
// What a lock of ours holds; those of others are empty.
constexpr std::string_view kMark = "tandem\n";

using Clock = std::chrono::system_clock;

Clock::time_point time_of(const timespec& time) {
  const auto since = std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(since));
}

// The folder that holds a relative path, and its name there.
std::pair<std::string, std::string> split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool is_hidden(std::string_view name) {
  return name.starts_with(Spool::kHidden) && name.find('/') == std::string_view::npos;
}

SpoolEntry entry_of(const std::string& name, const struct stat& found) {
  SpoolEntry entry;
  entry.name = name;
  entry.kind = S_ISREG(found.st_mode)   ? SpoolEntry::Kind::file
               : S_ISDIR(found.st_mode) ? SpoolEntry::Kind::folder
                                        : SpoolEntry::Kind::other;
  entry.size = static_cast<std::uint64_t>(found.st_size);
  entry.modified = time_of(found.st_mtim);
  return entry;
}

std::string random_name() {
  std::random_device dice;
  return fmt::format("{}{:08x}{:08x}", Spool::kHidden, dice(), dice());
}

// Reads up to `size` bytes; -1 with errno.
ssize_t read_some(const Descriptor& file, char* data, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(file.get(), data, size);
    if (got >= 0 || errno != EINTR) return got;
  }
}

bool write_all(const Descriptor& file, std::string_view data) {
  while (!data.empty()) {
    const ssize_t put = ::write(file.get(), data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    data.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

// Makes a folder as the one that holds it. It has a hidden name first: owner and mode are right
// from the moment it has its own.
Status make_in(const Descriptor& above, const std::string& name, const std::string& path) {
  struct stat parent {
  }, there{};
  if (fstat(above.get(), &parent) != 0) return system_error(path, "make the folder", errno);
  if (fstatat(above.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0)
    return success();  // whatever it is, who goes into it looks again
  const std::string hidden = random_name();
  if (mkdirat(above.get(), hidden.c_str(), 0700) != 0)
    return system_error(path, "make the folder", errno);
  const Descriptor fresh(
      openat(above.get(), hidden.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const bool ready =
      fresh.ok() && fchown(fresh.get(), parent.st_uid, parent.st_gid) == 0 &&
      fchmod(fresh.get(), parent.st_mode & kPermissionBits) == 0 &&
      renameat2(above.get(), hidden.c_str(), above.get(), name.c_str(), RENAME_NOREPLACE) == 0;
  const int error = errno;
  if (!ready) unlinkat(above.get(), hidden.c_str(), AT_REMOVEDIR);
  if (!ready && error != EEXIST) return system_error(path, "make the folder", error);
  const Descriptor readable(openat(above.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.ok() || (fsync(readable.get()) != 0 && errno != EINVAL))
    return system_error(path, "sync its folder", errno);
  return success();
}

}  // namespace

RealSpool::RealSpool(Places places, std::function<bool()> enough)
    : places_(std::move(places)), enough_(std::move(enough)) {}

std::string RealSpool::shown(Side side, const std::string& path) const {
  const std::string& top = side == Side::here ? places_.top : places_.brought;
  return path.empty() ? top : top + "/" + path;
}

Result<Descriptor> RealSpool::hold(Side side, const std::string& folder) const {
  if (side == Side::here) return hold_folder(places_.root, places_.top, folder);
  return hold_folder("/", places_.brought, folder);
}

// Looked at before it is opened: no device or FIFO ever is.
Result<Descriptor> RealSpool::open_file(Side side, const std::string& file) const {
  const auto [above, name] = split(file);
  const auto folder = hold(side, above);
  if (!folder.ok()) return folder.error();
  struct stat found {};
  if (fstatat(folder.value().get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(shown(side, file), "read", errno);
  if (!S_ISREG(found.st_mode))
    return Error{Fault::invalid, shown(side, file) + ": is not a regular file"};
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
  Descriptor opened(openat(folder.value().get(), name.c_str(), kFlags));
  if (!opened.ok() || fstat(opened.get(), &found) != 0)
    return system_error(shown(side, file), "read", errno);
  if (!S_ISREG(found.st_mode))
    return Error{Fault::invalid, shown(side, file) + ": is not a regular file"};
  return opened;
}

Result<std::vector<SpoolEntry>> RealSpool::list(Side side, const std::string& folder) {
  const auto held = hold(side, folder);
  if (!held.ok()) return held.error();
  const std::string path = shown(side, folder);
  Descriptor readable(openat(held.value().get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.ok()) return system_error(path, "list", errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> names(fdopendir(readable.get()), closedir);
  if (!names) return system_error(path, "list", errno);
  readable.release();  // closed with `names`
  std::vector<SpoolEntry> entries;
  while (true) {
    errno = 0;
    const dirent* each = readdir(names.get());
    if (each == nullptr) break;
    const std::string name = each->d_name;
    if (name == "." || name == "..") continue;
    if (entries.size() == kNamesMax)
      return Error{Fault::too_large, fmt::format("{}: more than {} names", path, kNamesMax)};
    struct stat found {};
    // Gone meanwhile: as if it had never been seen.
    if (fstatat(held.value().get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0)
      entries.push_back(entry_of(name, found));
  }
  if (errno != 0) return system_error(path, "list", errno);
  std::ranges::sort(entries, {}, &SpoolEntry::name);
  return entries;
}

Result<SpoolEntry> RealSpool::look(Side side, const std::string& file) {
  const auto [above, name] = split(file);
  const auto folder = hold(side, above);
  if (!folder.ok()) return folder.error();
  struct stat found {};
  if (fstatat(folder.value().get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(shown(side, file), "look at", errno);
  return entry_of(name, found);
}

Result<std::string> RealSpool::read(Side side, const std::string& file) {
  const auto opened = open_file(side, file);
  if (!opened.ok()) return opened.error();
  std::string content(kReadMax + 1, '\0');
  std::size_t have = 0;
  while (have < content.size()) {
    const auto got = read_some(opened.value(), content.data() + have, content.size() - have);
    if (got < 0) return system_error(shown(side, file), "read", errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  if (have > kReadMax)
    return Error{Fault::too_large,
                 fmt::format("{}: more than {} bytes", shown(side, file), kReadMax)};
  content.resize(have);
  return content;
}

Result<std::string> RealSpool::digest(Side side, const std::string& file) {
  const auto opened = open_file(side, file);
  if (!opened.ok()) return opened.error();
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1)
    return Error{Fault::unavailable, "no SHA-256 in OpenSSL"};
  std::vector<char> chunk(kChunk);
  while (true) {
    if (enough_()) return Error{Fault::cancelled, "the work is to end"};
    const auto got = read_some(opened.value(), chunk.data(), chunk.size());
    if (got < 0) return system_error(shown(side, file), "read", errno);
    if (got == 0) break;
    EVP_DigestUpdate(hash.get(), chunk.data(), static_cast<std::size_t>(got));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(hash.get(), bytes.data(), &size);
  std::string digits;
  for (unsigned i = 0; i < size; ++i) digits += fmt::format("{:02x}", bytes.at(i));
  return digits;
}

Status RealSpool::make_folder(const std::string& folder) {
  if (!folder.empty()) {
    const auto [above, name] = split(folder);
    const auto held = hold(Side::here, above);
    if (!held.ok()) return held.error();
    return make_in(held.value(), name, shown(Side::here, folder));
  }
  std::string at;
  for (const std::string& part : path_parts(places_.top)) {
    const auto held = hold_folder(places_.root, at.empty() ? "/" : at, "");
    if (!held.ok()) return held.error();
    at += "/" + part;
    const auto made = make_in(held.value(), part, at);
    if (!made.ok()) return made;
  }
  return success();
}

Result<Descriptor> RealSpool::make_hidden(const Descriptor& folder, const std::string& path,
                                          std::string& name) const {
  name = random_name();
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file(openat(folder.get(), name.c_str(), kFlags, 0600));
  if (!file.ok()) return system_error(path, "write", errno);
  return file;
}

Status RealSpool::fill(const Descriptor& from, const Descriptor& to,
                       const std::string& path) const {
  std::vector<char> chunk(kChunk);
  while (true) {
    if (enough_()) return Error{Fault::cancelled, "the work is to end"};
    const auto got = read_some(from, chunk.data(), chunk.size());
    if (got < 0) return system_error(path, "read", errno);
    if (got == 0) return success();
    if (!write_all(to, {chunk.data(), static_cast<std::size_t>(got)}))
      return system_error(path, "write", errno);
  }
}

Result<std::string> RealSpool::copy_in(const std::string& file, const std::string& folder) {
  const auto from = open_file(Side::brought, file);
  if (!from.ok()) return from.error();
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const std::string path = shown(Side::here, folder);
  std::string name;
  const auto to = make_hidden(held.value(), path, name);
  if (!to.ok()) return to.error();
  Status done = fill(from.value(), to.value(), path);
  struct stat original {
  }, place{};
  if (done.ok() &&
      (fstat(from.value().get(), &original) != 0 || fstat(held.value().get(), &place) != 0 ||
       fchown(to.value().get(), place.st_uid, place.st_gid) != 0 ||
       fchmod(to.value().get(), place.st_mode & kFileBits) != 0))
    done = system_error(path, "set owner and mode of a file", errno);
  const std::array<timespec, 2> times{original.st_mtim, original.st_mtim};
  if (done.ok() && (futimens(to.value().get(), times.data()) != 0 || fsync(to.value().get()) != 0))
    done = system_error(path, "write", errno);
  if (done.ok()) return name;
  unlinkat(held.value().get(), name.c_str(), 0);
  return done.error();
}

Status RealSpool::give_name(const std::string& folder, const std::string& hidden,
                            const std::string& name) {
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const int at = held.value().get();
  int error = renameat2(at, hidden.c_str(), at, name.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
  // A file system that has no such call, as NFS: the same in two steps.
  if (error == EINVAL) {
    error = linkat(at, hidden.c_str(), at, name.c_str(), 0) == 0 ? 0 : errno;
    if (error == 0) unlinkat(at, hidden.c_str(), 0);
  }
  if (error == 0) return success();
  auto failed = system_error(shown(Side::here, folder + "/" + name), "make it", error);
  if (error == EEXIST) failed.fault = Fault::denied;
  return failed;
}

Status RealSpool::put_over(const std::string& folder, const std::string& hidden,
                           const std::string& name) {
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const int at = held.value().get();
  if (renameat(at, hidden.c_str(), at, name.c_str()) == 0) return success();
  return system_error(shown(Side::here, folder + "/" + name), "replace", errno);
}

Status RealSpool::keep_as(const std::string& folder, const std::string& name,
                          const std::string& second) {
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const int at = held.value().get();
  if (linkat(at, name.c_str(), at, second.c_str(), 0) == 0 || errno == EEXIST) return success();
  return system_error(shown(Side::here, folder + "/" + name), "keep", errno);
}

Status RealSpool::drop(const std::string& folder, const std::string& hidden) {
  if (!is_hidden(hidden)) return Error{Fault::invalid, hidden + ": is no hidden copy"};
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const int at = held.value().get();
  if (unlinkat(at, hidden.c_str(), 0) == 0 || errno == ENOENT) return success();
  // A folder that was being made.
  if (errno == EISDIR && unlinkat(at, hidden.c_str(), AT_REMOVEDIR) == 0) return success();
  return system_error(shown(Side::here, folder + "/" + hidden), "remove", errno);
}

Status RealSpool::sync(const std::string& folder) {
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const Descriptor readable(openat(held.value().get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable.ok() || (fsync(readable.get()) != 0 && errno != EINVAL))
    return system_error(shown(Side::here, folder), "sync", errno);
  return success();
}

Status RealSpool::take_lock(const Descriptor& folder, const std::string& hidden,
                            const std::string& path) {
  const int at = folder.get();
  const auto limit = std::chrono::steady_clock::now() + places_.lock_wait;
  while (linkat(at, hidden.c_str(), at, places_.lock.c_str(), 0) != 0) {
    if (errno != EEXIST) return system_error(path, "lock", errno);
    if (enough_()) return Error{Fault::cancelled, "the work is to end"};
    if (std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(kLockLook);
      continue;
    }
    struct stat held {};
    std::string since;
    if (fstatat(at, places_.lock.c_str(), &held, AT_SYMLINK_NOFOLLOW) == 0)
      since = fmt::format(", for {} s now", std::chrono::duration_cast<std::chrono::seconds>(
                                                Clock::now() - time_of(held.st_mtim))
                                                .count());
    return Error{Fault::timed_out,
                 fmt::format("{}: somebody else holds its lock {}{}", path, places_.lock, since)};
  }
  return success();
}

Status RealSpool::lock(const std::string& folder) {
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  const std::string path = shown(Side::here, folder);
  std::string name;
  const auto file = make_hidden(held.value(), path, name);
  if (!file.ok()) return file.error();
  Status done = success();
  if (!write_all(file.value(), kMark)) done = system_error(path, "lock", errno);
  if (done.ok()) done = take_lock(held.value(), name, path);
  unlinkat(held.value().get(), name.c_str(), 0);
  return done;
}

Status RealSpool::unlock(const std::string& folder) {
  const auto held = hold(Side::here, folder);
  if (!held.ok()) return held.error();
  if (unlinkat(held.value().get(), places_.lock.c_str(), 0) == 0 || errno == ENOENT)
    return success();
  return system_error(shown(Side::here, folder), "unlock", errno);
}

Status RealSpool::clear_lock(const std::string& folder) {
  const auto mark = read(Side::here, folder + "/" + places_.lock);
  if (!mark.ok() && mark.error().fault == Fault::not_found) return success();
  if (!mark.ok()) return mark.error();
  return mark.value() == kMark ? unlock(folder) : success();
}

}  // namespace tandem
