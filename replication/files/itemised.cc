#include "replication/files/itemised.h"

#include <algorithm>
#include <optional>

namespace tandem::files {
namespace {

// The code of rsync's %i: "<f.st......", "cd+++++++++", "*deleting  ".
constexpr std::size_t kCodeSize = 11;
constexpr std::string_view kDeleting = "*deleting";
constexpr std::string_view kCodeBegins = "<>ch.*";
constexpr std::size_t kShownNameMax = 200;

// Plain digits; rsync is told to write no separators, and what an older one writes is left out.
std::uint64_t number_at(std::string_view text) {
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c == ',' || c == '.') continue;
    if (c < '0' || c > '9') break;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

std::optional<std::uint64_t> after(std::string_view text, std::string_view words) {
  const auto at = text.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  return number_at(text.substr(at + words.size()));
}

}  // namespace

CopyCounts& CopyCounts::operator+=(const CopyCounts& more) {
  files_sent += more.files_sent;
  files_new += more.files_new;
  folders_new += more.folders_new;
  attributes += more.attributes;
  files_deleted += more.files_deleted;
  folders_deleted += more.folders_deleted;
  bytes += more.bytes;
  return *this;
}

std::vector<std::string> itemised_options() {
  // By lines, so that progress is seen; the name last, since it alone may hold blanks.
  return {"--outbuf=L", "--no-human-readable", "--stats", "--out-format=%i %l %n"};
}

void Itemised::hear(std::string_view piece) {
  while (!piece.empty()) {
    const auto end = piece.find('\n');
    const auto part = piece.substr(0, end);
    partial_.append(part.substr(0, kLineMax - std::min(kLineMax, partial_.size())));
    if (end == std::string_view::npos) return;
    line(partial_);
    partial_.clear();
    piece.remove_prefix(end + 1);
  }
}

void Itemised::line(std::string_view text) {
  if (text.starts_with("Number of files: ")) {
    has_sum_ = true;
    // Devices, sockets and FIFOs stay here.
    const auto all = after(text, "Number of files: ").value_or(0);
    const auto left_out = after(text, "dir: ").value_or(0) + after(text, "dev: ").value_or(0) +
                          after(text, "special: ").value_or(0);
    sum_.files_here = all - std::min(all, left_out);
    return;
  }
  if (text.starts_with("Total bytes sent: ")) sum_.wire_sent = number_at(text.substr(18));
  if (text.starts_with("Total bytes received: ")) sum_.wire_received = number_at(text.substr(22));
  if (text.size() <= kCodeSize + 1 || kCodeBegins.find(text[0]) == std::string_view::npos ||
      text[kCodeSize] != ' ')
    return;
  const auto rest = text.substr(kCodeSize + 1);
  const auto blank = rest.find(' ');
  if (blank == std::string_view::npos) return;
  item(text.substr(0, kCodeSize), number_at(rest.substr(0, blank)), rest.substr(blank + 1));
}

void Itemised::item(std::string_view code, std::uint64_t size, std::string_view name) {
  if (code.starts_with(kDeleting)) {
    ++(name.ends_with('/') ? counts_.folders_deleted : counts_.files_deleted);
    if (deleted_names_.size() < kNamesMax)
      deleted_names_.emplace_back(name.substr(0, kShownNameMax));
    return;
  }
  const bool is_new = code.substr(2).find_first_not_of('+') == std::string_view::npos;
  const bool is_folder = code[1] == 'd';
  if (is_folder) {
    ++(is_new ? counts_.folders_new : counts_.attributes);
    return;
  }
  if (is_new) ++counts_.files_new;
  if (code[0] == '.') {
    ++counts_.attributes;
    return;
  }
  ++counts_.files_sent;
  if (code[1] == 'f') counts_.bytes += size;
}

}  // namespace tandem::files
