#include "app/facts.h"

#include "app/blocking.h"
#include "app/node.h"

namespace tandem {

Result<std::string> facts_now(const OperatorConfig& config) {
  boost::asio::io_context io(1);
  Node node(io, config, false);
  // Without a declaration the facts are asked for all the same: before the first one is in force.
  if (!node.specs.load().ok() || !node.specs.view().accepted) node.specs.preview();
  const HAPair* pair = node.specs.view().wanted();
  FactsRequest request = node.facts_request(pair == nullptr ? Product::wazo : pair->product);
  const NodeFacts facts = run_to_end(io, node.facts.collect(std::move(request)));
  return to_json(facts) + "\n";
}

}  // namespace tandem
