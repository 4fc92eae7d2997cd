#include "ports/system_bus.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "ports/bus_thread.h"

namespace tandem {
namespace {

// In an address all but these stand as % and two hexadecimal digits.
std::string escaped(const std::string& path) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_/.*").find(c) != std::string_view::npos;
    if (plain)
      text += c;
    else
      text += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return text;
}

}  // namespace

// What the two sides of a question share; `done` is home's alone.
struct SystemBus::Call {
  explicit Call(const boost::asio::any_io_executor& executor, std::chrono::milliseconds limit)
      : answered(executor, limit) {}

  boost::asio::steady_timer answered;
  std::optional<Status> done;
};

std::string SystemBus::address_in(const std::string& root) {
  const auto* given = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  if (given != nullptr && *given != '\0') return given;
  return "unix:path=" + escaped(root == "/" ? "" : root) + "/run/dbus/system_bus_socket";
}

SystemBus::SystemBus(const boost::asio::any_io_executor& home, std::string address)
    : home_(home), address_(std::move(address)) {}

SystemBus::~SystemBus() {
  if (thread_) thread_->stop();
}

SystemBus::Listener SystemBus::listen(std::function<void(const BusNews&)> told) {
  auto listener = std::make_shared<std::function<void(const BusNews&)>>(std::move(told));
  if (!thread_) {
    thread_ = std::make_shared<BusThread>(home_, address_);
    thread_->start();
  }
  thread_->listen(listener);
  return listener;
}

Task<Status> SystemBus::perform(std::function<void(BusSession&)> work,
                                std::chrono::milliseconds limit) {
  if (waiting_ >= kQuestionsMax)
    co_return Error{Fault::unavailable, "systemd over the system bus: too many questions wait"};
  if (!thread_) {
    thread_ = std::make_shared<BusThread>(home_, address_);
    thread_->start();
  }
  const auto call = std::make_shared<Call>(home_, limit);
  auto done = [call](const Status& status) {
    call->done = status;
    call->answered.cancel();
  };
  const auto number = thread_->perform(std::move(work), call->answered.expiry(), std::move(done));
  ++waiting_;
  boost::system::error_code woken;
  co_await call->answered.async_wait(
      boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  --waiting_;
  thread_->forget(number);
  if (call->done) co_return *call->done;
  co_return Error{Fault::timed_out, "systemd over the system bus (" + address_ +
                                        "): no answer within " + std::to_string(limit.count()) +
                                        " ms; see `systemctl status dbus.service`"};
}

}  // namespace tandem
