#include "pbx/ha_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/json_text.h"

namespace tandem {
namespace {

using nlohmann::json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

HaConfReading damaged(std::string_view how) {
  const std::string text = fmt::format("damaged: {}", how);
  return {text, text, ""};
}

std::string escaped(unsigned char c) {
  switch (c) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  if (c >= 0x20 && c < 0x7F) return std::string(1, static_cast<char>(c));
  return fmt::format("\\x{:02x}", c);
}

// Lists and objects are only named: what is in them is nobody's business, and may be nested deeply.
std::string shown_field(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "missing";
  if (found->is_string()) return shown_value(found->get_ref<const std::string&>());
  if (found->is_array()) return "a list";
  if (found->is_object()) return "an object";
  return excerpt(found->dump());
}

std::string shown_style(const std::vector<std::string>& keys) {
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    if (*key != "node_type" && *key != "remote_address")
      return excerpt(fmt::format("another key: {}", *key));
    if (std::find(keys.begin(), key, *key) != key) return fmt::format("{} twice", *key);
  }
  return "other spacing, spelling or order";
}

// The text between `before` and `after`, if `text` is nothing else.
std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view after) {
  if (text.size() < before.size() + after.size()) return std::nullopt;
  if (!text.starts_with(before) || !text.ends_with(after)) return std::nullopt;
  return text.substr(before.size(), text.size() - before.size() - after.size());
}

// A cron file of the vendor's in two parts: the other node's address stands between them.
struct CronText {
  std::string before, after;
};

CronText master_cron(const Profile& profile) {
  return {fmt::format("0 * * * * root {} ", profile.replication_command),
          fmt::format(" >/dev/null\n0 * * * * root {} >/dev/null\n", profile.sync_command)};
}

CronText slave_cron(const Profile& profile) {
  return {fmt::format("* * * * * root {} ", profile.check_command), " >/dev/null\n"};
}

}  // namespace

std::string_view node_type(Role role) {
  switch (role) {
    case Role::off: return "disabled";
    case Role::primary: return "master";
    case Role::secondary: return "slave";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::string ha_conf_content(Role role, std::string_view remote_address) {
  return fmt::format(R"({{"node_type": "{}", "remote_address": "{}"}})", node_type(role),
                     role == Role::off ? "" : remote_address);
}

HaConfReading read_ha_conf(std::string_view content) {
  if (content.empty()) return damaged("empty");
  // Our parser would skip it; the vendor's refuses the file.
  if (content.starts_with(kByteOrderMark)) return damaged("a byte order mark before the JSON");
  if (read_json(content).is_discarded()) return damaged("not JSON");

  std::vector<std::string> keys;  // of the outermost object, equal ones too
  const auto note_keys = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1) keys.push_back(parsed.get<std::string>());
    return true;
  };
  const json parsed = json::parse(content, note_keys, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return damaged("JSON, but not an object");
  return {shown_field(parsed, "node_type"), shown_field(parsed, "remote_address"),
          shown_style(keys)};
}

std::string shown_value(std::string_view value) { return value.empty() ? "\"\"" : excerpt(value); }

std::string master_cron_content(const Profile& profile, std::string_view secondary_address) {
  const CronText text = master_cron(profile);
  return fmt::format("{}{}{}", text.before, secondary_address, text.after);
}

std::string slave_cron_content(const Profile& profile, std::string_view primary_address) {
  const CronText text = slave_cron(profile);
  return fmt::format("{}{}{}", text.before, primary_address, text.after);
}

std::optional<std::string> master_cron_address(const Profile& profile, std::string_view content) {
  const CronText text = master_cron(profile);
  const auto address = between(content, text.before, text.after);
  return address ? std::optional<std::string>(*address) : std::nullopt;
}

std::optional<std::string> slave_cron_address(const Profile& profile, std::string_view content) {
  const CronText text = slave_cron(profile);
  const auto address = between(content, text.before, text.after);
  return address ? std::optional<std::string>(*address) : std::nullopt;
}

std::string cron_meaning(const Profile& profile, std::string_view content) {
  if (const auto address = master_cron_address(profile, content))
    return fmt::format("hourly replication to {}", shown_value(*address));
  if (const auto address = slave_cron_address(profile, content))
    return fmt::format("failure detection of {}", shown_value(*address));
  return content.empty() ? "empty" : excerpt(content);
}

std::string excerpt(std::string_view text) {
  constexpr std::string_view kCut = "...";
  std::string shown;
  std::size_t whole = 0;  // of `shown`, what still leaves room for kCut
  for (const char c : text) {
    shown += escaped(static_cast<unsigned char>(c));
    if (shown.size() > kExcerptMax) return shown.substr(0, whole).append(kCut);
    if (shown.size() + kCut.size() <= kExcerptMax) whole = shown.size();
  }
  return shown;
}

std::string mode_text(mode_t mode) { return fmt::format("{:04o}", mode); }

}  // namespace tandem
