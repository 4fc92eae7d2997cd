// The commands that a message for a person names, so that a page or a program can offer them for
// copying.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem {

inline constexpr std::size_t kRemediesMax = 4;  // of one message

// In the order of the message, each once: what stands in backquotes and begins with a program that
// we know, and, without them, `tandem`, `systemctl`, `chmod` and `timedatectl` with what is surely
// theirs. A placeholder (REASON, PATH, ...) stays one. A message without any has none.
std::vector<std::string> commands_in(std::string_view message);

// The subcommands of `tandem` that a message may name without backquotes; a test holds them to the
// table of commands.
const std::vector<std::string_view>& commands_known();

}  // namespace tandem
