#include "replication/files/direction.h"

#include <fmt/format.h>

namespace tandem::files {
namespace {

constexpr mode_t kMode = 0600;
constexpr std::size_t kDirectionMax = 4096;

std::string path_in(const std::string& state_dir) { return state_dir + "/files-direction"; }

std::string product_name(Product product) { return product == Product::wazo ? "wazo" : "xivo"; }

}  // namespace

std::string direction_of(const HAPair& pair) {
  return fmt::format("{}: {} {} > {} {}", product_name(pair.product), pair.primary.name,
                     pair.primary.address, pair.secondary.name, pair.secondary.address);
}

Result<std::string> kept_direction(Filesystem& disk, const std::string& state_dir) {
  auto text = disk.read(path_in(state_dir), kDirectionMax);
  if (!text.ok() && text.error().fault == Fault::not_found) return std::string();
  if (!text.ok()) return text.error();
  std::string direction = std::move(text).value();
  if (direction.ends_with('\n')) direction.pop_back();
  return direction;
}

Status keep_direction(Filesystem& disk, const std::string& state_dir,
                      const std::string& direction) {
  const auto kept = kept_direction(disk, state_dir);
  if (kept.ok() && kept.value() == direction) return success();
  return disk.replace(path_in(state_dir), direction + "\n", kMode);
}

}  // namespace tandem::files
