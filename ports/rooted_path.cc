#include "ports/rooted_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>
#include <utility>

#include "ports/path.h"

namespace tandem {
namespace {

// openat2 answers EAGAIN when a rename elsewhere could have led a `..` out of the root.
constexpr int kAttemptsMax = 100;

int open_in_root(const Descriptor& root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // glibc 2.36 has no wrapper.
  return static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how));
}

// A path whose last part is `.` or `..`, or that ends in a slash, is a folder and nothing in it.
std::pair<std::string, std::string> split(const std::string& path) {
  const auto name = last_name(path);
  if (name == "." || name == "..") return {path, "."};
  return {parent_folder(path), name};
}

}  // namespace

OrErrno<Descriptor> Root::open(const std::string& path, int flags) const {
  // Each time anew: a root that is mounted later is found then.
  const Descriptor root(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.ok()) return tl::unexpected(errno);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    Descriptor found(open_in_root(root, path, flags));
    if (found.ok()) return found;
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return tl::unexpected(errno);
}

OrErrno<RootedPlace> Root::find(const std::string& path, LastLink last) const {
  auto at = path;
  for (int links = 0; links <= kLinksMax; ++links) {
    const auto [above, name] = split(at);
    auto folder = open(above, O_PATH | O_DIRECTORY);
    if (!folder) return tl::unexpected(folder.error());
    RootedPlace place{*std::move(folder), name};
    if (last == LastLink::kept) return place;
    const auto target = link_target(place);
    if (!target) return tl::unexpected(target.error());
    if (!target->has_value()) return place;
    // A relative target counts from the folder; the kernel, not we, takes each `..` in it.
    at = (*target)->starts_with('/') ? **target : above + "/" + **target;
  }
  return tl::unexpected(ELOOP);
}

OrErrno<std::optional<std::string>> link_target(const RootedPlace& place) {
  std::string target(PATH_MAX, '\0');
  const auto size =
      readlinkat(place.folder.get(), place.name.c_str(), target.data(), target.size());
  if (size < 0) {
    if (errno == EINVAL || errno == ENOENT) return std::nullopt;  // no link; nothing there
    return tl::unexpected(errno);
  }
  target.resize(static_cast<std::size_t>(size));
  return target;
}

}  // namespace tandem
