// The KeptFile in memory: its content is open, its faults come on request.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "ports/kept_file.h"

namespace tandem::fakes {

class MemoryKeptFile : public KeptFile {
 public:
  std::optional<std::string> content;
  std::optional<Error> read_error, write_error;
  int writes = 0;
  // Called before and after the content is replaced.
  std::function<void(const char* where)> moment = [](const char*) {};

  Result<std::optional<std::string>> read(std::size_t limit) override {
    if (read_error) return *read_error;
    if (content && content->size() > limit) return Error{Fault::too_large, "the file is too large"};
    return content;
  }

  Task<Status> write(std::string text) override {
    co_await boost::asio::post(boost::asio::use_awaitable);
    ++writes;
    if (write_error) co_return *write_error;
    moment("before the write");
    content = std::move(text);
    moment("after the write");
    co_return success();
  }
};

}  // namespace tandem::fakes
