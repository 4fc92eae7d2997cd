// The copy of the primary's database to the secondary: one run, from the guards to the proof.
//
// Run on the primary's node, on a thread of its own. Both servers hash their own rows, what differs
// travels, and is applied in one transaction on the secondary that commits only after the secondary
// has proven equal to the primary's snapshot. Whatever ends a run earlier leaves the secondary as
// it was, but for sequences, which may be ahead.
#pragma once

#include <stop_token>
#include <string>

#include "ports/clock.h"
#include "ports/database_session.h"
#include "replication/database/copy_order.h"
#include "replication/database/progress.h"

namespace tandem {

// "109 tables equal, hash 0123456789abcdef", "partial: ...", or the failure with its remedy.
std::string describe(const CopyOutcome& outcome);

class DatabaseCopy {
 public:
  DatabaseCopy(Databases& databases, const Clock& clock) : databases_(databases), clock_(clock) {}

  // Blocks. `stop` ends it within a moment; the secondary is then as it was, unless the commit was
  // already under way.
  CopyOutcome run(const CopyOrder& order, std::stop_token stop, const ProgressSink& sink);

 private:
  Databases& databases_;
  const Clock& clock_;
};

}  // namespace tandem
