// The three kinds of YAML.
#include "core/spec.h"

#include <nlohmann/json.hpp>

#include "core/credentials.h"
#include "tests/fuzz/targets.h"

namespace tandem::fuzz {
namespace {

template <class T>
bool accepts(const Parsed<T>& parsed) {
  if (parsed) return true;
  require(!parsed.error().empty() && parsed.error().size() <= kSpecProblemsMax + 1);
  for (const auto& problem : parsed.error()) {
    require(problem.line >= 1 && problem.column >= 1);
    require_message(problem.message);
  }
  return false;
}

template <class T>
void read(std::string_view text, Parsed<T> (*parse)(std::string_view, std::string_view)) {
  const auto first = parse(text, "f");
  if (!accepts(first)) return;
  const auto again = parse(to_json(*first).dump(), "f");
  require(again && *again == *first);
}

}  // namespace

void pair_yaml(std::string_view text) { read(text, parse_pair); }
void operator_yaml(std::string_view text) { read(text, parse_operator); }

void credentials_yaml(std::string_view text) {
  const auto parsed = parse_credentials(text, "f");
  if (accepts(parsed)) require(!parsed->username.empty());
}

}  // namespace tandem::fuzz
