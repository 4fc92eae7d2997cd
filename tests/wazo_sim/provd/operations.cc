#include "tests/wazo_sim/provd/operations.h"

namespace tandem::wazo_sim {

std::string ProvdOperations::start(const std::string& area, std::deque<std::string> statuses) {
  const std::string place = area + "/" + std::to_string(++last_[area]);
  running_[place] = std::move(statuses);
  if (running_.size() > kOperationsMax) running_.erase(running_.begin());
  return place;
}

std::string ProvdOperations::ask(const std::string& place) {
  std::deque<std::string>& statuses = running_.at(place);
  const std::string now = statuses.front();
  if (statuses.size() > 1) statuses.pop_front();
  return now;
}

void ProvdOperations::forget_all() {
  running_.clear();
  last_.clear();
}

Json ProvdOperations::state() const {
  Json state = Json::object();
  for (const auto& [place, statuses] : running_) state[place] = statuses.front();
  return state;
}

}  // namespace tandem::wazo_sim
