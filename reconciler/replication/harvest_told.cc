#include "reconciler/replication/harvest_told.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "core/formats.h"

namespace tandem {
namespace {

constexpr const char* kGiveUp = "to give it up: tandem divergence --discard --reason TEXT";

std::string counted(std::uint64_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string how_it_stands(const HarvestState& state) {
  if (state.running) return "it is being brought home";
  if (!state.answer->stands_by)
    return fmt::format("{} serves, and what is left on it comes home once it stands by",
                       state.peer);
  if (state.unanswered) return *state.unanswered;
  if (state.last && state.last->result == HarvestResult::failed)
    return fmt::format("{}: {}", state.last->reason, state.last->message);
  return "it comes home within a minute";
}

std::string of_folders(const HarvestState& state) {
  const auto since = state.answer->owed.since;
  const std::string time = since == WallTime{} ? "" : " since " + to_string(since);
  return fmt::format(
      "what users left on {}{} has not come home ({}), and copies of these wait for "
      "it: {}",
      state.peer, time, fmt::join(state.kinds, ", "), how_it_stands(state));
}

}  // namespace

std::string harvest_result_name(HarvestResult result) {
  switch (result) {
    case HarvestResult::home: return "home";
    case HarvestResult::failed: return "failed";
    case HarvestResult::discarded: return "discarded";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::map<std::string, std::uint64_t> by_kind(const harvest::Counts& counts) {
  return {{"messages", counts.messages},
          {"greetings", counts.greetings},
          {"recordings", counts.recordings},
          {"sounds", counts.sounds}};
}

std::string describe(const harvest::Counts& counts) {
  std::vector<std::string> words;
  if (counts.messages > 0) words.push_back(counted(counts.messages, "message"));
  if (counts.greetings > 0) words.push_back(counted(counts.greetings, "greeting"));
  if (counts.recordings > 0) words.push_back(counted(counts.recordings, "recording"));
  if (counts.sounds > 0) words.push_back(counted(counts.sounds, "sound"));
  std::string text = words.empty() ? "nothing" : fmt::format("{}", fmt::join(words, ", "));
  if (counts.kept_beside > 0)
    text += fmt::format("; of {} both nodes had another, and both are here",
                        counted(counts.kept_beside, "file"));
  if (counts.refused > 0)
    text += fmt::format("; {} left there for their names", counted(counts.refused, "file"));
  return text;
}

Condition harvest_pending(const HarvestState& state, const std::optional<std::string>& database) {
  Condition condition{"HarvestPending", Truth::no, "Home", "", false};
  condition.advisory = true;
  if (state.owed() || database) {
    condition.status = Truth::yes;
    condition.reason = state.owed() ? "Folders" : "Database";
    if (state.owed()) condition.message = of_folders(state) + "; ";
    if (database) condition.message += *database + "; ";
    condition.message += kGiveUp;
  } else if (state.unanswered) {
    condition.status = Truth::unknown;
    condition.reason = "NotAnswered";
    condition.message = fmt::format(
        "whether anything that users left on {} has to come home can "
        "not be told: {}",
        state.peer, *state.unanswered);
  } else if (!state.answer) {
    condition.status = Truth::unknown;
    condition.reason = "NotAsked";
    condition.message = fmt::format(
        "{} was not asked yet whether anything that users left on it has to come home", state.peer);
  } else {
    // Not "all is here": it may have been given up, or not be wanted.
    condition.message = "nothing that users left on " + state.peer + " waits to come home";
  }
  if (state.lamps && condition.status != Truth::yes) condition.message += "; " + *state.lamps;
  return condition;
}

}  // namespace tandem
