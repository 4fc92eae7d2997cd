// One client: requests read, answers sent. The only place that knows Beast.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tests/wazo_sim/http/message.h"

namespace tandem::wazo_sim {

// Reads and writes one connected socket, which it does not own. Every wait ends when the peer or
// another thread shuts the socket down.
class Channel {
 public:
  enum class Read { request, bad_request, too_large, closed };

  Channel(int socket, std::size_t body_max) : socket_(socket), body_max_(body_max) {}

  Read read(Request& request);
  // False when the connection must end now.
  bool send(const Request& request, const Reply& reply);
  // Takes what a client still has to say: closing earlier would take the answer from it.
  void drain();

 private:
  bool receive();
  bool write(std::string_view bytes);
  bool wait(std::chrono::milliseconds time);
  bool send_endless(const std::string& head);

  const int socket_;
  const std::size_t body_max_;
  std::string received_;
  bool keep_alive_ = true;
  bool old_client_ = false;  // HTTP/1.0 knows no chunks
};

}  // namespace tandem::wazo_sim
