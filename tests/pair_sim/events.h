// What is due in simulated time, in order; of two at one instant the one that was put in first
// comes first, so that a seed has one course.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ports/clock.h"

namespace tandem::sim {

enum class EventKind : std::uint8_t {
  operator_tick,
  operator_start,
  host_step,
  phone,
  fault_begins,
  fault_ends,
  order,
  survey,
};

struct Event {
  Instant at{};
  std::uint64_t order = 0;
  EventKind kind = EventKind::survey;
  std::uint8_t node = 0;
  std::uint32_t index = 0;   // of a phone, a fault, an order
  std::uint32_t ticket = 0;  // outdated where its owner has a newer one
};

class EventQueue {
 public:
  void add(Event event) {
    event.order = ++added_;
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  bool empty() const { return heap_.empty(); }
  Event take() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::vector<Event> heap_;
  std::uint64_t added_ = 0;
};

}  // namespace tandem::sim
