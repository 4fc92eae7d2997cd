#include "app/locks.h"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <thread>

namespace tandem {
namespace {

constexpr std::chrono::milliseconds kPause{50};
constexpr auto kPausesMax = NodeLocks::kPredecessorMax / kPause;

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

std::optional<pid_t> NodeLocks::holder(const OperatorConfig& config) {
  return LockFile::holder(config.state_dir + "/lock");
}

bool NodeLocks::wake_holder(const OperatorConfig& config) {
  const auto pid = holder(config);
  if (!pid) return false;
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto its = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", *pid), error);
  return !error && own.filename() == its.filename() && kill(*pid, SIGHUP) == 0;
}

Result<NodeLocks> NodeLocks::acquire_after_predecessor(
    const OperatorConfig& config, const std::function<void(const std::string&)>& told) {
  auto locks = acquire(config);
  for (int pauses = 0; pauses < kPausesMax; ++pauses) {
    if (locks.ok() || locks.error().fault != Fault::unavailable) break;
    if (pauses == 0) told(locks.error().message);
    std::this_thread::sleep_for(kPause);
    locks = acquire(config);
  }
  return locks;
}

}  // namespace tandem
