#include "resources/sip_expiry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "core/wording.h"
#include "pbx/profile.h"

namespace tandem {
namespace {

using Kind = RegistrationExpiry::Site::Kind;

struct Words {
  const char* minimum;
  const char* maximum;
  const char* initial;
  const char* disturbs;
  const char* reload;  // what makes Asterisk read it, by hand
};
constexpr Words kTemplateWords{
    "minimum_expiration", "maximum_expiration", "default_expiration",
    "PJSIP reload; existing registrations keep their old expiry until they register again",
    "asterisk -rx 'module reload res_pjsip.so'"};
constexpr Words kGeneralWords{
    "minexpiry", "maxexpiry", "defaultexpiry",
    "SIP reload; existing registrations keep their old expiry until they register again",
    "asterisk -rx 'sip reload'"};

const Words& words_of(Kind kind) { return kind == Kind::general ? kGeneralWords : kTemplateWords; }

std::string in_seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

std::map<std::string, std::string> in_words_of(Kind kind,
                                               const RegistrationExpiry::Values& values) {
  const Words& words = words_of(kind);
  return {{words.minimum, values.minimum},
          {words.maximum, values.maximum},
          {words.initial, values.initial}};
}

// Sorted: confd shuffles its pairs, and a plan must read the same each time.
std::vector<std::string> values_of(const OptionPairs& options, const std::string& key) {
  std::vector<std::string> values;
  for (const auto& [name, value] : options)
    if (name == key) values.push_back(value);
  std::sort(values.begin(), values.end());
  return values;
}

// Once, and right: Asterisk's choice among two is not ours to guess.
bool has_exactly(const OptionPairs& options, const std::string& key, const std::string& value) {
  return values_of(options, key) == std::vector<std::string>{value};
}

bool has_all(const OptionPairs& options, const std::map<std::string, std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& option) {
    return has_exactly(options, option.first, option.second);
  });
}

OptionPairs with_options(const OptionPairs& options,
                         const std::map<std::string, std::string>& wanted) {
  OptionPairs result;
  for (const auto& pair : options)
    if (!wanted.contains(pair.first)) result.push_back(pair);
  result.insert(result.end(), wanted.begin(), wanted.end());
  return result;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string shown(const std::vector<std::string>& values) {
  if (values.empty()) return "absent";
  std::vector<std::string> words;
  for (const std::string& value : values)
    words.push_back(is_number(value) ? value : in_quotes(value));
  return fmt::format("{}", fmt::join(words, ", "));
}

// The write can not have happened: there is nothing to confirm.
bool was_surely_not_done(const Error& error) {
  switch (error.fault) {
    case Fault::not_found:
    case Fault::denied:
    case Fault::invalid:
    case Fault::not_sent:
    case Fault::connection_refused:
    case Fault::bad_certificate: return true;
    case Fault::unavailable:
    case Fault::connection_cut:
    case Fault::timed_out:
    case Fault::too_large:
    case Fault::cancelled: return false;
  }
  return false;
}

std::string mark_of(const RegistrationExpiry::Site& site) {
  return site.kind == Kind::general ? "sip-general" : "sip-template/" + site.id;
}

// A user may label a second template of a tenant `global`: the plan then tells them apart.
void label(std::vector<RegistrationExpiry::Site>& sites) {
  std::map<std::string, int> of_tenant;
  for (const RegistrationExpiry::Site& site : sites) ++of_tenant[site.label];
  for (RegistrationExpiry::Site& site : sites)
    if (of_tenant[site.label] > 1) site.label += "(" + site.id + ")";
}

std::string reason_why(const RegistrationExpiry::Desired& want) {
  const std::string values =
      fmt::format("{}/{}/{} s", want.values->minimum, want.values->maximum, want.values->initial);
  if (want.role == Role::off) return "HA is off: back to " + values + ", as without a second node";
  return fmt::format(
      "spec.sip (its expiry, else its preset) asks for {} as minimum/maximum/default: a phone may "
      "stay with a dead node for as long as its registration lasts",
      values);
}

Condition applied_live(Truth status, std::string reason, std::string message) {
  Condition condition;
  condition.type = "ExpiryAppliedLive";
  condition.status = status;
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return condition;
}

}  // namespace

std::set<std::string> RegistrationExpiry::watched(const Goal&) { return {}; }

RegistrationExpiry::Desired RegistrationExpiry::desired(const Goal& goal) {
  Desired want;
  want.role = goal.role;
  if (goal.sip_expiry)
    want.values = Values{in_seconds(goal.sip_expiry->minimum), in_seconds(goal.sip_expiry->maximum),
                         in_seconds(goal.sip_expiry->initial)};
  return want;
}

namespace {

// The longest that Asterisk lets a phone be registered at any site; nullopt: none says so.
std::optional<Duration> longest_of(const RegistrationExpiry::Observed& seen) {
  std::optional<Duration> longest;
  for (const auto& site : seen.sites)
    for (const auto& [name, value] : site.options) {
      if (name != "maximum_expiration" && name != "maxexpiry") continue;
      long seconds = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
      if (error != std::errc{} || end != value.data() + value.size() || seconds <= 0) continue;
      longest = std::max<Duration>(longest.value_or(Duration{0}), std::chrono::seconds{seconds});
    }
  return longest;
}

}  // namespace

Task<Result<RegistrationExpiry::Observed>> RegistrationExpiry::observe(const Goal& goal) {
  Observed seen;
  if (!goal.sip_expiry) co_return seen;
  auto sites = co_await find_sites();
  if (!sites.ok()) co_return sites.error();
  seen.sites = std::move(sites).value();

  const auto doubtful = unconfirmed_.names();
  if (!doubtful.ok()) co_return doubtful.error();
  for (Site& site : seen.sites) site.unconfirmed = doubtful.value().contains(mark_of(site));

  const auto live = co_await confd_.live_reload();
  if (live.ok())
    seen.live_reload = live.value();
  else
    seen.has_live_reload = live.error().fault != Fault::not_found;
  if (const auto longest = longest_of(seen); longest && told_) told_(*longest);
  co_return seen;
}

Task<Result<std::vector<RegistrationExpiry::Site>>> RegistrationExpiry::find_sites() {
  const auto templates = co_await confd_.global_templates();
  if (!templates.ok() && templates.error().fault == Fault::not_found)
    co_return co_await find_general();
  if (!templates.ok()) co_return templates.error();
  std::vector<Site> sites;
  for (const SipTemplate& found : templates.value())
    sites.push_back(
        {Kind::tenant_template, found.uuid, found.tenant_uuid + "/global", found.aor, false});
  label(sites);
  std::sort(sites.begin(), sites.end(), [](const Site& a, const Site& b) {
    return std::tie(a.label, a.id) < std::tie(b.label, b.id);
  });
  co_return sites;
}

Task<Result<std::vector<RegistrationExpiry::Site>>> RegistrationExpiry::find_general() {
  const auto general = co_await confd_.sip_general();
  if (!general.ok() && general.error().fault == Fault::not_found)
    co_return Error{Fault::invalid,
                    "confd has neither SIP templates (Wazo 20.13 and later) nor "
                    "/asterisk/sip/general (before): this version keeps the SIP expiry in a place "
                    "that is not known; set spec.sip.policy: unmanaged"};
  if (!general.ok() && general.error().fault == Fault::denied)
    co_return Error{Fault::denied, general.error().message +
                                       "; to read and write the general SIP options our user needs "
                                       "confd.asterisk.sip.general.get (some versions: .read) and "
                                       "confd.asterisk.sip.general.update"};
  if (!general.ok()) co_return general.error();
  std::vector<Site> sites;
  sites.push_back({Kind::general, "general", "general", general.value().options, false});
  co_return sites;
}

std::vector<RegistrationExpiry::Step> RegistrationExpiry::diff(const Desired& want,
                                                               const Observed& seen) {
  std::vector<Step> steps;
  if (!want.values) return steps;
  for (const Site& site : seen.sites) {
    Step step{site, in_words_of(site.kind, *want.values), ""};
    const bool right = has_all(site.options, step.options);
    if (right && !site.unconfirmed) continue;
    step.why = right
                   ? "the last write got no clean answer: it may be stored without Asterisk having "
                     "been told, so it is sent again"
                   : reason_why(want);
    steps.push_back(std::move(step));
  }
  return steps;
}

Task<Status> RegistrationExpiry::apply(const Step& step) {
  if (step.site.kind == Kind::general) co_return co_await write_general(step);
  co_return co_await write_template(step);
}

// The section is read again: whatever somebody else put into it meanwhile is kept.
Task<Status> RegistrationExpiry::write_template(const Step& step) {
  const auto now = co_await confd_.sip_template(step.site.id);
  if (!now.ok() && now.error().fault == Fault::not_found)  // its tenant is gone
    co_return unconfirmed_.remove(mark_of(step.site));
  if (!now.ok()) co_return now.error();
  OptionPairs wanted = with_options(now.value().aor, step.options);
  if (!step.site.unconfirmed && same_pairs(wanted, now.value().aor)) co_return success();

  const Status noted = unconfirmed_.add(mark_of(step.site));
  if (!noted.ok()) co_return noted;
  Status sent = co_await confd_.put_aor(step.site.id, std::move(wanted));
  co_return settle(step, std::move(sent));
}

Task<Status> RegistrationExpiry::write_general(const Step& step) {
  auto now = co_await confd_.sip_general();
  if (!now.ok()) co_return now.error();
  if (!step.site.unconfirmed && has_all(now.value().options, step.options)) co_return success();

  const Status noted = unconfirmed_.add(mark_of(step.site));
  if (!noted.ok()) co_return noted;
  Status sent = co_await confd_.put_sip_general(std::move(now).value(), step.options);
  co_return settle(step, std::move(sent));
}

// The mark goes after a clean answer, and after one that says that nothing was done, unless it
// stood for an earlier write.
Status RegistrationExpiry::settle(const Step& step, Status sent) {
  if (sent.ok()) return unconfirmed_.remove(mark_of(step.site));
  if (!step.site.unconfirmed && was_surely_not_done(sent.error())) {
    const Status removed = unconfirmed_.remove(mark_of(step.site));
    if (!removed.ok()) return in_context(sent.error().message, removed.error());
  }
  return sent;
}

std::optional<std::string> RegistrationExpiry::deferral(const Goal& goal) {
  if (!goal.standing_by) return std::nullopt;
  switch (goal.role) {
    case Role::primary:
      return "telephony is stopped on a node that stands by; mended when it serves";
    case Role::secondary:
      return "the database of a node that stands by is the primary's copy; mended when it serves";
    case Role::off: break;
  }
  return fmt::format(
      "the database of a node that stands by is the former primary's copy; to make this node stand "
      "alone, run: {}",
      profile_of(goal.product).serve_command);
}

std::vector<Condition> RegistrationExpiry::conditions(const Goal& goal, const Observed& seen) {
  if (!goal.sip_expiry || goal.standing_by) return {};
  if (seen.sites.empty())
    return {applied_live(Truth::unknown, "NoTemplate",
                         "confd has no SIP template labelled global: its nightly job makes one for "
                         "each tenant, so Asterisk's own expiry holds until then")};
  if (!seen.has_live_reload) return {};
  if (!seen.live_reload)
    return {applied_live(Truth::unknown, "NotAsked",
                         "confd did not tell whether it makes Asterisk reload")};
  if (!*seen.live_reload)
    return {
        applied_live(Truth::no, "LiveReloadOff",
                     fmt::format("live_reload is off in confd: Asterisk must be reloaded by hand "
                                 "after a change of the expiry: {}",
                                 words_of(seen.sites.front().kind).reload))};
  return {applied_live(Truth::yes, "LiveReloadOn", "confd makes Asterisk reload after a change")};
}

std::vector<Change> describe(const RegistrationExpiry::Step& step) {
  const char* disturbs = words_of(step.site.kind).disturbs;
  std::vector<Change> changes;
  for (const auto& [key, value] : step.options) {
    if (has_exactly(step.site.options, key, value)) continue;
    changes.push_back({step.site.label + "." + key, shown(values_of(step.site.options, key)), value,
                       disturbs, step.why, Reach::reload});
  }
  if (changes.empty() && step.site.unconfirmed)
    changes.push_back(
        {step.site.label, "sent, not confirmed", "confirmed", disturbs, step.why, Reach::reload});
  return changes;
}

}  // namespace tandem
