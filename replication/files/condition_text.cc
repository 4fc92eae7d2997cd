#include "replication/files/condition_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tandem::files {
namespace {

constexpr std::size_t kToldMax = 3;  // sentences of one message
constexpr std::string_view kInThePlan = ": tandem plan lists them";

// `where` has those that are not shown; empty: nothing has them.
std::string told(const std::vector<std::string>& sentences, std::string_view where) {
  const auto shown = std::min(sentences.size(), kToldMax);
  const auto end = sentences.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text = fmt::format("{}", fmt::join(sentences.begin(), end, ". "));
  if (shown < sentences.size())
    text += fmt::format("; and {} more{}", sentences.size() - shown, where);
  return text;
}

bool is_missing(const FolderReport& folder) {
  return folder.trouble && folder.trouble->reason == Reason::source_missing;
}

bool is_there_too(const FolderReport& folder) {
  using enum FolderReport::Result;
  return folder.result == unchanged || folder.result == equal || folder.result == copied;
}

// "4 of 10 folders are on pbx-b as they are here; 6 are not on this node"
std::string equal_text(const FilesGoal& goal, const Report& report) {
  const auto unfit = goal.sources.unfit.size();
  const auto all = report.folders.size() + unfit;
  const auto equal = static_cast<std::size_t>(std::ranges::count_if(report.folders, is_there_too));
  const auto missing = std::ranges::count_if(report.folders, is_missing);
  std::string text =
      fmt::format("{}{} {} on {} as {} here", equal == all ? "" : fmt::format("{} of ", equal), all,
                  fmt::format("{} {}", all == 1 ? "folder" : "folders", equal == 1 ? "is" : "are"),
                  goal.peer(), equal == 1 ? "it is" : "they are");
  if (missing > 0)
    text += fmt::format("; {} {} not on this node", missing, missing == 1 ? "is" : "are");
  if (unfit > 0)
    text += fmt::format("; {} {} not fit to be copied", unfit, unfit == 1 ? "is" : "are");
  return text;
}

Condition replicated(const FilesGoal& goal, const Report& report) {
  std::vector<std::string> troubles;
  std::string first;
  // What ended a run is kept of the folder at which it did, and is told once.
  const auto add = [&](const Trouble& trouble) {
    if (troubles.empty()) first = reason_name(trouble.reason);
    if (std::ranges::find(troubles, trouble.message) == troubles.end())
      troubles.push_back(trouble.message);
  };
  if (report.trouble) add(*report.trouble);
  for (const FolderReport& folder : report.folders)
    if (folder.trouble && !is_missing(folder)) add(*folder.trouble);
  if (!troubles.empty())
    return {"FilesReplicated", Truth::no, first, told(troubles, kInThePlan), true};
  return {"FilesReplicated", Truth::yes, "Copied", equal_text(goal, report), true};
}

Condition present(const FilesGoal& goal, const Report& report) {
  std::vector<std::string> troubles;
  const Reason reason = goal.sources.unfit.empty() ? Reason::source_missing : Reason::not_fit;
  for (const UnfitFolder& folder : goal.sources.unfit) troubles.push_back(unfit_text(folder));
  for (const FolderReport& folder : report.folders)
    if (is_missing(folder)) troubles.push_back(folder.trouble->message);
  if (troubles.empty())
    return {"FileSourcesPresent", Truth::yes, "Present", "each folder that is copied is there",
            true};
  return {"FileSourcesPresent",       Truth::no, std::string(reason_name(reason)),
          told(troubles, kInThePlan), true,      true};
}

Condition watched(const std::map<std::string, std::string>& unwatched) {
  if (unwatched.empty())
    return {"FileChangesWatched", Truth::yes, "Watched", "changes of files are noticed at once",
            true};
  std::vector<std::string> troubles;
  for (const auto& [path, why] : unwatched)
    troubles.push_back(fmt::format("{}: looked at once a minute, since {}", path, why));
  return {"FileChangesWatched", Truth::no, "NotWatched", told(troubles, ""), true, true};
}

}  // namespace

std::string unfit_text(const UnfitFolder& folder) {
  return fmt::format("{}: not copied, since {}", folder.path, folder.why);
}

std::vector<Condition> file_conditions(const FilesGoal& goal, const Report& report,
                                       const std::map<std::string, std::string>& unwatched) {
  return {replicated(goal, report), present(goal, report), watched(unwatched)};
}

}  // namespace tandem::files
