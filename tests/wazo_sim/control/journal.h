// What was asked of the services, in order, for the tests to look at.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

class Journal {
 public:
  static constexpr std::size_t kEntriesMax = 10'000;  // older ones are forgotten

  struct Entry {
    std::string service;
    std::string method;
    std::string path;  // the target as it came, query included
    int status = 0;    // 0: the client got no answer
    bool changed = false;
    std::string fault;  // the kind of the fault that took part, or ""
  };

  void add(Entry entry);
  void clear() { lines_.clear(); }

  // The entries of a service and a method; an empty name means all.
  Json list(const std::string& service, const std::string& method) const;

 private:
  struct Line {
    std::uint64_t number = 0;
    std::string time;
    Entry entry;
  };

  std::deque<Line> lines_;
  std::uint64_t count_ = 0;
};

}  // namespace tandem::wazo_sim
