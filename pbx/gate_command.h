// What comes over the restricted key, read strictly: the text of SSH_ORIGINAL_COMMAND.
//
// Whoever holds the key writes this text. It never reaches a shell: it is taken apart here, and
// what is not exactly one of the forms below is refused.
//
//   tandem facts
//   tandem password
//   tandem harvest-owed                          what was left here, and has not come home
//   tandem harvest-home NUMBER                   it has
//   rsync --server OPTIONS . FOLDER              a copy into FOLDER
//   rsync --server --sender OPTIONS . FOLDER/    a copy of what is in FOLDER
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tandem {

inline constexpr std::size_t kGateCommandMax = 4096;
inline constexpr std::size_t kGateWordsMax = 64;

struct GateRequest {
  enum class Verb { facts, password, harvest_owed, harvest_home, push, pull };
  Verb verb = Verb::facts;
  std::vector<std::string> options;  // of rsync, each known to be harmless
  std::string folder;                // absolute, clean, without `..`
  std::uint64_t number = 0;          // of harvest_home

  bool operator==(const GateRequest&) const = default;
};

inline constexpr const char* kHarvestOwed = "tandem harvest-owed";
// "tandem harvest-home 17"
std::string harvest_home(std::uint64_t number);

// invalid: the message says what is refused and what the key is for.
Result<GateRequest> parse_gate_command(std::string_view text);

// Where a folder lies: the outermost of the allowed ones that holds it, and the rest.
struct GatePlace {
  std::string allowed;  // one of the list, without a slash at its end, or its part before a `*`
  std::string below;    // relative; "" for the allowed one itself

  bool operator==(const GatePlace&) const = default;
};

// denied: it is in none of them. `*` in one of the list stands for one name. The outermost, because
// whoever may write into that one could put a link in the place of one that lies deeper.
Result<GatePlace> place_of(const std::string& folder, const std::vector<std::string>& allowed);

}  // namespace tandem
