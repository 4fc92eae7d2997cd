#include "app/locks.h"

#include <fmt/format.h>

#include <filesystem>

namespace tandem {
namespace {

Status make_folder(const std::string& folder, std::filesystem::perms mode) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, mode, error);
  if (error) return Error{Fault::denied, fmt::format("{}: {}", folder, error.message())};
  return success();
}

}  // namespace

Result<NodeLocks> NodeLocks::acquire(const OperatorConfig& config) {
  namespace fs = std::filesystem;
  const Status state_folder = make_folder(config.state_dir, fs::perms::owner_all);
  if (!state_folder.ok()) return state_folder.error();
  auto state = LockFile::acquire(config.state_dir + "/lock");
  if (!state.ok()) return state.error();

  // A folder of its own, so that a container needs no more of /run than this.
  const std::string run = (config.root == "/" ? "" : config.root) + "/run/tandem";
  const Status run_folder = make_folder(run, fs::perms(0755));
  if (!run_folder.ok()) return run_folder.error();
  auto root = LockFile::acquire(run + "/lock");
  if (!root.ok()) return root.error();
  return NodeLocks(std::move(state).value(), std::move(root).value());
}

}  // namespace tandem
