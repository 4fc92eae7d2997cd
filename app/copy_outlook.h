// What the next copy of files would do, for `tandem plan`.
#pragma once

#include <string>
#include <vector>

#include "app/node.h"
#include "replication/files/file_replica.h"

namespace tandem {

// A sentence for each folder that would change or can not be copied; one where nothing would.
std::vector<std::string> sentences_of(const files::FilesGoal& goal, const files::Report& plan);

// Both nodes compared, within kCompareLimit; nothing is changed, neither there nor here. Empty
// where this node has no copies to make. `node` outlives the task.
inline constexpr std::chrono::seconds kCompareLimit{30};
Task<std::vector<std::string>> copy_outlook(boost::asio::io_context& io, Node& node, HAPair pair);

}  // namespace tandem
