#include "resources/relay_memory.h"

#include <fmt/format.h>

#include <sstream>

#include "core/formats.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr mode_t kMode = 0600;

const char* word_of(LinesTo lines) { return lines == LinesTo::primary ? "primary" : "secondary"; }

}  // namespace

// Read each time: the file is small, and nothing then depends on what this process remembers.
Result<std::map<std::string, RelayMemory::Entry>> RelayMemory::entries() {
  std::map<std::string, Entry> entries;
  const auto text = files_.read(path_);
  if (!text.ok()) {
    if (text.error().fault == Fault::not_found) return entries;
    return in_context(path_, text.error());
  }
  std::istringstream lines(text.value());
  for (std::string line; std::getline(lines, line) && entries.size() < kIsdnDevicesMax;) {
    std::istringstream words(line);
    std::string device, where, more;
    std::int64_t seconds = 0;
    if (!(words >> device >> where >> seconds) || words >> more) continue;
    const auto time = time_of_seconds(seconds);
    if (!time || (where != "primary" && where != "secondary")) continue;
    entries[device] = {where == "primary" ? LinesTo::primary : LinesTo::secondary, *time};
  }
  return entries;
}

Status RelayMemory::keep(const std::string& device, const Entry& entry) {
  auto known = entries();
  if (!known.ok()) return known.error();
  known.value()[device] = entry;
  std::string text;
  for (const auto& [name, one] : known.value())
    text += fmt::format(
        "{} {} {}\n", name, word_of(one.lines),
        std::chrono::duration_cast<std::chrono::seconds>(one.at.time_since_epoch()).count());
  const Status made = files_.make_directories(parent_folder(path_));
  if (!made.ok()) return in_context(path_, made.error());
  const Status replaced = files_.replace(path_, text, kMode);
  if (!replaced.ok()) return in_context(path_, replaced.error());
  return success();
}

}  // namespace tandem
