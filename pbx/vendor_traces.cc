#include "pbx/vendor_traces.h"

#include <fmt/format.h>

#include <charconv>

#include "core/wording.h"
#include "pbx/ha_files.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr const char* kPostgresFolders = "/etc/postgresql";
constexpr std::size_t kPostgresFileMax = 1U << 20U;
constexpr std::string_view kTrustStart = "host asterisk postgres ";
constexpr std::string_view kTrustEnd = "/32 trust";

class Reader {
 public:
  Reader(Filesystem& files, VendorTraces& traces) : files_(files), traces_(traces) {}

  bool there(const std::string& path) {
    const auto status = files_.status(path);
    if (!status.ok()) traces_.unread.push_back(status.error().message);
    return status.ok() && status.value().has_value();
  }

  std::optional<std::string> content(const std::string& path, std::size_t limit) {
    if (!there(path)) return std::nullopt;
    auto text = files_.read(path, limit);
    if (text.ok()) return std::move(text).value();
    // A file of the vendor's that is too large to be one is damaged, whatever it says.
    if (text.error().fault == Fault::too_large) return "(larger than any file of the vendor's)";
    traces_.unread.push_back(text.error().message);
    return std::nullopt;
  }

  std::string newest_cluster() {
    const auto names = files_.list(kPostgresFolders);
    if (!names.ok()) return "";
    int newest = 0;
    for (const std::string& name : names.value()) {
      int version = 0;
      const auto end = name.data() + name.size();
      const auto read = std::from_chars(name.data(), end, version);
      const bool number = read.ec == std::errc() && read.ptr == end;
      if (number && version > newest && there(fmt::format("{}/{}/main", kPostgresFolders, version)))
        newest = version;
    }
    return newest == 0 ? "" : fmt::format("{}/{}/main", kPostgresFolders, newest);
  }

 private:
  Filesystem& files_;
  VendorTraces& traces_;
};

// Wazo grew out of XiVO and may keep some of its names, so Wazo's own are looked for first.
void find_product(Reader& reader, VendorTraces& traces) {
  for (const Product product : {Product::wazo, Product::xivo}) {
    if (traces.product.value_or(product) != product) continue;
    const Profile& profile = profile_of(product);
    for (const std::string& mark :
         {profile.services_program, parent_folder(profile.standby_marker)}) {
      if (!reader.there(mark)) continue;
      traces.product = product;
      traces.product_mark = mark;
      return;
    }
  }
}

// "/usr/bin/wazo-sync -x" begins with the program.
std::string program_of(const std::string& command) { return command.substr(0, command.find(' ')); }

}  // namespace

VendorTraces read_traces(Filesystem& files, std::optional<Product> product,
                         const std::string& postgres_folder) {
  VendorTraces traces;
  traces.product = product;
  Reader reader(files, traces);
  find_product(reader, traces);

  const Profile& profile = traces.profile();
  traces.ha_conf = reader.content(profile.ha_conf, kHaFileMax);
  traces.cron_master = reader.content(profile.cron_master, kHaFileMax);
  traces.cron_slave = reader.content(profile.cron_slave, kHaFileMax);
  traces.is_primary = profile.is_primary && reader.there(*profile.is_primary);
  traces.is_secondary = profile.is_secondary && reader.there(*profile.is_secondary);
  if (profile.is_primary)
    traces.has_sentinel_folder = reader.there(parent_folder(*profile.is_primary));
  traces.stands_by = reader.there(profile.standby_marker);

  traces.postgres_folder = postgres_folder.empty() ? reader.newest_cluster() : postgres_folder;
  if (!traces.postgres_folder.empty()) {
    traces.pg_hba = reader.content(traces.postgres_folder + "/pg_hba.conf", kPostgresFileMax);
    traces.postgresql_conf =
        reader.content(traces.postgres_folder + "/postgresql.conf", kPostgresFileMax);
  }

  traces.has_sync_key = reader.there(profile.sync_key);
  for (const std::string& command :
       {profile.check_command, profile.replication_command, profile.sync_command})
    if (!reader.there(program_of(command))) traces.missing_programs.push_back(program_of(command));
  return traces;
}

std::vector<std::string> trusted_addresses(const std::string& pg_hba) {
  std::vector<std::string> addresses;
  for (std::string line : split(pg_hba, '\n')) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.starts_with(kTrustStart) || !line.ends_with(kTrustEnd)) continue;
    line.resize(line.size() - kTrustEnd.size());
    addresses.push_back(line.substr(kTrustStart.size()));
  }
  return addresses;
}

}  // namespace tandem
