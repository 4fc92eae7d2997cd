#include "replication/harvest/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/digest.h"
#include "replication/harvest/names.h"

namespace tandem::harvest {
namespace {

std::string facts_line(const MessageFacts& facts) {
  return fmt::format("{}\n{}\n{}\n", facts.time, facts.caller, facts.duration);
}

}  // namespace

std::string Message::file(const std::string& rest) const {
  return joined(folder, message_name({number, rest}));
}

Result<std::vector<Message>> messages_in(Spool& spool, Spool::Side side,
                                         const std::string& folder) {
  const auto entries = entries_of(spool, side, folder);
  if (!entries.ok()) return entries.error();
  std::map<int, Message> found;
  std::map<int, bool> whole;
  for (const SpoolEntry& entry : entries.value()) {
    const auto part = message_part(entry.name);
    if (!part || entry.kind != SpoolEntry::Kind::file) continue;
    Message& message = found[part->number];
    message.folder = folder;
    message.number = part->number;
    if (part->rest == kMessageText)
      whole[part->number] = true;
    else
      message.sounds.push_back(part->rest);
  }
  std::vector<Message> messages;
  for (auto& [number, message] : found) {
    if (!whole[number]) continue;
    const auto text = spool.read(side, message.file(kMessageText));
    // Heard and deleted, or moved, meanwhile.
    if (!text.ok() && text.error().fault == Fault::not_found) continue;
    if (!text.ok()) return text.error();
    message.facts = message_facts(text.value());
    messages.push_back(std::move(message));
  }
  return messages;
}

std::string text_key(const Message& message) {
  if (message.facts.id.empty()) return "";
  return sha256("text\n" + message.facts.id + "\n" + facts_line(message.facts));
}

Result<std::string> sound_key(Spool& spool, Spool::Side side, const Message& message) {
  std::string said = "sound\n" + facts_line(message.facts);
  for (const std::string& rest : message.sounds) {
    const auto digest = spool.digest(side, message.file(rest));
    if (!digest.ok()) return digest.error();
    said += rest + " " + digest.value() + "\n";
  }
  return sha256(said);
}

}  // namespace tandem::harvest
