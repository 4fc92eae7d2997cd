// The words in which takeover and failback are told, and what a person does about each: for
// `tandem explain WORD` and docs/failover.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/failover.h"

namespace tandem {

struct FailoverWord {
  std::string_view name;   // "Suspect", "epoch"
  std::string_view kind;   // "a state of the secondary"; "" for what is neither state nor verdict
  std::string_view means;  // a sentence or two
  std::string_view todo;   // what an operator does about it
};

// Every state of a node, in the order of NodeState.
std::span<const FailoverWord> state_words();
// What it means that a node is in this state: a sentence or two.
std::string_view meaning_of(NodeState state);
// And what an operator does about it.
std::string_view todo_of(NodeState state);
// Every verdict on the primary, in the order of PrimaryVerdict.
std::span<const FailoverWord> verdict_words();
// The others: epoch, latch, hold, ...
std::span<const FailoverWord> other_words();

// "Isolated: a state of the secondary"
std::string title_of(const FailoverWord& word);

// Those of this name, however it is capitalized: a word may be a state and a verdict.
std::vector<const FailoverWord*> words_named(std::string_view name);

// The tables as Markdown.
std::string words_markdown();

}  // namespace tandem
