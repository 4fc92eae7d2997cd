// Strict reading of the two YAML kinds: every problem of a file at once, each with its place.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/pair.h"

namespace tandem {

inline constexpr std::size_t kSpecBytesMax = 1U << 20U;
inline constexpr int kSpecDepthMax = 64;
inline constexpr int kSpecAliasesMax = 100;
inline constexpr int kSpecValuesMax = 100'000;
inline constexpr std::size_t kSpecProblemsMax = 100;  // further ones are only said to exist

struct SpecProblem {
  std::string file;
  int line = 1;      // from 1
  int column = 1;    // from 1
  std::string path;  // "spec.sip.expiry.minimum"; empty where the file as a whole is meant
  std::string message;

  bool operator==(const SpecProblem&) const = default;
};

// "FILE:LINE:COLUMN: spec.path: message"
std::string to_string(const SpecProblem& problem);

template <class T>
using Parsed = tl::expected<T, std::vector<SpecProblem>>;

// Reads one document of kind HAPair / OperatorConfig. `file` is only named in problems.
Parsed<HAPair> parse_pair(std::string_view text, std::string_view file);
Parsed<OperatorConfig> parse_operator(std::string_view text, std::string_view file);

// `kind:` of a document, for `tandem validate`: "HAPair", "OperatorConfig", or the problem.
Parsed<std::string> kind_of(std::string_view text, std::string_view file);

// The document as declared, in the table's order and spelling, with every default filled in.
nlohmann::ordered_json to_json(const HAPair& pair);
nlohmann::ordered_json to_json(const OperatorConfig& config);

// "3m", "1h30m", "800ms": the shortest form of a duration in the declaration's own units.
std::string to_string(Duration duration);
// The reverse; the error says what is wrong and what would be right.
tl::expected<Duration, std::string> parse_duration(std::string_view text);

}  // namespace tandem
