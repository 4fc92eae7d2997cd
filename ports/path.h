// Paths as the Filesystem port takes them: absolute, and with no way up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tandem {

// `path` without doubled or trailing slashes and without `.`. Fault::invalid: relative, with a `..`
// or a NUL in it, or longer than the kernel takes.
Result<std::string> clean_path(const std::string& path);

// The components between the slashes, without the empty ones and `.`; `..` is kept.
std::vector<std::string> path_parts(std::string_view path);

// Of a clean path: the folder that holds it ("/" for "/"), and its name there ("." for "/").
std::string parent_folder(const std::string& path);
std::string last_name(const std::string& path);

}  // namespace tandem
