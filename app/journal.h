// The journal of systemd, where it is what reads standard error: entries with fields of their own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem {

// Whether it is the journal that reads this descriptor, as systemd tells by JOURNAL_STREAM
// (systemd.exec(5)).
bool leads_to_journal(int descriptor);

// An entry as the queue of the log holds it: "NAME=value", each followed by a NUL. PRIORITY is one
// of syslog(3), MESSAGE is `message`, and each of `fields` is TANDEM_NAME: "confirmDirection"
// becomes TANDEM_CONFIRM_DIRECTION. Control characters must be escaped already.
std::string journal_entry(int priority, std::string_view message,
                          const std::vector<std::pair<std::string, std::string>>& fields);

// By sd_journal_sendv(3), which may wait for a journal that is busy. False: it does not take it.
bool send_to_journal(const std::string& entry);

}  // namespace tandem
