// Names that came from the other node.
#pragma once

#include <string>
#include <string_view>

#include "ports/spool.h"

namespace tandem::harvest {

// Whether a file of that name may be made here: one part of a path, of printable bytes, that no
// program takes for its own. Hidden names are programs' own, and are left where they are.
bool is_plain_name(std::string_view name);
inline bool is_hidden_name(std::string_view name) { return name.starts_with('.'); }

std::string joined(const std::string& folder, const std::string& name);

// The entries of a folder of what was brought; none where it is not there. What a killed run of
// ours left here is taken away (`here` side only).
Result<std::vector<SpoolEntry>> entries_of(Spool& spool, Spool::Side side,
                                           const std::string& folder);

// Makes the folder here with all that lead to it.
Status make_path(Spool& spool, const std::string& folder);

// "recording.from-secondary-0123456789ab.wav"
std::string beside(const std::string& name, const std::string& digest);
// ".unavail.wav.before-harvest-0123456789ab": no program of the vendor's looks at it.
std::string kept_name(const std::string& name, const std::string& digest);

// Puts the brought one in the place of the file here, which gets a second name first.
Status replace_and_keep(Spool& spool, const std::string& folder, const std::string& name);
// Adds the brought file under `name`, where there is nothing of that name.
Status add_as(Spool& spool, const std::string& file, const std::string& folder,
              const std::string& name);

}  // namespace tandem::harvest
