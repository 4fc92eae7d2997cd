#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/wording.h"
#include "pbx/profile.h"
#include "resources/prerequisites/verdicts.h"

namespace tandem {
namespace {

constexpr std::size_t kNamedMax = 5;

Condition condition(const char* type, Truth status, std::string reason, std::string message) {
  return {type, status, std::move(reason), std::move(message), true};
}

// "a, b, c and 4 more"
std::string some_of(std::vector<std::string> names) {
  const std::size_t more = names.size() > kNamedMax ? names.size() - kNamedMax : 0;
  if (more > 0) names.resize(kNamedMax);
  return fmt::format("{}{}", fmt::join(names, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

std::string why_of(const NodeFacts& facts, const char* fact) {
  const auto found = facts.unknown.find(fact);
  return found == facts.unknown.end() ? "it was not told why" : found->second;
}

// The secondary's facts: its own, or what it told the primary.
Result<NodeFacts> of_secondary(const Goal& goal, const Answers& answers) {
  if (goal.role == Role::secondary) {
    if (answers.own) return *answers.own;
    return Error{Fault::cancelled, "it was not asked yet"};
  }
  if (!answers.peer) return Error{Fault::cancelled, "it was not asked yet"};
  if (!answers.peer->ok()) return answers.peer->error();
  return answers.peer->value().facts;
}

// Ten in base 1024: "1.5 GiB".
std::string shown(std::uint64_t bytes) {
  const auto mebibytes = static_cast<double>(bytes) / (1024.0 * 1024.0);
  return mebibytes < 1024.0 ? fmt::format("{:.0f} MiB", mebibytes)
                            : fmt::format("{:.1f} GiB", mebibytes / 1024.0);
}

// What the other node tells may be anything; only this goes into a command to copy.
bool is_plain_name(const std::string& name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.front() != '-' && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == std::string::npos;
}

}  // namespace

Condition no_plugin_on_secondary(const Goal& goal, const Answers& answers) {
  constexpr const char* kType = "NoPluginOnSecondary";
  const auto facts = of_secondary(goal, answers);
  if (!facts.ok()) return condition(kType, Truth::unknown, "NotAsked", facts.error().message);
  const auto& plugins = facts.value().plugins;
  if (!plugins)
    return condition(kType, Truth::unknown, "NotTold", why_of(facts.value(), "plugins"));
  if (plugins->empty())
    return condition(kType, Truth::yes, "NoPlugin", "the secondary's provd has no plug-in");
  std::vector<std::string> shown_names;
  for (const std::string& name : *plugins)
    shown_names.push_back(is_plain_name(name) ? name : in_quotes(name));
  const std::string told = fmt::format(
      "the secondary's provd has plug-ins ({}), so that phones may take their "
      "configuration from it",
      some_of(shown_names));
  const std::string& folder = profile_of(goal.product).provd_plugins;
  const auto plain = std::ranges::find_if(*plugins, is_plain_name);
  if (plain == plugins->end())
    return condition(
        kType, Truth::no, "PluginsInstalled",
        fmt::format("{}. No name is one of a plug-in: look into {} there", told, folder));
  return condition(
      kType, Truth::no, "PluginsInstalled",
      fmt::format("{}. Remove each there: {}-provd-cli -c \"plugins.uninstall('{}')\"; while provd "
                  "is stopped: rm -r {}/{}",
                  told, goal.product == Product::wazo ? "wazo" : "xivo", *plain, folder, *plain));
}

Condition trunk_expiry_short(const Goal& goal, const Answers& answers) {
  constexpr const char* kType = "TrunkExpiryShort";
  if (!answers.trunks) return condition(kType, Truth::unknown, "NotAsked", "it was not asked yet");
  if (!answers.trunks->ok())
    return condition(kType, Truth::unknown, "NotAnswered",
                     "the trunks could not be read: " + answers.trunks->error().message);
  const auto limit = std::chrono::duration_cast<std::chrono::seconds>(goal.max_downtime);
  std::vector<std::string> lasting;
  for (const TrunkExpiry& trunk : answers.trunks->value()) {
    if (trunk.expiry && *trunk.expiry < limit) continue;
    lasting.push_back(trunk.expiry ? fmt::format("{} ({} s{})", trunk.name, trunk.expiry->count(),
                                                 trunk.is_default ? ", Asterisk's default" : "")
                                   : trunk.name + " (not a number)");
  }
  const std::size_t all = answers.trunks->value().size();
  if (lasting.empty())
    return condition(
        kType, Truth::yes, "Short",
        fmt::format("each of {} registrations of trunks lasts less than {} s", all, limit.count()));
  return condition(
      kType, Truth::no, "TrunksRegisterForLong",
      fmt::format("these trunks register for {} s or longer, and for so long their carrier sends "
                  "calls to a node that is dead: {}. Set the option expiration of each one's "
                  "registration below {} (its SIP settings in the web interface, or PUT "
                  "/endpoints/sip/UUID of wazo-confd)",
                  limit.count(), some_of(lasting), limit.count()));
}

Condition tenants_seen(const Goal&, const Answers& answers) {
  constexpr const char* kType = "TenantsSeen";
  if (!answers.tenants) return condition(kType, Truth::unknown, "NotAsked", "it was not asked yet");
  if (!answers.tenants->ok())
    return condition(kType, Truth::unknown, "NotAnswered",
                     "the tenants could not be read: " + answers.tenants->error().message);
  const UnseenTenants& seen = answers.tenants->value();
  if (seen.unseen.empty())
    return condition(kType, Truth::yes, "AllSeen",
                     fmt::format("all {} tenants have their SIP template", seen.tenants));
  return condition(
      kType, Truth::no, "TenantsWithoutTemplate",
      fmt::format("confd shows no SIP template labelled global of {} of {} tenants ({}), so the "
                  "expiry of their phones is not kept. A new tenant has one after confd's nightly "
                  "job at the latest; at once: wazo-confd-sync-db. If it stays, see that our user "
                  "holds auth.tenants.read",
                  seen.unseen.size(), seen.tenants, some_of(seen.unseen)));
}

Condition disk_free(const Goal&, const Answers& answers) {
  constexpr const char* kType = "DiskFree";
  if (!answers.own) return condition(kType, Truth::unknown, "NotAsked", "it was not asked yet");
  const auto& rooms = answers.own->rooms;
  if (rooms.empty())
    return condition(kType, Truth::unknown, "NotReadable", why_of(*answers.own, "freeBytes"));
  const auto least = std::ranges::min_element(rooms, {}, &FreeRoom::bytes);
  if (least->bytes >= kFreeBytesMin)
    return condition(kType, Truth::yes, "Free",
                     fmt::format("at least {} are free ({})", shown(least->bytes), least->path));
  return condition(
      kType, Truth::no, "DiskNearlyFull",
      fmt::format("only {} are free at {}, less than {}: PostgreSQL, logs and copies fail next. "
                  "See what fills it: du -xh --max-depth=2 {} | sort -h | tail{}",
                  shown(least->bytes), least->path, shown(kFreeBytesMin), least->path,
                  least->bytes == 0
                      ? fmt::format("; or whether inodes are used up: df -i {}", least->path)
                      : ""));
}

}  // namespace tandem
