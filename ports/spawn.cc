#include "ports/spawn.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace tandem {
namespace {

std::string what(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

void spawn(const boost::asio::any_io_executor& executor, Task<void> task,
           std::function<void(const std::string& why)> on_error) {
  boost::asio::co_spawn(executor, std::move(task),
                        [on_error = std::move(on_error)](std::exception_ptr thrown) {
                          if (thrown) on_error(what(thrown));
                        });
}

}  // namespace tandem
