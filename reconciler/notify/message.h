// A message as its receivers get it: a mail, or a JSON document. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reconciler/notify/outbox.h"

namespace tandem {

struct Message {
  std::string id;  // the same in every attempt: "pbx-b-5f3a90c1-12"
  std::string pair, node;
  WallTime at{};
  std::vector<Notice> notices;
  std::uint64_t dropped = 0;  // notices that could not be kept or handed over before
};

// "[tandem montreal] pbx-b serves for pbx-a, and 2 more"
std::string subject_of(const Message& message);
// As plain text: the first Outbox::kShown notices, the number of the others, what to type.
std::string text_of(const Message& message);
// The document of webhooks and programs: docs/notifications.md tells its shape, which lasts.
std::string json_of(const Message& message);

// A header's value after RFC 2047: as it is where it is printable ASCII, else encoded words of
// UTF-8, folded. Control characters have no way through.
std::string header_value(std::string_view text);

// The whole mail, for `sendmail -i`. `address` was checked as Format::mail.
std::string mail_of(const Message& message, const std::string& address);

// What a program gets beside its standard input: "TANDEM_EVENT_NODE=pbx-b", ...
std::vector<std::string> environment_of(const Message& message);

}  // namespace tandem
