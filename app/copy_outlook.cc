#include "app/copy_outlook.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "ports/real_trees.h"
#include "replication/files/condition_text.h"
#include "replication/files/session.h"

namespace tandem {
namespace {

// For the socket of ssh: root's alone, gone with the plan.
class OwnFolder {
 public:
  OwnFolder() {
    if (::mkdtemp(path_.data()) != nullptr) made_ = true;
  }
  ~OwnFolder() {
    // ssh may not have taken its socket away yet.
    std::error_code ignored;
    if (made_) std::filesystem::remove_all(path_.data(), ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  std::optional<std::string> path() const {
    return made_ ? std::optional<std::string>(path_.data()) : std::nullopt;
  }

 private:
  std::array<char, 32> path_{"/tmp/tandem-plan.XXXXXX"};
  bool made_ = false;
};

std::string change_of(const files::FolderReport& folder) {
  const files::CopyCounts& counts = folder.plan.counts;
  return fmt::format(
      "{}: {} files would be sent ({} bytes), {} deleted there, {} get other "
      "attributes",
      folder.path, counts.files_sent, counts.bytes, counts.deletions(), counts.attributes);
}

}  // namespace

std::vector<std::string> sentences_of(const files::FilesGoal& goal, const files::Report& plan) {
  if (plan.trouble) return {plan.trouble->message};
  std::vector<std::string> sentences;
  std::size_t equal = 0;
  for (const files::FolderReport& folder : plan.folders) {
    if (folder.trouble)
      sentences.push_back(folder.trouble->message);
    else if (folder.plan.is_empty())
      ++equal;
    else
      sentences.push_back(change_of(folder));
  }
  for (const files::UnfitFolder& folder : goal.sources.unfit)
    sentences.push_back(files::unfit_text(folder));
  sentences.push_back(
      fmt::format("{} of {} folders are as they are here", equal, plan.folders.size()));
  return sentences;
}

Task<std::vector<std::string>> copy_outlook(boost::asio::io_context& io, Node& node, HAPair pair) {
  const bool copies = pair.enabled && pair.primary.name == node.config.node &&
                      pair.replication.owner == Owner::tandem;
  if (!copies) co_return std::vector<std::string>();
  const OwnFolder folder;
  if (!folder.path())
    co_return std::vector<std::string>{"not compared: no folder can be made in /tmp"};
  RealTrees trees(io.get_executor(), node.config.root);
  files::Session session(node.peer_ssh, node.programs, node.disk, node.clock, *folder.path());
  files::FileReplica replica(trees, node.programs, session, node.disk, node.clock,
                             node.config.state_dir);
  boost::asio::steady_timer limit(io, kCompareLimit);
  limit.async_wait([&replica](const boost::system::error_code& error) {
    if (!error) replica.abort();
  });
  const files::FilesGoal goal = files::files_goal(pair);
  files::FilesGoal asked = goal;
  const files::Report plan = co_await replica.plan(std::move(asked));
  limit.cancel();
  session.close();
  co_return sentences_of(goal, plan);
}

}  // namespace tandem
