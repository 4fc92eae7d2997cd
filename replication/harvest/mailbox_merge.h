// One mailbox: what of its messages and greetings is not here comes home.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "replication/harvest/merge_report.h"
#include "replication/harvest/messages.h"

namespace tandem::harvest {

// A message is appended to its folder under the next free number, its text last, under the folder's
// lock, as a caller's message is. One that is here already, in whatever folder of the mailbox, is
// not brought again. A greeting that is newer there takes the place of the one here, which is kept
// beside it. Nothing is deleted. A kill at any moment leaves each message here whole or not at all;
// the next run finishes it.
class MailboxMerge {
 public:
  // `box` is "CONTEXT/MAILBOX", from the top of the voicemail.
  MailboxMerge(Spool& spool, const MergeOrder& order, MergeReport& report, std::string box);

  void run();

 private:
  Result<std::vector<Message>> all_messages(Spool::Side side);
  Status learn_sounds();
  Result<bool> is_known(const Message& message);
  bool was_deleted_here(const Message& message) const;
  void bring(const Message& message);
  Status place(const Message& message);
  Result<int> free_number(const Message& message, std::set<std::string>& begun);
  void greetings();
  void greeting(const SpoolEntry& brought, const SpoolEntry* here);

  Spool& spool_;
  const MergeOrder& order_;
  MergeReport& report_;
  std::string box_;
  std::vector<Message> here_;
  // Keys of what is here. By sound: of all, and of those whose text has no identifier.
  std::set<std::string> known_, known_sounds_, nameless_sounds_;
  bool sounds_known_ = false;
};

}  // namespace tandem::harvest
