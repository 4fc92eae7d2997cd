#include "probes/icmp_probe.h"

#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "probes/attempt.h"

namespace tandem {

std::vector<NodePath> ways_to(const NodeSpec& node) {
  std::vector<NodePath> ways{{node.address, node.address}};
  ways.insert(ways.end(), node.paths.begin(), node.paths.end());
  return ways;
}

Task<Sample> probe_icmp(Reachability& network, Clock& clock, std::string address,
                        Duration timeout) {
  const Instant begin = clock.now();
  const auto took = co_await network.ping(std::move(address), timeout);
  if (!took.ok()) co_return unanswered(begin, clock.now(), took.error());
  // As the port measured it: this task may have waited for its turn.
  Sample sample = answered(begin, begin + took.value());
  sample.at = clock.now();
  co_return sample;
}

}  // namespace tandem
