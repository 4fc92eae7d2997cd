#include "resources/unconfirmed.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace tandem {
namespace {

constexpr mode_t kMode = 0600;

bool is_word(const std::string& name) {
  return !name.empty() && std::none_of(name.begin(), name.end(),
                                       [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

Unconfirmed::Unconfirmed(Filesystem& files, std::string path)
    : files_(files), path_(std::move(path)) {}

// Read each time: the file is small, and nothing then depends on what this process remembers.
Result<std::set<std::string>> Unconfirmed::names() {
  std::set<std::string> names;
  const auto text = files_.read(path_);
  if (!text.ok()) {
    if (text.error().fault == Fault::not_found) return names;
    return in_context(path_, text.error());
  }
  std::istringstream words(text.value());
  for (std::string word; words >> word;) names.insert(word);
  return names;
}

Status Unconfirmed::add(const std::string& name) {
  if (!is_word(name)) return Error{Fault::invalid, "a name to be confirmed must be one word"};
  auto read = names();
  if (!read.ok()) return read.error();
  std::set<std::string> all = std::move(read).value();
  if (!all.insert(name).second) return success();
  if (all.size() > kNamesMax) return Error{Fault::too_large, path_ + ": too many names"};
  return write(all);
}

Status Unconfirmed::remove(const std::string& name) {
  auto read = names();
  if (!read.ok()) return read.error();
  std::set<std::string> all = std::move(read).value();
  if (all.erase(name) == 0) return success();
  return write(all);
}

Status Unconfirmed::write(const std::set<std::string>& names) {
  if (names.empty()) return files_.remove(path_);
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  const Status made = files_.make_directories(folder_of(path_));
  if (!made.ok()) return in_context(path_, made.error());
  const Status replaced = files_.replace(path_, text, kMode);
  if (!replaced.ok()) return in_context(path_, replaced.error());
  return success();
}

}  // namespace tandem
