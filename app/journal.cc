#include "app/journal.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace tandem {
namespace {

constexpr std::size_t kFieldsMax = 64;  // of an entry

std::string field_name(std::string_view name) {
  std::string made = "TANDEM_";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isupper(byte) != 0) made += '_';
    made += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return made;
}

void add(std::string& entry, std::string_view name, std::string_view value) {
  entry += name;
  entry += '=';
  for (const char c : value) entry += c == '\0' ? ' ' : c;
  entry += '\0';
}

}  // namespace

bool leads_to_journal(int descriptor) {
  const char* const told = std::getenv("JOURNAL_STREAM");
  struct stat found {};
  if (told == nullptr || fstat(descriptor, &found) != 0) return false;
  return told == fmt::format("{}:{}", found.st_dev, found.st_ino);
}

std::string journal_entry(int priority, std::string_view message,
                          const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string entry;
  add(entry, "MESSAGE", message);
  add(entry, "PRIORITY", std::to_string(priority));
  add(entry, "SYSLOG_IDENTIFIER", "tandem");
  for (const auto& [name, value] : fields) add(entry, field_name(name), value);
  return entry;
}

bool send_to_journal(const std::string& entry) {
  std::vector<iovec> parts;
  for (std::size_t at = 0; at < entry.size() && parts.size() < kFieldsMax;) {
    const std::size_t end = std::min(entry.find('\0', at), entry.size());
    // sendv reads them and no more; iovec knows no const.
    parts.push_back({const_cast<char*>(entry.data()) + at, end - at});
    at = end + 1;
  }
  return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

}  // namespace tandem
