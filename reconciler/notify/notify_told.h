// What became of a message to a receiver: for events, log and metrics.
#pragma once

#include <string>

namespace tandem {

struct NotifyTold {
  // `failed`: it is tried again. `dropped`: notices were given up. `removed`: their receiver is
  // declared no more.
  enum class Kind { delivered, failed, dropped, removed };
  Kind kind = Kind::delivered;
  std::string receiver;  // as in receivers.h
  std::string channel;   // "mail", "webhook", "exec"
  std::size_t notices = 0;
  std::string text;    // the subject, or why not
  bool is_new = true;  // of a failure: another reason than the last time
};

}  // namespace tandem
