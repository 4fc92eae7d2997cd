// `GET /api/v1/events/stream`: what happens, as it happens, as server-sent events.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "ports/clock.h"
#include "ports/event_store.h"
#include "ports/http_server.h"

namespace tandem {

// A reader is sent, in the form of the HTML standard's event streams,
//   id: N + event: event    an event, as in the items of /api/v1/events; Last-Event-ID or ?since=N
//                           goes on behind it
//   event: change           what /api/v1/pair or /api/v1/why shows is another: {"at": "RFC 3339"}
//   event: lost             events are missing just here: {"at": ..., "count": N, or null}
//   : ping                  a comment, so that both ends see that the other one is there
// It is sent more only once it has taken what it was sent, so that none costs more than a page of
// memory; one that takes nothing is cut by the server's limits. Live events come from memory; the
// store is read for those alone who are behind.
class EventHub {
 public:
  static constexpr const char* kPath = "/api/v1/events/stream";
  static constexpr std::size_t kReadersMax = 16;  // more are answered 503
  static constexpr std::size_t kPageMax = 50;     // events that are read of the store at once
  // What is put before it is waited until the reader has taken it, but for one event more.
  static constexpr std::size_t kBatchBytes = std::size_t{32} << 10U;
  static constexpr std::chrono::milliseconds kChangeGap{250};  // between two changes
  static constexpr std::chrono::seconds kPing{15};
  static constexpr std::chrono::seconds kStuck{60};      // for a reader that nobody sends anything
  static constexpr std::chrono::seconds kStoreRetry{2};  // where the store could not be read

  EventHub(boost::asio::any_io_executor executor, Clock& clock, EventStore& events);
  // Readers go on, and hear of nothing new.
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  // What is asked while anybody reads, every kChangeGap: another number means a change.
  void watch(std::function<std::uint64_t()> shown);

  // Of a GET; the caller has looked at the path and the method.
  ServedResponse open(const ServedRequest& request);

  std::size_t readers() const;
  // Events that could not be kept, since the start.
  std::uint64_t lost() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
  boost::asio::any_io_executor executor_;
};

}  // namespace tandem
