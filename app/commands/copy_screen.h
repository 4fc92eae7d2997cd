// How far an ordered copy is, for a terminal or a log, and what it came to: pure text.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/copy_errand.h"
#include "ports/clock.h"

namespace tandem {

// How fast one kind goes: rows or bytes a second since the amount last began at nothing.
class CopyPace {
 public:
  // Until so much time has passed nothing can be said.
  static constexpr std::chrono::seconds kSpanMin{1};

  // ", 85K/s, 33s to go"; empty where nothing is known.
  std::string take(const nlohmann::ordered_json& meter, Instant now);

 private:
  std::string phase_;
  std::uint64_t first_ = 0, latest_ = 0;
  Instant since_{};
  bool begun_ = false;
};

// Where there is a terminal one line a kind, written over; elsewhere a line when the phase or the
// number of tables changes, at most one in kLineEvery.
class CopyScreen {
 public:
  static constexpr std::chrono::seconds kLineEvery{2};

  // `columns` of the terminal; 0: there is none.
  explicit CopyScreen(std::size_t columns) : columns_(columns) {}

  // What is to be written now; may be empty.
  std::string show(const nlohmann::ordered_json& replication, const CopyRuns& runs, Instant now);
  // Takes the lines off the terminal.
  std::string wipe();

 private:
  struct Line {
    CopyPace pace;
    std::string told;  // phase and tables of the last line, elsewhere than on a terminal
    std::optional<Instant> at;
  };

  std::string text_of(const nlohmann::ordered_json& kind, std::uint64_t number, Line& line,
                      Instant now) const;

  std::size_t columns_;
  std::map<std::string, Line> lines_;
  std::size_t drawn_ = 0;
};

// "database  equal after 3.4s, 12 rows changed, 1.2 MiB over the network: 109 tables equal, ...",
// and its notes, a line each. Of a run that was cancelled: what is left as it was.
std::string ending_text(const std::string& kind, const CopyEnding& ending, bool interrupted);
// Why it did not end well and what can be done; empty where it did, or was cancelled.
std::string ending_error(const std::string& kind, const CopyEnding& ending, bool interrupted);

// {"interrupted", "copies": [{"kind", "run", "state", ...}]}
nlohmann::ordered_json endings_document(const CopyRuns& runs, const CopyEndings& endings,
                                        bool interrupted);

}  // namespace tandem
