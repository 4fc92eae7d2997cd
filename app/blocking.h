// From a command, which has nothing else to do, into a coroutine.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace tandem {

namespace detail {
template <class T>
Task<void> keep_outcome(Task<T> task, std::optional<T>& outcome) {
  auto value = co_await std::move(task);
  outcome.emplace(std::move(value));
}
}  // namespace detail

// Runs `io` until `task` is done, and returns what it came to.
template <class T>
T run_to_end(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> outcome;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, detail::keep_outcome(std::move(task), outcome),
                        [&](std::exception_ptr error) {
                          thrown = error;
                          io.stop();
                        });
  io.run();
  io.restart();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*outcome);
}

}  // namespace tandem
