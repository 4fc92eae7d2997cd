// What a question is asked with: included by the sources that speak D-Bus, and by no header.
#pragma once

#include <poll.h>
#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <memory>
#include <string>

namespace tandem {

class BusSession {
 public:
  static constexpr const char* kSystemd = "org.freedesktop.systemd1";
  static constexpr const char* kManagerPath = "/org/freedesktop/systemd1";
  static constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
  static constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
  static constexpr const char* kService = "org.freedesktop.systemd1.Service";
  static constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

  BusSession(sdbus::IConnection& connection, std::chrono::steady_clock::time_point deadline)
      : connection_(connection), deadline_(deadline) {}

  // All of a session's calls end by its deadline.
  template <class... Words>
  sdbus::MethodReply call(const std::string& path, const std::string& interface,
                          const std::string& method, const Words&... words) {
    const auto proxy = this->proxy(path);
    auto message = proxy->createMethodCall(interface, method);
    (void)(message << ... << words);
    return proxy->callMethod(message, time_left());
  }

  template <class... Words>
  sdbus::MethodReply manager(const std::string& method, const Words&... words) {
    return call(kManagerPath, kManager, method, words...);
  }

  template <class Value>
  Value property(const std::string& path, const std::string& interface, const std::string& name) {
    auto reply = call(path, kProperties, "Get", interface, name);
    sdbus::Variant value;
    reply >> value;
    return value.get<Value>();
  }

  std::unique_ptr<sdbus::IProxy> proxy(const std::string& path) {
    return sdbus::createProxy(connection_, kSystemd, path);
  }

  // Takes the next thing that the bus has for this connection, and waits for it: an answer, or
  // news.
  void take_next() {
    if (connection_.processPendingRequest()) return;
    const auto waits_for = connection_.getEventLoopPollData();
    pollfd bus{.fd = waits_for.fd, .events = waits_for.events, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(time_left());
    poll(&bus, 1, static_cast<int>(left.count()));
  }

  std::chrono::microseconds time_left() const {
    const auto left = deadline_ - std::chrono::steady_clock::now();
    if (left.count() <= 0)
      throw sdbus::Error("org.freedesktop.DBus.Error.Timeout", "the time for the call is over");
    return std::chrono::ceil<std::chrono::microseconds>(left);
  }

 private:
  sdbus::IConnection& connection_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace tandem
