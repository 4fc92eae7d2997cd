#include "resources/phones_record.h"

#include <algorithm>
#include <utility>

#include "core/digest.h"
#include "core/formats.h"
#include "core/json_text.h"
#include "pbx/json.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr mode_t kMode = 0600;

std::optional<PhonesKnow> parsed(const std::string& text) {
  const Json json = read_json(text);
  if (!json.is_object()) return std::nullopt;
  const auto digest = json.find("knows");
  const auto at = json.find("at");
  const auto failures = json.find("failures");
  const auto failed = json.find("failed");
  if (digest == json.end() || !digest->is_string() || at == json.end() ||
      !at->is_number_integer() || failures == json.end() || !failures->is_number_unsigned() ||
      failed == json.end() || !failed->is_array())
    return std::nullopt;
  const auto time = time_of_seconds(at->get<std::int64_t>());
  if (!time) return std::nullopt;
  PhonesKnow know;
  know.digest = digest->get<std::string>();
  know.at = *time;
  know.failures = failures->get<std::size_t>();
  for (const Json& id : *failed)
    if (id.is_string()) know.failed.push_back(id.get<std::string>());
  return know;
}

}  // namespace

std::string registrars_digest(const std::vector<Registrar>& registrars) {
  std::vector<std::string> lines;
  for (const Registrar& one : registrars) {
    const Json line = {one.id, one.main_host, one.proxy_main_host, one.backup_host,
                       one.proxy_backup_host};
    lines.push_back(to_text(line) + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return sha256(text);
}

PhonesRecord::PhonesRecord(Filesystem& files, std::string path)
    : files_(files), path_(std::move(path)) {}

Result<std::optional<PhonesKnow>> PhonesRecord::read() {
  const auto text = files_.read(path_);
  if (text.ok()) return parsed(text.value());
  if (text.error().fault == Fault::not_found) return std::optional<PhonesKnow>();
  return text.error();
}

Status PhonesRecord::write(PhonesKnow know) {
  if (know.failed.size() > kFailedMax) know.failed.resize(kFailedMax);
  const auto at = std::chrono::duration_cast<std::chrono::seconds>(know.at.time_since_epoch());
  Json json;
  json["knows"] = know.digest;
  json["at"] = at.count();
  json["failures"] = know.failures;
  json["failed"] = know.failed;
  const Status made = files_.make_directories(parent_folder(path_));
  if (!made.ok()) return made.error();
  return files_.replace(path_, to_text(json) + "\n", kMode);
}

}  // namespace tandem
