#include "ports/gather.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

namespace tandem {
namespace {

struct Group {
  Group(const boost::asio::any_io_executor& executor, std::size_t tasks)
      : all_ended(executor, std::chrono::steady_clock::time_point::max()), left(tasks) {}

  void ended(std::exception_ptr thrown) {
    if (thrown && !failure) failure = thrown;
    if (--left == 0) all_ended.cancel();
  }

  boost::asio::steady_timer all_ended;  // never fires; the last task cancels it
  std::size_t left;
  std::exception_ptr failure;
};

}  // namespace

Task<void> gather(std::vector<Task<void>> tasks) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto group = std::make_shared<Group>(executor, tasks.size());
  for (auto& task : tasks)
    boost::asio::co_spawn(executor, std::move(task),
                          [group](std::exception_ptr thrown) { group->ended(thrown); });
  boost::system::error_code cancelled;
  while (group->left > 0)
    co_await group->all_ended.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  if (group->failure) std::rethrow_exception(group->failure);
}

}  // namespace tandem
