#include "replication/harvest/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "ports/path.h"

namespace tandem::harvest {
namespace {

constexpr std::size_t kNameMax = 200;
constexpr std::size_t kDigestShown = 12;

}  // namespace

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || is_hidden_name(name)) return false;
  return std::ranges::all_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && c != '/';
  });
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

Result<std::vector<SpoolEntry>> entries_of(Spool& spool, Spool::Side side,
                                           const std::string& folder) {
  auto entries = spool.list(side, folder);
  if (!entries.ok() && entries.error().fault == Fault::not_found) return std::vector<SpoolEntry>{};
  if (!entries.ok() || side == Spool::Side::brought) return entries;
  std::vector<SpoolEntry> kept;
  for (SpoolEntry& entry : entries.value()) {
    if (!entry.name.starts_with(Spool::kHidden)) {
      kept.push_back(std::move(entry));
      continue;
    }
    const auto dropped = spool.drop(folder, entry.name);
    if (!dropped.ok()) return dropped.error();
  }
  return kept;
}

Status make_path(Spool& spool, const std::string& folder) {
  std::string at;
  auto made = spool.make_folder(at);
  for (const std::string& part : path_parts(folder)) {
    if (!made.ok()) return made;
    at = joined(at, part);
    made = spool.make_folder(at);
  }
  return made;
}

std::string beside(const std::string& name, const std::string& digest) {
  const auto dot = name.rfind('.');
  const auto end = dot == std::string::npos || dot == 0 ? name.size() : dot;
  return fmt::format("{}.from-secondary-{}{}", name.substr(0, end), digest.substr(0, kDigestShown),
                     name.substr(end));
}

std::string kept_name(const std::string& name, const std::string& digest) {
  return fmt::format(".{}.before-harvest-{}", name, digest.substr(0, kDigestShown));
}

Status replace_and_keep(Spool& spool, const std::string& folder, const std::string& name) {
  const std::string path = joined(folder, name);
  const auto old = spool.digest(Spool::Side::here, path);
  if (!old.ok()) return old.error();
  const auto copy = spool.copy_in(path, folder);
  if (!copy.ok()) return copy.error();
  auto done = spool.keep_as(folder, name, kept_name(name, old.value()));
  if (done.ok()) done = spool.sync(folder);  // the old one's second name, before its first one goes
  if (done.ok()) done = spool.put_over(folder, copy.value(), name);
  if (done.ok()) return spool.sync(folder);
  (void)spool.drop(folder, copy.value());
  return done;
}

Status add_as(Spool& spool, const std::string& file, const std::string& folder,
              const std::string& name) {
  const auto copy = spool.copy_in(file, folder);
  if (!copy.ok()) return copy.error();
  auto done = spool.give_name(folder, copy.value(), name);
  if (done.ok()) return spool.sync(folder);
  (void)spool.drop(folder, copy.value());
  return done;
}

}  // namespace tandem::harvest
