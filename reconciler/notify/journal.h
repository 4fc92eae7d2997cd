// What of notifications must last: what was told, and what waits. One file, replaced as a whole.
#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "reconciler/notify/matters.h"
#include "reconciler/notify/outbox.h"

namespace tandem {

struct NotifyJournal {
  static constexpr std::size_t kBytesMax = 4U << 20U;

  std::string serial;         // of this journal: ids of notices begin anew with each
  std::uint64_t next_id = 1;  // of a notice
  ToldState told;
  std::map<std::string, Outbox> boxes;  // by the receiver's key (receivers.h)
};

std::string to_text(const NotifyJournal& journal);
// invalid: it is none.
Result<NotifyJournal> journal_of_text(std::string_view text, Instant now);

}  // namespace tandem
