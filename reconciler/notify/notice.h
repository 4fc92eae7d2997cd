// What a person is told of, apart from how it reaches him.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"

namespace tandem {

struct Notice {
  // `raised` is followed by `cleared` some day; `test` is of `tandem notify --test`.
  enum class Phase { raised, cleared, test };
  enum class Severity { info, warning, critical };
  static constexpr std::size_t kTitleMax = 200;  // bytes
  static constexpr std::size_t kTextMax = 700;

  std::uint64_t id = 0;  // rises with each notice of a node
  WallTime at{};
  std::string matter;  // CamelCase: "Takeover", "SecondaryNotFit", ...
  Phase phase = Phase::raised;
  Severity severity = Severity::warning;
  std::string title;        // what happened, without the node's name: "serves for pbx-a"
  std::string text;         // sentences: why, and what to do
  std::uint64_t epoch = 0;  // the number of takeovers so far

  bool operator==(const Notice&) const = default;
};

// "Raised", "Cleared", "Test"; "Info", "Warning", "Critical"
std::string_view phase_name(Notice::Phase phase);
std::string_view severity_name(Notice::Severity severity);

// The gravest of them; info of none.
Notice::Severity gravest(const std::vector<Notice>& notices);

// As a message shows it and the journal keeps it.
nlohmann::ordered_json to_json(const Notice& notice);
// nullopt: it is none.
std::optional<Notice> notice_of(const nlohmann::ordered_json& json);

}  // namespace tandem
