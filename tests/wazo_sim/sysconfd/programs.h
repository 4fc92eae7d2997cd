// The vendor's commands, where the node's folder has programs for them.
#pragma once

#include <filesystem>
#include <string>

namespace tandem::wazo_sim {

// Runs the program that a line like "systemctl restart postgresql.service" names, as it is below
// `root`, and waits for its end; whether it ended with 0. A program that is not there does nothing,
// and well. It has none of our descriptors and signals, for it may start a server that stays.
bool run_below(const std::filesystem::path& root, const std::string& line);

}  // namespace tandem::wazo_sim
