// The thread of a SystemBus: all but listen_to() and the destructor's side runs in it.
#pragma once

#include "ports/task.h"
// keep the order
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "ports/bus_session.h"
#include "ports/system_bus.h"

namespace tandem {

class BusThread : public std::enable_shared_from_this<BusThread> {
 public:
  static constexpr std::chrono::milliseconds kReconnectFirst{200};
  static constexpr std::chrono::seconds kReconnectMax{10};
  static constexpr std::chrono::seconds kStopLimit{2};
  static constexpr std::chrono::seconds kSetupLimit{5};  // of each call by which one is opened
  static constexpr std::size_t kNewsMax = 1024;          // units; more are everything

  BusThread(const boost::asio::any_io_executor& home, std::string address);

  // ---- Called from home.
  void start();
  // Nothing is posted home once this has returned.
  void stop();
  // Runs `work`, and then `done` at home with how it went, unless forget() comes first. The thread
  // never owns `done`: it may end when home is long gone.
  std::uint64_t perform(std::function<void(BusSession&)> work,
                        std::chrono::steady_clock::time_point deadline,
                        std::function<void(const Status&)> done);
  void forget(std::uint64_t number) { waiting_.erase(number); }
  void listen(std::weak_ptr<std::function<void(const BusNews&)>> listener);

 private:
  using Work = std::function<void()>;

  // ---- In the thread.
  void run();
  Status answer(const std::function<void(BusSession&)>& work,
                std::chrono::steady_clock::time_point deadline);
  void open();
  void add_matches();
  void subscribe();
  void close();
  void keep_open();
  void reconnect_later();
  void drain();
  void await_news();
  void note(const BusNews& news);
  void tell();
  void post_home(Work work);
  // ---- At home.
  void finish(std::uint64_t number, const Status& status);
  void deliver(const BusNews& news);

  boost::asio::any_io_executor home_;
  const std::string address_;

  boost::asio::io_context loop_{1};
  std::thread thread_;
  std::promise<void> ended_;
  // Guards `closed_`: a thread that was left to itself must not post to a home that is gone.
  std::mutex home_guard_;
  bool closed_ = false;
  std::atomic<bool> stopping_ = false;

  std::unique_ptr<sdbus::IConnection> connection_;
  boost::asio::posix::stream_descriptor readable_{loop_};
  boost::asio::steady_timer again_{loop_};
  std::chrono::milliseconds pause_ = kReconnectFirst;
  bool listened_to_ = false;
  bool stale_ = false;  // systemd is a new one on the bus: it knows nothing of our subscription
  bool told_ = true;    // home has taken what it was told last
  BusNews news_;

  // Home's.
  std::list<std::weak_ptr<std::function<void(const BusNews&)>>> listeners_;
  std::map<std::uint64_t, std::function<void(const Status&)>> waiting_;
  std::uint64_t last_number_ = 0;
};

}  // namespace tandem
