// How Asterisk's voicemail keeps messages and greetings in files, in its file storage.
//
// Facts of app_voicemail.c and main/app.c of Asterisk 20: below the voicemail's folder is one
// folder for each context, in it one for each mailbox, and in that one for each folder of messages
// (INBOX, Old, Work, ...) and `tmp`, where messages are recorded. A message is msgNNNN.txt and,
// beside it, msgNNNN.EXT for each format of its sound. Messages are counted by their .txt
// (count_messages, last_message_index), which a caller's message therefore gets last, under the
// folder's lock; the number after the last is the next one's, and gaps are closed at the next
// opening of the mailbox (resequence_mailbox). No name that begins with a dot is looked at.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

// MAXMSGLIMIT: numbers are below it.
inline constexpr int kMessagesMax = 9999;

// A folder's lock, as ast_lock_path_lockfile takes it: a file of another name in the same folder is
// linked to this one, which fails while there is one; it is removed to unlock. Nobody waits for
// longer than 5 s, and nobody takes an old one away.
inline constexpr const char* kVoicemailLock = ".lock";
inline constexpr int kVoicemailLockSeconds = 5;

struct MessagePart {
  int number = 0;
  std::string rest;  // behind the number: ".txt", ".wav", "intro.wav"

  bool operator==(const MessagePart&) const = default;
};

// nullopt: it is no file of a message.
std::optional<MessagePart> message_part(std::string_view name);
// "msg0007.txt"
std::string message_name(const MessagePart& part);
inline constexpr const char* kMessageText = ".txt";

// "unavail.wav": what a mailbox is announced with.
bool is_greeting(std::string_view name);

// Whether a folder of a mailbox holds messages that are whole.
bool holds_messages(std::string_view folder);

// What a message's text says of it. Empty where it says nothing.
struct MessageFacts {
  std::string id;  // msg_id: made of the time and a counter, unique on one node only
  std::string time, caller, duration;

  bool operator==(const MessageFacts&) const = default;
};
MessageFacts message_facts(std::string_view text);

// Makes Asterisk count the messages of every mailbox anew and tell the phones' lamps: the vendor
// gives the same command whenever a mailbox is edited. Its voicemail.conf is made by a program, so
// it is never taken for unchanged.
std::vector<std::string> recount_mailboxes();

}  // namespace tandem
