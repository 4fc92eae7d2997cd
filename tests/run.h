// From a test into a coroutine and back.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace tandem {

// A task that is not done after this much real time fails its test instead of hanging it.
constexpr std::chrono::seconds kRunMax{120};

namespace detail {

// What a task leaves behind. The task and its handler own it: a task that run() gave up on may
// still end.
template <class T>
struct Ending {
  bool ended = false;
  std::exception_ptr failure;
  std::conditional_t<std::is_void_v<T>, bool, std::optional<T>> result{};
};

template <class T>
Task<void> keep_result(Task<T> task, std::shared_ptr<Ending<T>> ending) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
  } else {
    ending->result.emplace(co_await std::move(task));
  }
}

}  // namespace detail

// Runs `io` until the task is done and returns its result, or throws what it threw. Other tasks on
// `io` run meanwhile and stay suspended where they are afterwards.
template <class T>
T run(boost::asio::io_context& io, Task<T> task) {
  const auto ending = std::make_shared<detail::Ending<T>>();
  boost::asio::co_spawn(io, detail::keep_result(std::move(task), ending),
                        [ending, &io](std::exception_ptr thrown) {
                          ending->ended = true;
                          ending->failure = thrown;
                          io.stop();
                        });
  io.restart();
  io.run_for(kRunMax);
  if (!ending->ended) throw std::logic_error("run(): the task waits for what does not come");
  if (ending->failure) std::rethrow_exception(ending->failure);
  if constexpr (!std::is_void_v<T>) return std::move(*ending->result);
}

template <class T>
T run(Task<T> task) {
  boost::asio::io_context io;
  return run(io, std::move(task));
}

}  // namespace tandem
