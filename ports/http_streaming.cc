#include "ports/http_streaming.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ports/http_answer.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

// What a client may still send behind a request whose answer has no end.
constexpr std::size_t kSaidMax = 64U << 10U;

Task<void> notice_its_end(std::shared_ptr<HttpConnection> connection,
                          std::shared_ptr<ServedStream> stream) {
  std::string dropped;
  std::size_t total = 0;
  for (bool more = true; more && total <= kSaidMax; dropped.clear()) {
    more = co_await connection->read(dropped);
    total += dropped.size();
  }
  stream->end();
}

// However the sending ends, the stream is over, and nobody calls into what is gone.
struct Leaving {
  ~Leaving() {
    stream->on_put({});
    stream->end();
    connection->cut();
  }
  const std::shared_ptr<HttpConnection>& connection;
  const std::shared_ptr<ServedStream>& stream;
};

std::string framed(std::string bytes, bool chunked) {
  return chunked ? fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes) : bytes;
}

}  // namespace

Task<void> send_stream(std::shared_ptr<HttpConnection> connection, ServedResponse response,
                       StreamingWay way) {
  const auto executor = co_await asio::this_coro::executor;
  const std::shared_ptr<ServedStream> stream = std::move(response.stream);
  asio::steady_timer more(executor, asio::steady_timer::time_point::max());  // only ever cancelled
  const Leaving leaving{connection, stream};
  stream->on_put([&more, &connection, &stream] {
    more.cancel();
    if (stream->over()) connection->cut();
  });
  connection->expect_a_slow_reader();
  connection->allow(way.limit);
  bool sent = co_await connection->write(render_stream_head(response, way.chunked));
  if (!sent || way.head) co_return;
  connection->rest();
  asio::co_spawn(executor, notice_its_end(connection, stream), asio::detached);
  while (sent && !stream->over()) {
    if (!stream->has_more()) {
      boost::system::error_code woken;
      co_await more.async_wait(asio::redirect_error(asio::use_awaitable, woken));
      continue;
    }
    connection->allow(way.limit);
    sent = co_await connection->write(framed(stream->take(), way.chunked));
    connection->rest();
    if (sent) stream->sent();
  }
}

}  // namespace tandem
