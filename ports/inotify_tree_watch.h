// Watches whole trees by inotify, on a thread of its own.
#pragma once

#include "ports/task.h"
// keep the order
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "ports/descriptor.h"
#include "ports/rooted_path.h"
#include "ports/trees.h"

namespace tandem {

// To watch a folder is to open and list it, and a disk that does not answer holds whoever does
// that. So a thread does it (tree_follower.h) and tells what it has seen through a socket. The two
// share nothing else: the thread ends when it finds the socket closed, whenever its disk lets it.
class InotifyTreeWatch : public TreeWatch {
 public:
  // How often it looks whether the top of a tree has come, gone or been replaced, as by a mount.
  static constexpr std::chrono::seconds kTopsEvery{10};

  static Result<std::unique_ptr<TreeWatch>> open(const boost::asio::any_io_executor& executor,
                                                 const Root& root, std::vector<Tree> trees,
                                                 std::chrono::milliseconds tops_every = kTopsEvery);

  Task<Result<TreeNews>> next() override;
  void stop() override;

 private:
  InotifyTreeWatch(const boost::asio::any_io_executor& executor, std::vector<Tree> trees)
      : trees_(std::move(trees)), told_(executor) {}

  void receive();
  void take(std::string_view message);

  std::vector<Tree> trees_;
  boost::asio::posix::stream_descriptor told_;
  TreeNews news_;
  bool over_ = false;  // the thread has ended
  bool stopped_ = false;
};

}  // namespace tandem
