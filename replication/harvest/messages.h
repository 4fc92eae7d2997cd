// Messages of a mailbox, and when two are the same one.
#pragma once

#include <string>
#include <vector>

#include "pbx/voicemail_files.h"
#include "ports/spool.h"

namespace tandem::harvest {

struct Message {
  std::string folder;  // from the top: "default/1001/INBOX"
  int number = 0;
  std::vector<std::string> sounds;  // ".wav"; what is behind the number of each file but the text
  MessageFacts facts;

  std::string file(const std::string& rest) const;
};

// The whole messages of one folder, by their numbers: what has no text is none yet.
Result<std::vector<Message>> messages_in(Spool& spool, Spool::Side side, const std::string& folder);

// Messages are the same where a key is: moving one to another folder changes neither.
// By what its text says: the identifier of the node that took it, and when, whose and how long it
// is, for two nodes may give one identifier. "" where the text has no identifier.
std::string text_key(const Message& message);
// By its sound: where one of the two has no identifier, which a text may get later.
Result<std::string> sound_key(Spool& spool, Spool::Side side, const Message& message);

}  // namespace tandem::harvest
