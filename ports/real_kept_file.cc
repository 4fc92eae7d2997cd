#include "ports/real_kept_file.h"

#include <utility>

#include "ports/offload.h"

namespace tandem {
namespace {

// offload() wants what it returns to have a default.
struct Written {
  Fault fault = Fault::unavailable;
  std::string why;  // "": it was written
};

}  // namespace

RealKeptFile::RealKeptFile(boost::asio::any_io_executor executor, std::string path)
    : disk_(std::make_shared<RealFilesystem>(std::move(executor), "/")), path_(std::move(path)) {}

RealKeptFile::~RealKeptFile() { thread_.join(); }

Result<std::optional<std::string>> RealKeptFile::read(std::size_t limit) {
  const auto there = disk_->status(path_);
  if (!there.ok()) return there.error();
  if (!there.value()) return std::optional<std::string>();
  auto text = disk_->read(path_, limit);
  if (!text.ok()) return text.error();
  return std::optional<std::string>(std::move(text).value());
}

Task<Status> RealKeptFile::write(std::string content) {
  auto work = [writes = writes_, disk = disk_, path = path_, text = std::move(content)] {
    const Status written =
        writes->run([disk, path, text] { return disk->replace(path, text, 0600); });
    Written answer;
    if (!written.ok()) answer = {written.error().fault, written.error().message};
    return answer;
  };
  const Written written = co_await offload(thread_, std::move(work));
  if (written.why.empty()) co_return success();
  co_return Error{written.fault, written.why};
}

}  // namespace tandem
