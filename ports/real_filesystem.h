// The host's files, in a jail of openat2(2).
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/filesystem.h"
#include "ports/rooted_path.h"

namespace tandem {

// Needs Linux 5.6; watch() needs /proc. Calls block for as long as the disk takes. Extended
// attributes and ACLs of a replaced file are not kept.
class RealFilesystem : public Filesystem {
 public:
  // `root` is a folder, "/" for the host itself. The executor is where watches wait.
  RealFilesystem(boost::asio::any_io_executor executor, std::string root);

  Result<std::string> read(const std::string& path, std::size_t limit = kReadMax) override;
  Result<std::optional<FileStatus>> status(const std::string& path) override;
  Result<DiskSpace> space(const std::string& path) override;
  Status replace(const std::string& path, const std::string& content, mode_t mode) override;
  Status set_mode(const std::string& path, mode_t mode) override;
  Status set_owner(const std::string& path, uid_t owner, gid_t group) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory,
                                        std::size_t limit = kNamesMax) override;
  Status make_directories(const std::string& directory) override;
  Result<std::unique_ptr<Watch>> watch(const std::set<std::string>& paths) override;

 private:
  boost::asio::any_io_executor executor_;
  Root root_;
};

}  // namespace tandem
