#include "ports/real_slot_device.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "ports/descriptor.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr std::size_t kBlockBytes = 512;  // the unit of st_blocks

// O_NONBLOCK: a FIFO in the file's place is refused, not waited for.
Result<Descriptor> open_file(const std::string& path, int access) {
  Descriptor file(::open(path.c_str(), access | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.ok()) return system_error(path, "open it", errno);
  struct stat found {};
  if (fstat(file.get(), &found) != 0) return system_error(path, "look at it", errno);
  if (!S_ISREG(found.st_mode)) return Error{Fault::invalid, path + ": not a regular file"};
  return file;
}

// 0 or errno.
int write_all(const Descriptor& file, std::size_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0 ? EIO : errno;
    offset += static_cast<std::size_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Blocks that are not there yet, as in a file that was copied with holes, are asked for while it
// can still be refused without harm: before anything is written.
int allocate(const Descriptor& file) {
  struct stat found {};
  if (fstat(file.get(), &found) != 0) return errno;
  const auto have = static_cast<std::size_t>(found.st_blocks) * kBlockBytes;
  if (have >= SlotFile::kFileBytes &&
      static_cast<std::size_t>(found.st_size) >= SlotFile::kFileBytes)
    return 0;
  return posix_fallocate(file.get(), 0, SlotFile::kFileBytes);
}

int sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.ok()) return errno;
  // EINVAL: a file system that has nothing to sync for a folder.
  return fsync(opened.get()) != 0 && errno != EINVAL ? errno : 0;
}

}  // namespace

Result<std::string> RealSlotDevice::read() {
  const auto file = open_file(path_, O_RDONLY);
  if (!file.ok()) return file.error();
  std::string bytes(SlotFile::kFileBytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = pread(file.value().get(), bytes.data() + filled, bytes.size() - filled,
                             static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(path_, "read it", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

// Made under another name, so that a kill leaves no file that is there in part.
Status RealSlotDevice::create(const std::string& bytes) {
  const std::string fresh = path_ + ".new";
  if (::unlink(fresh.c_str()) != 0 && errno != ENOENT)
    return system_error(fresh, "remove it", errno);
  const Descriptor file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.ok()) return system_error(fresh, "create it", errno);
  int error = fchmod(file.get(), 0600) != 0 ? errno : 0;
  if (error == 0) error = posix_fallocate(file.get(), 0, SlotFile::kFileBytes);
  // Written too, not only promised: a block that was never written may still need room for the note
  // that it now is.
  if (error == 0) error = write_all(file, 0, bytes);
  if (error == 0 && fsync(file.get()) != 0) error = errno;
  if (error == 0 && ::rename(fresh.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(fresh.c_str());
    return system_error(path_, "create it", error);
  }
  error = sync_folder_of(path_);
  return error == 0 ? success() : Status(system_error(path_, "sync its folder", error));
}

Status RealSlotDevice::write(std::size_t offset, const std::string& bytes) {
  const auto file = open_file(path_, O_WRONLY);
  if (!file.ok()) return file.error();
  int error = allocate(file.value());
  if (error == 0) error = write_all(file.value(), offset, bytes);
  if (error == 0 && fdatasync(file.value().get()) != 0) error = errno;
  return error == 0 ? success() : Status(system_error(path_, "write it", error));
}

}  // namespace tandem
