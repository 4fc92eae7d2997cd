// The jail: how a path becomes a folder under the root and a name in it, whatever links there are.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "ports/descriptor.h"

namespace tandem {

template <class T>
using OrErrno = tl::expected<T, int>;

// A folder, open only as a place (O_PATH), and a name in it that is no `..`; there may be nothing
// of that name. What is done to it by *at calls stays under the root, even if a folder above is
// replaced by a link meanwhile.
struct RootedPlace {
  Descriptor folder;
  std::string name;
};

enum class LastLink { followed, kept };

class Root {
 public:
  // How many links a path may lead through; the kernel's own number.
  static constexpr int kLinksMax = 40;

  explicit Root(std::string folder) : folder_(std::move(folder)) {}

  // Opens what `path` leads to, links followed as under chroot. Links of /proc that are none
  // (`/proc/1/root`) are ELOOP.
  OrErrno<Descriptor> open(const std::string& path, int flags) const;

  OrErrno<RootedPlace> find(const std::string& path, LastLink last) const;

 private:
  std::string folder_;
};

// The target of the link at `place`; nullopt where there is no link.
OrErrno<std::optional<std::string>> link_target(const RootedPlace& place);

}  // namespace tandem
