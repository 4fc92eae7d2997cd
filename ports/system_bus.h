// One connection to systemd over the system bus.
//
// A thread of its own holds the connection: the library opens one, and asks, by calls that block,
// and a bus that is stopped in the middle (SIGSTOP, a full disk) lets its opening wait for 90
// seconds. The loop must not wait for it. The two sides share nothing but what they post to each
// other, so that the rest of the program still knows one thread.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/result.h"

namespace tandem {

class BusSession;  // ports/bus_session.h: what a question is asked with, in the thread
class BusThread;

// What came over the bus by itself.
struct BusNews {
  bool everything = false;      // a new connection, or systemd read its files anew
  std::set<std::string> units;  // object paths of units whose properties changed
};

class SystemBus {
 public:
  static constexpr std::size_t kQuestionsMax = 256;  // that wait at once

  // DBUS_SYSTEM_BUS_ADDRESS, else the socket where Debian has it, below this root: a lab's node can
  // not reach the systemd of the host it runs on, and a container finds its host's below /host.
  static std::string address_in(const std::string& root);

  // `home` is where the answers and the news arrive. Nothing is opened before it is needed.
  SystemBus(const boost::asio::any_io_executor& home, std::string address);
  SystemBus(const SystemBus&) = delete;
  SystemBus& operator=(const SystemBus&) = delete;
  // A thread that is stuck in the library is left to itself, and ends with the program.
  ~SystemBus();

  // Asks in the thread, at most so long. `ask` throws what the library throws, and refers to
  // nothing of the caller: it may run, or go on, when the caller has long given up. unavailable: no
  // bus, or no systemd on it; timed_out; denied; not_found: no such unit; invalid.
  template <class Answer>
  Task<Result<Answer>> ask(std::function<Answer(BusSession&)> question,
                           std::chrono::milliseconds limit) {
    const auto answer = std::make_shared<std::optional<Answer>>();
    std::function<void(BusSession&)> work = [answer, question](BusSession& session) {
      answer->emplace(question(session));
    };
    const auto done = co_await perform(std::move(work), limit);
    if (!done.ok()) co_return done.error();
    co_return std::move(**answer);
  }

  // Told of all news until the returned is gone; from then on the connection is kept, and opened
  // again where it was lost. At once where there is one: `everything`.
  using Listener = std::shared_ptr<std::function<void(const BusNews&)>>;
  Listener listen(std::function<void(const BusNews&)> told);

  const std::string& address() const { return address_; }

 private:
  struct Call;

  Task<Status> perform(std::function<void(BusSession&)> work, std::chrono::milliseconds limit);

  boost::asio::any_io_executor home_;
  std::string address_;
  std::size_t waiting_ = 0;
  std::shared_ptr<BusThread> thread_;
};

}  // namespace tandem
