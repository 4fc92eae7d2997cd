// One connection of our web server while its answer is a stream.
#pragma once

#include <chrono>
#include <memory>

#include "ports/http_connection.h"
#include "ports/http_server.h"

namespace tandem {

struct StreamingWay {
  std::chrono::milliseconds limit;  // for what was put until the reader has taken it
  bool chunked = true;              // false: the end of the connection is the end of the answer
  bool head = false;                // the headers alone were asked for
};

// Sends the headers and then what is put into `response.stream`, until one of both ends it, and
// cuts the connection. A reader that has gone is noticed at once, one whose host has gone within
// kGoneLimit of the next bytes.
Task<void> send_stream(std::shared_ptr<HttpConnection> connection, ServedResponse response,
                       StreamingWay way);

}  // namespace tandem
