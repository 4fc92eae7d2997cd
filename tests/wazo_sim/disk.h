// Files of JSON, written whole or not at all.
#pragma once

#include <filesystem>
#include <optional>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

// Replaces `path` atomically and makes its directory. Throws std::filesystem::filesystem_error when
// the disk refuses: the program is of no use then.
void write_file(const std::filesystem::path& path, const std::string& text);

// Nothing when the file is absent or is not JSON.
std::optional<Json> read_json(const std::filesystem::path& path);

}  // namespace tandem::wazo_sim
