// The KeptFile on a disk, written by a thread of its own.
#pragma once

#include "ports/kept_file.h"
// keep the order
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>

#include "ports/real_filesystem.h"
#include "ports/timed_work.h"

namespace tandem {

class RealKeptFile : public KeptFile {
 public:
  // After so long a write counts as refused, and is left to itself.
  static constexpr std::chrono::seconds kWriteLimit{5};

  RealKeptFile(boost::asio::any_io_executor executor, std::string path);
  ~RealKeptFile() override;

  Result<std::optional<std::string>> read(std::size_t limit) override;
  Task<Status> write(std::string content) override;

 private:
  std::shared_ptr<RealFilesystem> disk_;
  std::string path_;
  std::shared_ptr<TimedWork> writes_ = std::make_shared<TimedWork>(kWriteLimit);  // of the thread
  boost::asio::thread_pool thread_{1};
};

}  // namespace tandem
