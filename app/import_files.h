// The two files that `tandem import --write` leaves: both or none, and nobody's own are
// overwritten.
#pragma once

#include <string>
#include <vector>

#include "core/adoption.h"
#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

struct ImportTarget {
  std::string folder;  // for pair.yaml and operator.yaml
  bool force = false;  // overwrite what is there
};

// Writes both files, and keeps the declaration in the state directory, by which the operator knows
// that no further order is needed. Returns a sentence for each file.
//
// A pair.yaml that does not contradict what was found is kept, as one copied from the other node,
// provided that it names this node as it is called here (its host name, spec.node or --node). Any
// other file is overwritten only by force, else invalid; so is a declaration whose name for the
// other node is made up, since to change it later is structural. On a failure both files are as
// they were.
Result<std::vector<std::string>> write_imported(Filesystem& disk, const ImportTarget& target,
                                                const HAPair& pair, const Found& found,
                                                OperatorConfig config);

}  // namespace tandem
