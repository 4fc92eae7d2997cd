// Files under one root, as a chroot sees them: no `..` and no symbolic link leads out of it.
//
// Every call is bounded and none waits for a peer: a FIFO, socket or device in the place of a file
// is Fault::invalid, never opened for reading.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

struct FileStatus {
  enum class Kind { file, directory, other };
  Kind kind = Kind::file;
  mode_t mode = 0;  // permission bits only
  uid_t owner = 0;
  gid_t group = 0;
  std::size_t size = 0;
  std::chrono::system_clock::time_point modified;
};

// Of the file system that holds a path, in bytes.
struct DiskSpace {
  std::uint64_t available = 0;  // to programs without rights of their own
  std::uint64_t size = 0;

  bool operator==(const DiskSpace&) const = default;
};

// What is waited for: changes of a set of paths, of the paths themselves or of a folder that leads
// there.
class Watch {
 public:
  virtual ~Watch() = default;

  // The watched paths that may have changed since the last call, never empty. Events may come late,
  // doubled or for nothing: a caller looks again, and polls besides. After the kernel's queue
  // overflowed, all paths. At most one call at a time. Fault::cancelled once stop() was called.
  virtual Task<Result<std::set<std::string>>> next() = 0;
  // Ends the next() that waits, and all later ones. A watch is destroyed only when no next() waits.
  virtual void stop() = 0;
};

class Filesystem {
 public:
  static constexpr std::size_t kReadMax = 1U << 20U;
  static constexpr std::size_t kNamesMax = 100'000;

  virtual ~Filesystem() = default;

  // Paths are absolute and are meant under the root; links are followed within it.

  // The content of a regular file. not_found, denied, invalid (not a regular file), too_large.
  virtual Result<std::string> read(const std::string& path, std::size_t limit = kReadMax) = 0;

  // nullopt: there is nothing, or a link to nothing.
  virtual Result<std::optional<FileStatus>> status(const std::string& path) = 0;

  // How much room there is where `path` is. not_found: there is nothing at `path`.
  virtual Result<DiskSpace> space(const std::string& path) = 0;

  // Puts `content` in place of the file: temporary file in the same folder, fsync, rename, fsync of
  // the folder. Owner, group and mode of an existing file are kept; a new one gets `mode`, whatever
  // the umask. A link stays, and what it leads to is replaced. On failure the old file is as it was
  // and no temporary file stays; only if the last step fails, the fsync of the folder, the new file
  // is in place already. A kill leaves the old or the new file, and at most one temporary file,
  // which the next call on that path removes. The folder must exist (not_found).
  virtual Status replace(const std::string& path, const std::string& content, mode_t mode) = 0;

  // Sets the permission bits of an existing file.
  virtual Status set_mode(const std::string& path, mode_t mode) = 0;

  // Gives an existing file or directory to this owner and group. invalid: it is neither.
  virtual Status set_owner(const std::string& path, uid_t owner, gid_t group) = 0;

  // Removes a file or a link (and not what it leads to), and syncs the folder. Success if it was
  // not there. A directory: invalid.
  virtual Status remove(const std::string& path) = 0;

  // The names in a directory, sorted; at most `limit`, else too_large.
  virtual Result<std::vector<std::string>> list(const std::string& directory,
                                                std::size_t limit = kNamesMax) = 0;

  // Creates the directory and its parents (mode 0755 where new).
  virtual Status make_directories(const std::string& directory) = 0;

  // Watches the paths; folders that do not exist yet are watched from their nearest parent on. A
  // watched directory changes also with its entries. unavailable: the kernel's limit is reached.
  virtual Result<std::unique_ptr<Watch>> watch(const std::set<std::string>& paths) = 0;
};

}  // namespace tandem
