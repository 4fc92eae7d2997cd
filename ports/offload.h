// Blocking work away from the one thread: a pool runs it, and the coroutine goes on with its
// result.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace tandem {

// Runs `work` on a thread of `pool` and returns what it returned, on the caller's own thread. The
// result has a default value. `work` must not throw: whatever a library throws ends in it.
template <class Work>
Task<std::invoke_result_t<Work>> offload(boost::asio::thread_pool& pool, Work work) {
  using Answer = std::invoke_result_t<Work>;
  const auto executor = co_await boost::asio::this_coro::executor;
  auto begin = [&pool, executor, moved = std::move(work)](auto handler) mutable {
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    auto guard = boost::asio::make_work_guard(executor);  // keeps run() alive meanwhile
    boost::asio::post(pool, [kept, guard, executor, run = std::move(moved)]() mutable {
      auto answer = std::make_shared<Answer>(run());
      // All that belongs to the caller goes back with it: from then on the caller's context may
      // end at any moment.
      boost::asio::post(executor, [kept = std::move(kept), guard = std::move(guard), answer] {
        std::move (*kept)(std::move(*answer));
      });
    });
  };
  using Signature = void(Answer);
  auto answer =
      co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, Signature>(
          begin, boost::asio::use_awaitable);
  co_return answer;
}

}  // namespace tandem
