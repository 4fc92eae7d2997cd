// What this node says of itself to the other one.
#pragma once

#include <string>

#include "core/failover.h"
#include "reconciler/loop.h"
#include "reconciler/spec_keeper.h"

namespace tandem {

struct OwnWordParts {
  const Loop& loop;
  const SpecKeeper& specs;
  std::string node;
  std::string boot_id;
  bool hears_the_other = false;
};

PeerWord own_word(const OwnWordParts& parts);

// Of this start of the host, or of the container's host; "" where the kernel does not tell.
std::string read_boot_id();

}  // namespace tandem
