#include "app/own_word.h"

namespace tandem {
namespace {

std::vector<std::string> not_well(const Board& board) {
  std::vector<std::string> types;
  for (const ConditionRecord& record : board.conditions())
    if (!is_well(record.condition) && !record.condition.advisory &&
        record.condition.type != "Ready")
      types.push_back(record.condition.type);
  return types;
}

}  // namespace

PeerWord own_word(PeerWord word, const Loop& loop, const SpecKeeper& specs) {
  const SpecView& spec = specs.view();
  if (const HAPair* pair = spec.accepted ? &*spec.accepted : spec.wanted()) word.pair = pair->name;
  if (loop.goal()) word.role = loop.goal()->role;
  word.spec_sha256 = spec.sha256;
  word.spec_since = specs.accepted_since().value_or(WallTime{});
  word.wanted_sha256 = specs.wanted_sha256();
  word.not_well = not_well(loop.board());
  return word;
}

}  // namespace tandem
