// The stream of events over real sockets, from the recorder to the reader: the real server, hub,
// store and clock.
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "app/event_hub.h"
#include "ports/beast_http_server.h"
#include "ports/real_clock.h"
#include "ports/sqlite_event_store.h"
#include "reconciler/event_recorder.h"
#include "tests/ports/raw_client.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// What runs on the operator's thread.
struct Serving {
  Serving(boost::asio::io_context& io, const std::string& path, HttpServerLimits limits,
          const std::string& address)
      : store(io.get_executor(), path, {}),
        recorder(store, clock, "pbx-a"),
        hub(io.get_executor(), clock, store) {
    auto listening = listen_http(
        io, address, limits, [this](ServedRequest request) { return answer(std::move(request)); });
    if (!listening.ok()) throw std::runtime_error(listening.error().message);
    server = std::move(listening).value();
  }
  Task<ServedResponse> answer(ServedRequest request) {
    ++opened;
    co_return hub.open(request);
  }

  std::atomic<int> opened = 0;

  RealClock clock;
  SqliteEventStore store;
  EventRecorder recorder;
  EventHub hub;
  std::unique_ptr<HttpServer> server;
};

class EventStreamTest : public testing::Test {
 protected:
  ~EventStreamTest() override { end(); }

  void start(HttpServerLimits limits = {}, const std::string& address = "127.0.0.1:0") {
    io_ = std::make_unique<boost::asio::io_context>(1);
    serving_ = std::make_unique<Serving>(*io_, folder_ / "events.db", limits, address);
    work_.emplace(io_->get_executor());
    thread_ = std::thread([this] { io_->run(); });
    const auto bound = serving_->server->address();
    port_ = static_cast<std::uint16_t>(std::stoi(bound.substr(bound.find(':') + 1)));
  }
  void end() {
    if (!io_) return;
    io_->stop();
    thread_.join();
    serving_.reset();
    work_.reset();
    io_.reset();
  }
  void stop_server() {
    boost::asio::co_spawn(*io_, serving_->server->stop(1h), boost::asio::use_future).get();
  }
  void happen(const std::string& message) {
    boost::asio::post(*io_, [this, message] {
      serving_->recorder.add(Event::Type::normal, "Test", "test/" + message, message);
    });
  }
  std::size_t readers() {
    std::promise<std::size_t> number;
    boost::asio::post(*io_, [&] { number.set_value(serving_->hub.readers()); });
    return number.get_future().get();
  }
  void await_readers(std::size_t number) {
    while (readers() != number) std::this_thread::sleep_for(1ms);
  }
  static std::string get(const std::string& more = "", const std::string& query = "") {
    return std::string("GET ") + EventHub::kPath + query + " HTTP/1.1\r\nHost: a\r\n" + more +
           "\r\n";
  }

  TemporaryFolder folder_{base_in_memory()};
  std::unique_ptr<boost::asio::io_context> io_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::unique_ptr<Serving> serving_;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

TEST_F(EventStreamTest, ReachesAReaderAndGoesOnForOneThatComesBackToANewOperator) {
  start();
  {
    RawClient client(port_);
    client.send(get());
    EXPECT_THAT(client.answer(), HasSubstr("\r\nContent-Type: text/event-stream\r\n"));
    client.until("event: change");
    happen("one");
    EXPECT_THAT(client.until("\"message\":\"one\""), HasSubstr("id: 1\nevent: event\n"));
  }
  happen("two");
  await_readers(0);
  end();
  start();
  happen("three");
  RawClient client(port_);
  client.send(get("Last-Event-ID: 1\r\n"));
  const std::string text = client.until("\"message\":\"three\"");
  EXPECT_THAT(text, HasSubstr("\"message\":\"two\""));
  EXPECT_EQ(text.find("\"message\":\"one\""), std::string::npos);
}

TEST_F(EventStreamTest, AllReadersGetAllAndMoreAreTurnedAway) {
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < EventHub::kReadersMax; ++i) {
    clients.push_back(std::make_unique<RawClient>(port_));
    clients.back()->send(get());
    clients.back()->until("event: change");
  }
  RawClient late(port_);
  late.send(get());
  const std::string refused = late.answer();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_THAT(refused, HasSubstr("application/problem+json"));
  for (int i = 0; i < 500; ++i) happen(std::to_string(i));
  for (auto& client : clients) {
    const std::string text = client->until("\"message\":\"499\"");
    std::size_t told = 0;
    for (auto at = text.find("event: event"); at != std::string::npos;
         at = text.find("event: event", at + 1))
      ++told;
    EXPECT_EQ(told, 500U);
  }
  clients.pop_back();
  await_readers(EventHub::kReadersMax - 1);
  RawClient next(port_);
  next.send(get());
  EXPECT_TRUE(next.answer().starts_with("HTTP/1.1 200 "));
}

TEST_F(EventStreamTest, CutsAReaderThatTakesNothingWhileOthersGoOn) {
  HttpServerLimits limits;
  limits.idle = 2s;  // longer than a busy machine keeps the quick one from reading
  start(limits);
  for (int i = 0; i < 300; ++i) happen(std::to_string(i) + std::string(1900, 'x'));
  RawClient quick(port_);
  quick.send(get());
  quick.until("event: change");
  // Its own and the kernel's buffers fill with the past.
  RawClient deaf(port_, 4096);
  deaf.send(get("", "?since=1"));
  while (serving_->opened < 2) std::this_thread::sleep_for(1ms);
  happen("first");
  while (readers() == 2) {
    quick.take_some();
    std::this_thread::sleep_for(1ms);
  }
  happen("last");
  EXPECT_THAT(quick.until("\"message\":\"last\""), HasSubstr("\"message\":\"first\""));
}

TEST_F(EventStreamTest, StoppingEndsThem) {
  start();
  RawClient client(port_);
  client.send(get());
  client.until("event: change");
  stop_server();
  client.rest();
  await_readers(0);
}

}  // namespace
}  // namespace tandem
