// What was brought from the other node becomes part of what is here.
#pragma once

#include "ports/spool.h"
#include "replication/harvest/merge_report.h"
#include "replication/harvest/trees.h"

namespace tandem::harvest {

// Blocks; `order.enough` ends it within a piece of a file. What one item fails for keeps no other
// from coming home. The same merge again does nothing.
MergeReport merge(Kind kind, Spool& spool, const MergeOrder& order);

// Removes the locks that a killed run of ours left in mailboxes: as long as one is there, Asterisk
// throws away what callers say for that folder. What can not be looked at is left.
void clear_locks(Spool& spool);

}  // namespace tandem::harvest
