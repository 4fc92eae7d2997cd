#include "ports/listener_owner.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tandem {
namespace {

constexpr std::string_view kListening = "0A";
constexpr std::size_t kLocalColumn = 1, kStateColumn = 3, kUserColumn = 7;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(' '); at != line.npos;) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(' ', end);
  }
  return words;
}

// The kernel prints the address as a number of this machine: the first byte is the last.
std::string as_printed(std::uint32_t address) {
  return fmt::format("{:08X}", __builtin_bswap32(address));
}

std::optional<uid_t> listens_at(std::string_view table, const std::string& local) {
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const auto words = words_of(table.substr(0, end));
    table.remove_prefix(std::min(end + 1, table.size()));
    if (words.size() <= kUserColumn || words[kLocalColumn] != local ||
        words[kStateColumn] != kListening)
      continue;
    uid_t user = 0;
    const auto* const stop = words[kUserColumn].data() + words[kUserColumn].size();
    if (const auto read = std::from_chars(words[kUserColumn].data(), stop, user);
        read.ec == std::errc() && read.ptr == stop)
      return user;
  }
  return std::nullopt;
}

std::optional<std::string> content_of(const char* path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

std::optional<uid_t> listener_owner(std::string_view table, std::string_view table6,
                                    std::uint32_t address, std::uint16_t port) {
  const std::string at = fmt::format(":{:04X}", port);
  const std::string mapped = "0000000000000000FFFF0000", nothing = "00000000";
  if (auto user = listens_at(table, as_printed(address) + at)) return user;
  if (auto user = listens_at(table6, mapped + as_printed(address) + at)) return user;
  if (auto user = listens_at(table, nothing + at)) return user;
  return listens_at(table6, nothing + nothing + nothing + nothing + at);
}

Result<std::optional<uid_t>> listener_owner(std::uint32_t address, std::uint16_t port) {
  const auto table = content_of("/proc/net/tcp");
  if (!table) return Error{Fault::unavailable, "/proc/net/tcp can not be read"};
  return listener_owner(*table, content_of("/proc/net/tcp6").value_or(""), address, port);
}

}  // namespace tandem
