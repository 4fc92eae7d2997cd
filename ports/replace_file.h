// How a file is replaced so that a kill at any moment leaves the old or the new one.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/result.h"
#include "ports/rooted_path.h"

namespace tandem {

// Whether `name` is one that replace_file gives to its temporary files: ".NAME.tandem-XXXXXX".
bool is_temporary(std::string_view name);

// As Filesystem::replace promises. `path` is for messages.
Status replace_file(const RootedPlace& place, const std::string& path, const std::string& content,
                    mode_t mode);

// Removes the file or link and what killed runs left of it. Success if there is nothing.
Status remove_file(const RootedPlace& place, const std::string& path);

// Makes what happened to the folder's entries last.
Status sync_folder(const Descriptor& folder, const std::string& path);

}  // namespace tandem
