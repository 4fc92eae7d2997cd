// How programs are started here: bound to this one's life, and with an environment of their own.
#pragma once

#include <string>
#include <vector>

namespace tandem::files {

// Words before a program's own. Who decided on a copy may be killed: it ends with that one. And no
// variable of ours (RSYNC_*, SSH_AUTH_SOCK, a language) changes what it does or says.
inline std::vector<std::string> bound_to_us() {
  return {
      "/usr/bin/setpriv", "--pdeathsig",      "TERM", "/usr/bin/env", "-i", "PATH=/usr/bin:/bin",
      "LC_ALL=C",         "HOME=/nonexistent"};
}

}  // namespace tandem::files
