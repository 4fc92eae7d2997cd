// Starts a task that nobody awaits.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

namespace tandem {

// `on_error` is told what the task threw, if it threw: asio::detached would swallow it.
void spawn(const boost::asio::any_io_executor& executor, Task<void> task,
           std::function<void(const std::string& why)> on_error);

}  // namespace tandem
