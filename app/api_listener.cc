#include "app/api_listener.h"

#include <stdexcept>
#include <utility>

#include "ports/beast_http_server.h"
#include "ports/spawn.h"

namespace tandem {

ApiListener::ApiListener(Parts parts)
    : parts_(std::move(parts)), stopped_(parts_.clock.make_signal()) {}

Status ApiListener::start() {
  const Status listens = try_once();
  if (listens.ok() || listens.error().fault == Fault::invalid) return listens;
  spawn(parts_.io.get_executor(), go_on_trying(),
        [](const std::string& why) { throw std::runtime_error(why); });
  return success();
}

std::string ApiListener::address() const { return server_ ? server_->address() : parts_.address; }

Status ApiListener::try_once() {
  auto server = listen_http(parts_.io, parts_.address, HttpServerLimits{}, parts_.handler);
  if (server.ok()) {
    server_ = std::move(server).value();
    return success();
  }
  if (std::exchange(told_, server.error().message) != server.error().message)
    parts_.complain(server.error());
  return server.error();
}

Task<void> ApiListener::go_on_trying() {
  while (!stopping_) {
    const Instant end = parts_.clock.now() + kRetry;
    co_await parts_.clock.wait(*stopped_, end);
    if (!stopping_ && try_once().ok()) co_return;
  }
}

Task<void> ApiListener::stop(std::chrono::milliseconds limit) {
  stopping_ = true;
  stopped_->notify();
  if (server_) co_await server_->stop(limit);
}

}  // namespace tandem
