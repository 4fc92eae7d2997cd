// What provd does while its caller goes on, such as telling a phone: each has a place to ask how
// it goes, until somebody deletes it.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

class ProvdOperations {
 public:
  static constexpr std::size_t kOperationsMax = 1000;  // older ones are forgotten

  // Its place behind "/0.2/". `area` is where its kind lives: "dev_mgr/synchronize". Whoever asks
  // is told one of `statuses` after the other, and the last one from then on.
  std::string start(const std::string& area, std::deque<std::string> statuses);

  bool knows(const std::string& place) const { return running_.contains(place); }
  std::string ask(const std::string& place);
  void forget(const std::string& place) { running_.erase(place); }
  void forget_all();

  Json state() const;

 private:
  std::map<std::string, std::deque<std::string>> running_;
  std::map<std::string, int> last_;  // number by area
};

}  // namespace tandem::wazo_sim
