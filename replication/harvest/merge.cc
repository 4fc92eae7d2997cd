#include "replication/harvest/merge.h"

#include <algorithm>

#include "replication/harvest/folder_merge.h"
#include "replication/harvest/mailbox_merge.h"
#include "replication/harvest/names.h"

namespace tandem::harvest {
namespace {

using Side = Spool::Side;

// The plain folders in a folder of what was brought.
std::vector<std::string> folders_in(Spool& spool, const std::string& folder, MergeReport& report) {
  std::vector<std::string> names;
  const auto entries = entries_of(spool, Side::brought, folder);
  if (!entries.ok()) report.add(entries.error());
  if (!entries.ok()) return names;
  for (const SpoolEntry& entry : entries.value()) {
    if (entry.kind != SpoolEntry::Kind::folder || is_hidden_name(entry.name)) continue;
    if (is_plain_name(entry.name))
      names.push_back(joined(folder, entry.name));
    else
      ++report.counts.refused;
  }
  return names;
}

MergeReport merge_voicemail(Spool& spool, const MergeOrder& order) {
  MergeReport report;
  for (const std::string& context : folders_in(spool, "", report))
    for (const std::string& box : folders_in(spool, context, report)) {
      if (!report.goes_on(order)) return report;
      MailboxMerge(spool, order, report, box).run();
    }
  return report;
}

}  // namespace

Counts& Counts::operator+=(const Counts& more) {
  messages += more.messages;
  greetings += more.greetings;
  recordings += more.recordings;
  sounds += more.sounds;
  kept_beside += more.kept_beside;
  refused += more.refused;
  return *this;
}

MergeReport& MergeReport::operator+=(MergeReport more) {
  counts += more.counts;
  changed.merge(more.changed);
  seen.merge(more.seen);
  busy = busy || more.busy;
  for (std::string& trouble : more.troubles) troubles.push_back(std::move(trouble));
  return *this;
}

void clear_locks(Spool& spool) {
  const auto folders = [&spool](const std::string& folder) {
    std::vector<std::string> found;
    const auto entries = entries_of(spool, Side::here, folder);
    if (!entries.ok()) return found;
    for (const SpoolEntry& entry : entries.value())
      if (entry.kind == SpoolEntry::Kind::folder) found.push_back(joined(folder, entry.name));
    return found;
  };
  for (const std::string& context : folders(""))
    for (const std::string& box : folders(context))
      for (const std::string& folder : folders(box)) (void)spool.clear_lock(folder);
}

MergeReport merge(Kind kind, Spool& spool, const MergeOrder& order) {
  MergeReport report;
  switch (kind) {
    case Kind::voicemail: report = merge_voicemail(spool, order); break;
    case Kind::recordings: FolderMerge(spool, order, report, Wins::neither).run(); break;
    case Kind::sounds: FolderMerge(spool, order, report, Wins::newer).run(); break;
  }
  if (order.enough()) report.troubles.emplace_back("it was ended before all had come home");
  return report;
}

}  // namespace tandem::harvest
