#include "app/own_word.h"

#include <fstream>

#include "app/version.h"

namespace tandem {
namespace {

Truth truth_of(const Board& board, std::string_view type) {
  const ConditionRecord* const record = board.condition(type);
  return record == nullptr ? Truth::unknown : record->condition.status;
}

// As far as it follows from what is observed: nothing decides on telephony here.
NodeState observed_state(const Loop& loop) {
  const auto& goal = loop.goal();
  if (!goal || goal->role == Role::off) return NodeState::off;
  if (!loop.passed_once()) return NodeState::rejoining;
  if (goal->role == Role::secondary)
    return goal->standing_by ? NodeState::standby : NodeState::active;
  const bool complete = truth_of(loop.board(), "ServicesComplete") != Truth::no;
  return complete ? NodeState::serving : NodeState::degraded;
}

std::vector<std::string> not_well(const Board& board) {
  std::vector<std::string> types;
  for (const ConditionRecord& record : board.conditions())
    if (!is_well(record.condition) && !record.condition.advisory &&
        record.condition.type != "Ready")
      types.push_back(record.condition.type);
  return types;
}

}  // namespace

PeerWord own_word(const OwnWordParts& parts) {
  PeerWord word;
  const SpecView& spec = parts.specs.view();
  if (const HAPair* pair = spec.accepted ? &*spec.accepted : spec.wanted()) word.pair = pair->name;
  word.node = parts.node;
  if (parts.loop.goal()) word.role = parts.loop.goal()->role;
  word.state = observed_state(parts.loop);
  word.upgrading = truth_of(parts.loop.board(), "UpgradeInProgress") == Truth::yes;
  word.hears_us = parts.hears_the_other;
  word.spec_sha256 = spec.sha256;
  word.spec_since = parts.specs.accepted_since().value_or(WallTime{});
  word.wanted_sha256 = parts.specs.wanted_sha256();
  word.tandem_version = kVersion;
  word.boot_id = parts.boot_id;
  word.not_well = not_well(parts.loop.board());
  return word;
}

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace tandem
