// Sequences: no counter tells of them, and no transaction takes them back.
//
// So what raises one is done before the commit: a sequence ahead of its table only leaves a gap.
// What lowers one is done after it: behind its table it would give keys twice.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ports/database_session.h"

namespace tandem {

// Where each stands, by name: its last value and whether that was given out, "17 true". They count
// at once, whatever becomes of the transaction: read after a snapshot they are never behind it.
using SequenceValues = std::map<std::string, std::string>;

Result<SequenceValues> read_sequences(DatabaseSession& session,
                                      const std::vector<std::string>& names);
// The same as some bytes.
Result<std::string> sequences_fingerprint(DatabaseSession& session,
                                          const std::vector<std::string>& names);

struct SequenceMoves {
  SequenceValues raised, lowered;  // what they are to be
};
SequenceMoves sequence_moves(const SequenceValues& primary, const SequenceValues& secondary);

Status set_sequences(DatabaseSession& secondary, const SequenceValues& values);

}  // namespace tandem
