#include "ports/accounts.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

namespace tandem {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // The greatest one is "no change" to chown.
  const bool right = error == std::errc{} && end == text.data() + text.size() &&
                     number != static_cast<std::uint32_t>(-1);
  return right ? std::optional(number) : std::nullopt;
}

// passwd and group both begin with NAME:PASSWORD:NUMBER.
Result<std::uint32_t> find_number(Filesystem& files, const std::string& path,
                                  std::string_view name) {
  const auto text = files.read(path);
  if (!text.ok()) return in_context(path, text.error());
  for (const std::string_view line : split(text.value(), '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3 || fields[0] != name) continue;
    if (const auto number = number_in(fields[2])) return *number;
    return Error{Fault::invalid, path + ": the line of " + std::string(name) + " has no number"};
  }
  return Error{Fault::not_found, path + " has no " + std::string(name)};
}

}  // namespace

Result<Ownership> find_ownership(Filesystem& files, std::string_view user_and_group) {
  const auto colon = user_and_group.find(':');
  if (colon == std::string_view::npos) return Error{Fault::invalid, "an owner must be USER:GROUP"};
  const auto user = find_number(files, "/etc/passwd", user_and_group.substr(0, colon));
  if (!user.ok()) return user.error();
  const auto group = find_number(files, "/etc/group", user_and_group.substr(colon + 1));
  if (!group.ok()) return group.error();
  return Ownership{user.value(), group.value()};
}

}  // namespace tandem
