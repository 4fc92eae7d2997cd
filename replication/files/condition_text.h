// What a run of the files' copy means for the conditions of the primary.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/condition.h"
#include "replication/files/file_replica.h"

namespace tandem::files {

// "/etc: not copied, since ..."
std::string unfit_text(const UnfitFolder& folder);

// FilesReplicated: whether all that is here was copied, else why not. FileSourcesPresent: whether
// each folder that is declared is there and fit. FileChangesWatched: whether changes are noticed at
// once.
std::vector<Condition> file_conditions(const FilesGoal& goal, const Report& report,
                                       const std::map<std::string, std::string>& unwatched);

}  // namespace tandem::files
