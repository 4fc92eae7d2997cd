// The kernel's own view, over rtnetlink(7).
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/thread_pool.hpp>

#include "ports/routes.h"

namespace tandem {

class RealRoutes : public Routes {
 public:
  // On a thread of its own: whoever changes the network holds a lock of the kernel's for a while.
  Task<Result<RouteView>> look(std::string own, std::string peer) override;

 private:
  boost::asio::thread_pool thread_{1};
};

}  // namespace tandem
