// What of the secondary's disk is brought home after it has served.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"
#include "ports/trees.h"

namespace tandem::harvest {

// How files come home: messages and greetings by mailbox; recordings where they are missing; sounds
// where they are newer.
enum class Kind { voicemail, recordings, sounds };

struct HarvestTree {
  Kind kind = Kind::voicemail;
  Tree tree;          // the same on both nodes
  std::string store;  // the name of what was brought of it, in a folder of ours

  bool operator==(const HarvestTree&) const = default;
};

// By spec.replication.harvest; the sounds always. None of one kind lies in another of its kind.
std::vector<HarvestTree> harvest_trees(Product product, const Replication& replication);

// Whether a copy onto the secondary into `folder` could write over what is to come home.
bool touches_harvest(const std::vector<HarvestTree>& trees, const std::string& folder);

}  // namespace tandem::harvest
