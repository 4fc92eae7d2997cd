// A folder and all that is below it, looked at and watched as a whole.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ports/task.h"

namespace tandem {

// Which names of a tree belong to it. "/*/monitor/" is meant from the top of the tree; `*` stands
// for any part of one name; a '/' at the end says: a folder. "*" alone is every name. It is a part
// of what rsync takes for a filter and means the same there.
struct TreeRule {
  // hide: as exclude, and what the other node has of that name does not stay there.
  enum class Verb { include, exclude, hide };
  Verb verb = Verb::exclude;
  std::string pattern;

  bool operator==(const TreeRule&) const = default;
};

struct Tree {
  std::string path;             // absolute, under the root
  std::vector<TreeRule> rules;  // the first that fits decides; else the name belongs to it

  bool operator==(const Tree&) const = default;
};

// Whether `name`, as "a/b" from the top of the tree, belongs to it. Of an excluded folder nothing
// does, and the caller does not ask.
bool belongs(const Tree& tree, std::string_view name, bool is_folder);

// What a look at a tree has found, of the names that belong to it. No content is read, and no link
// is followed but those that lead to the top.
struct TreeLook {
  std::string place;                // where it really is on this host: what a program is told
  std::uint64_t number = 0;         // the inode of the top
  bool is_mount = false;            // a file system is mounted there
  std::vector<std::string> mounts;  // and at these names below, "a/b", sorted
  std::uint64_t files = 0;          // all that are no folders
  std::uint64_t folders = 0;        // without the top
  std::uint64_t bytes = 0;          // of the regular files
  // Another one where a name, kind, size, time, owner, mode or target of a link is another.
  std::uint64_t stamp = 0;

  bool operator==(const TreeLook&) const = default;
};

// What may have changed since the last call.
struct TreeNews {
  std::set<std::string> changed;
  // Trees of which changes may go unnoticed from now on, and why; told once for each.
  std::map<std::string, std::string> unwatched;
};

class TreeWatch {
 public:
  virtual ~TreeWatch() = default;

  // At least one of both is not empty. Events may come late, doubled or for nothing; after the
  // kernel's queue overflowed all trees have changed. At most one call at a time. cancelled once
  // stop() was called. Such a watch is destroyed only when no next() waits.
  virtual Task<Result<TreeNews>> next() = 0;
  virtual void stop() = 0;
};

class Trees {
 public:
  // What is beyond is too_large.
  static constexpr std::uint64_t kEntriesMax = 5'000'000;
  static constexpr int kDepthMax = 256;
  // How many folders are watched; of a tree that has more, changes go unnoticed.
  static constexpr std::size_t kWatchedFoldersMax = 100'000;

  virtual ~Trees() = default;

  // nullopt: there is nothing. invalid: it is no folder. denied. too_large. timed_out: the disk
  // does not answer. unavailable: an earlier look still waits for its disk.
  virtual Task<Result<std::optional<TreeLook>>> look(Tree tree) = 0;

  // Watches the trees, also those that do not exist yet. unavailable: not even one can be watched;
  // the message names the sysctl.
  virtual Result<std::unique_ptr<TreeWatch>> watch(const std::vector<Tree>& trees) = 0;
};

}  // namespace tandem
