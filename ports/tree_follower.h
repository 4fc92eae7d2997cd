// The thread behind InotifyTreeWatch: follows trees as folders come and go.
#pragma once

#include <sys/inotify.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/descriptor.h"
#include "ports/rooted_path.h"
#include "ports/trees.h"

namespace tandem {

class TreeFollower {
 public:
  static constexpr std::size_t kMessageMax = 1024;

  // What goes through the socket, a message each.
  struct News {
    std::size_t tree = 0;   // its place in the list
    std::string unwatched;  // why changes may go unnoticed; empty: something may have changed
  };
  // nullopt: it is none.
  static std::optional<News> read(std::string_view message);

  // `inotify` and `news` (a socket of packets) do not block.
  TreeFollower(Root root, std::vector<Tree> trees, Descriptor inotify, Descriptor news,
               std::chrono::milliseconds tops_every);

  // Returns when nobody listens at the other end of `news` any more.
  void run();

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device and inode

  struct Top {
    std::string place;  // where it really is; "" while there is none
    Identity identity;
  };
  // Which trees a folder belongs to, and its name in each. More than one where they are nested.
  using Owners = std::map<std::size_t, std::string>;

  bool wait();
  void look_at_tops();
  Top find_top(const Tree& tree) const;
  void walk_anew(std::size_t tree);
  void walk(std::size_t tree, const std::string& from);
  bool visit(std::size_t tree, const std::string& name, std::vector<std::string>& below);
  void list(std::size_t tree, const std::string& name, std::vector<std::string>& below) const;
  void read_events();
  void note(const inotify_event& event, std::string_view name);
  void note_in(std::size_t tree, const std::string& folder, unsigned mask, std::string_view name);
  void lose(std::size_t tree, std::string why);
  void tell();
  bool send(const News& news) const;

  Root root_;
  std::vector<Tree> trees_;
  Descriptor inotify_;
  Descriptor news_;
  std::chrono::milliseconds tops_every_;

  std::vector<Top> tops_;
  std::map<int, Owners> folders_;  // by inotify's number
  std::set<std::size_t> changed_;  // to be told
  std::map<std::size_t, std::string> lost_;
  std::set<std::size_t> to_walk_;  // anew, once the events are read
  bool tops_moved_ = true;
};

}  // namespace tandem
