#include "replication/files/condition_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tandem::files {
namespace {

constexpr std::size_t kToldMax = 3;  // sentences of one message

std::string told(const std::vector<std::string>& sentences) {
  const auto shown = std::min(sentences.size(), kToldMax);
  const auto end = sentences.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text = fmt::format("{}", fmt::join(sentences.begin(), end, ". "));
  if (shown < sentences.size())
    text += fmt::format(". And {} more, in the report of the run", sentences.size() - shown);
  return text;
}

Condition replicated(const FilesGoal& goal, const Report& report) {
  Condition condition{"FilesReplicated", Truth::yes, "Copied", "", true};
  std::vector<std::string> troubles;
  std::string first;
  const auto add = [&](const Trouble& trouble) {
    if (troubles.empty()) first = reason_name(trouble.reason);
    troubles.push_back(trouble.message);
  };
  if (report.trouble) add(*report.trouble);
  for (const FolderReport& folder : report.folders)
    if (folder.trouble && folder.trouble->reason != Reason::source_missing &&
        folder.trouble != report.trouble)
      add(*folder.trouble);
  if (!troubles.empty()) return {condition.type, Truth::no, first, told(troubles), true};
  const CopyCounts done = report.done();
  condition.message = fmt::format(
      "{} folders are on {} as they are here; the last run sent {} files and deleted {}",
      report.folders.size(), goal.ends.peer, done.files_sent, done.files_deleted);
  return condition;
}

Condition present(const FilesGoal& goal, const Report& report) {
  std::vector<std::string> troubles;
  std::string reason = "NotFit";
  for (const UnfitFolder& folder : goal.sources.unfit)
    troubles.push_back(fmt::format("{}: not copied, since {}", folder.path, folder.why));
  for (const FolderReport& folder : report.folders)
    if (folder.trouble && folder.trouble->reason == Reason::source_missing) {
      reason = reason_name(Reason::source_missing);
      troubles.push_back(folder.trouble->message);
    }
  if (troubles.empty())
    return {"FileSourcesPresent", Truth::yes, "Present", "each folder that is copied is there",
            true};
  return {"FileSourcesPresent", Truth::no, reason, told(troubles), true, true};
}

Condition watched(const std::map<std::string, std::string>& unwatched) {
  if (unwatched.empty())
    return {"FileChangesWatched", Truth::yes, "Watched", "changes of files are noticed at once",
            true};
  std::vector<std::string> troubles;
  for (const auto& [path, why] : unwatched)
    troubles.push_back(fmt::format("{}: looked at once a minute, since {}", path, why));
  return {"FileChangesWatched", Truth::no, "NotWatched", told(troubles), true, true};
}

}  // namespace

std::vector<Condition> file_conditions(const FilesGoal& goal, const Report& report,
                                       const std::map<std::string, std::string>& unwatched) {
  return {replicated(goal, report), present(goal, report), watched(unwatched)};
}

}  // namespace tandem::files
