// An answer of our web server that goes on: what is put is sent as fast as the reader takes it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tandem {

// Between the handler that puts and the connection that sends, both of which own it and live on one
// thread. It is over when the reader has gone, when the reader was cut, and when the server stops.
class ServedStream {
 public:
  // Bytes that the reader has not taken yet; whoever leaves more behind is cut.
  static constexpr std::size_t kWaitingMax = std::size_t{256} << 10U;

  // Never waits. False: the stream is over, for want of room just now or since before.
  bool put(std::string_view bytes);
  // Of what was put; a writer that waits until this is nothing keeps up with any reader.
  std::size_t waiting() const { return waiting_.size() + in_flight_; }
  bool over() const { return over_; }
  // Called when all that waited was sent, and when the stream is over.
  void on_sent(std::function<void()> call) { on_sent_ = std::move(call); }

  // ---- for the connection
  // All that waits; it counts as waiting until sent().
  std::string take();
  bool has_more() const { return !waiting_.empty(); }
  void sent();
  void end();
  // Called when there is more to take, and when the stream is over.
  void on_put(std::function<void()> call) { on_put_ = std::move(call); }

 private:
  std::string waiting_;
  std::size_t in_flight_ = 0;
  bool over_ = false;
  std::function<void()> on_sent_, on_put_;
};

}  // namespace tandem
