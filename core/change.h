// One line of a plan: what would be different afterwards, what that disturbs, and why it is wanted.
#pragma once

#include <string>
#include <string_view>

#include "core/pair.h"

namespace tandem {

struct Change {
  std::string
      field;  // within the resource: "node_type", "/var/lib/wazo/is-primary", "default.backup_host"
  std::string from;  // as a person reads it: "slave", "absent", "3600 s"
  std::string to;
  std::string disturbs;  // "nothing", "reload of SIP, calls go on", ...
  std::string why;       // one sentence
  Reach reach = Reach::file;

  bool operator==(const Change&) const = default;
};

// "none", "file", "reload", "restart", "telephony": the spelling of spec.changes.allow.
std::string_view reach_name(Reach reach);

}  // namespace tandem
