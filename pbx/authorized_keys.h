// The one line of authorized_keys that lets the other node in, and only to `tandem sync-gate`.
//
// Every other line of the file is somebody else's: its bytes, its place and its end stay as they
// are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tandem {

inline constexpr const char* kAuthorizedKeys = "/root/.ssh/authorized_keys";
inline constexpr mode_t kAuthorizedKeysMode = 0600;

// "ssh-ed25519 AAAA..." of a line of a .pub file, without its comment. invalid: it is no ed25519
// key.
Result<std::string> public_key_of(std::string_view line);

struct GateLine {
  std::string public_key;         // as public_key_of() gives it
  std::vector<std::string> from;  // IPv4 addresses that the key may come from
  std::string command;            // what sshd runs whatever is asked for
  std::string comment;            // for people
};

// The line without its end. invalid: a part has characters that sshd would read otherwise.
Result<std::string> gate_line(const GateLine& parts);

// Whether the line, with or without its end, is one that lets somebody in to `tandem sync-gate`, or
// has this key (where one is given) with whatever options.
bool is_gate_line(std::string_view line, std::string_view public_key = "");

// `text` with `line` in the place of the first line that is ours, or at its end; further ones of
// ours are left out. The same text where nothing is to change.
std::string with_gate_line(std::string_view text, std::string_view line);

// `text` without the lines that are ours.
std::string without_gate_lines(std::string_view text);

}  // namespace tandem
