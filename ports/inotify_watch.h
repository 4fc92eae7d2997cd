// Watches paths by the folders that lead to them.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "ports/filesystem.h"
#include "ports/rooted_path.h"

namespace tandem {

// A path is watched name by name from the root on, through every link: each folder on the way tells
// when the next name in it appears, changes or goes. So the folder that does not exist yet, the one
// that is moved away and a link that is turned elsewhere are all the same case, and each change is
// followed by walking the way anew.
class InotifyWatch : public Watch {
 public:
  // The paths are clean ones. unavailable: the kernel's limit is reached; the message names the
  // sysctl.
  static Result<std::unique_ptr<Watch>> open(const boost::asio::any_io_executor& executor,
                                             Root root, std::set<std::string> paths);

  Task<Result<std::set<std::string>>> next() override;
  void stop() override;

 private:
  // What a folder is watched for: a name in it, or "" for every name, and the path that concerns.
  using Interests = std::set<std::pair<std::string, std::string>>;
  using Folders = std::map<int, Interests>;  // by inotify's number

  InotifyWatch(const boost::asio::any_io_executor& executor, Root root,
               std::set<std::string> paths);

  Status arm();
  Status follow(const std::string& path, Folders& folders);
  Result<int> watch_folder(const Descriptor& folder, const std::string& name);
  void read_events();
  void parse(std::string_view events);
  void note(int folder, unsigned mask, std::string_view name);

  boost::asio::posix::stream_descriptor inotify_;
  Root root_;
  std::set<std::string> paths_;
  Folders folders_;
  std::set<std::string> changed_;
  bool armed_ = false;
  bool stopped_ = false;
};

}  // namespace tandem
