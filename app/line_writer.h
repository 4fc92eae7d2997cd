// Lines to a descriptor that may be a pipe or a socket which nobody reads: a thread of its own
// writes them, so that whoever tells something never waits for whoever should read it.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace tandem {

class LineWriter {
 public:
  static constexpr std::size_t kWaitingMax = std::size_t{1} << 20U;  // bytes; more are lost
  static constexpr std::chrono::seconds kStopLimit{1};               // for what waits, at the end

  // Writes one line, or tells that it can not be; it may wait, and is called in the thread.
  using Put = std::function<bool(const std::string& line)>;

  // `tell_lost` makes the line that says how many were lost; it is called in the thread.
  LineWriter(Put put, std::function<std::string(std::uint64_t lost)> tell_lost);
  LineWriter(int descriptor, std::function<std::string(std::uint64_t lost)> tell_lost);
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  // Writes what waits, for at most kStopLimit. A write that hangs is left to itself.
  ~LineWriter();

  // Never waits. A line for which there is no room is lost, and counted; once all that waits has
  // been written, a line tells of it.
  void write(std::string line);

  // Since the start.
  std::uint64_t lost() const;

  // False: nobody will ever read it.
  static bool put(int descriptor, std::string_view bytes);

 private:
  struct Work;  // what the thread uses, and what it may still use when we are gone

  std::shared_ptr<Work> work_;
  std::future<void> ended_;
  std::thread thread_;
};

}  // namespace tandem
