// Questions over D-Bus that are under way at once: included by the sources that speak it, and by no
// header.
//
// Asked one after the other, each waits until the bus, systemd, the bus and this thread have had
// their turn: 33 calls of a look at the services are most of what it takes. So they are all sent
// first, and the answers come in a row.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/bus_session.h"

namespace tandem {

class BusQuestions {
 public:
  // dbus-daemon lets a connection wait for 128 answers (max_replies_per_connection).
  static constexpr std::size_t kUnderWayMax = 64;

  // `session` outlives it. All end by the session's deadline.
  explicit BusQuestions(BusSession& session) : session_(session) {}
  BusQuestions(const BusQuestions&) = delete;
  BusQuestions& operator=(const BusQuestions&) = delete;

  // The number by which the answer is asked for. Throws what the library throws.
  template <class... Words>
  std::size_t add(const std::string& path, const std::string& interface, const std::string& method,
                  const Words&... words) {
    auto proxy = session_.proxy(path);
    auto message = proxy->createMethodCall(interface, method);
    (void)(message << ... << words);
    return send(std::move(proxy), message);
  }
  std::size_t add_property(const std::string& path, const std::string& interface,
                           const std::string& name) {
    return add(path, BusSession::kProperties, "Get", interface, name);
  }

  // Waits for the answer, and throws the error that came instead.
  sdbus::MethodReply answer(std::size_t number);
  template <class Value>
  Value property(std::size_t number) {
    auto reply = answer(number);
    sdbus::Variant value;
    reply >> value;
    return value.get<Value>();
  }

 private:
  struct Question {
    std::optional<sdbus::MethodReply> reply{};
    std::optional<sdbus::Error> error{};
    std::unique_ptr<sdbus::IProxy> proxy{};  // last: its end keeps an answer from coming

    bool answered() const { return reply || error; }
  };

  std::size_t send(std::unique_ptr<sdbus::IProxy> proxy, const sdbus::MethodCall& message);

  BusSession& session_;
  std::size_t under_way_ = 0;
  std::vector<std::unique_ptr<Question>> questions_;  // each stays where its answer comes to
};

}  // namespace tandem
