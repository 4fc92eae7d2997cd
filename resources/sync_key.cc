#include "resources/sync_key.h"

#include <fmt/format.h>

#include <cstdlib>

#include "pbx/ha_files.h"
#include "pbx/profile.h"
#include "pbx/ssh_keys.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr const char* kType = "SyncKeyUsable";
constexpr mode_t kForOthers = 0077;

Condition condition(Truth status, std::string reason, std::string message) {
  return {kType, status, std::move(reason), std::move(message), true};
}

// What ssh's trouble means for the key. That the other node could not be asked says nothing of it.
Condition of_trouble(const Error& trouble) {
  switch (trouble.fault) {
    case Fault::denied: return condition(Truth::no, "NotAuthorized", trouble.message);
    case Fault::bad_certificate: return condition(Truth::no, "HostKeyChanged", trouble.message);
    case Fault::invalid:
    case Fault::not_found:
    case Fault::too_large: return condition(Truth::no, "Refused", trouble.message);
    case Fault::unavailable:
    case Fault::not_sent:
    case Fault::connection_refused:
    case Fault::connection_cut:
    case Fault::timed_out:
    case Fault::cancelled: return condition(Truth::unknown, "NotReachable", trouble.message);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Condition of_own_key(const Goal& goal, const SyncKey::Observed& seen) {
  if (!seen.key_mode)
    return condition(
        Truth::no, "NoKey",
        fmt::format("{} is missing: nothing can be copied to {}; run here: tandem init", seen.key,
                    goal.peer_address));
  if ((*seen.key_mode & kForOthers) != 0)
    return condition(Truth::no, "KeyOpenToOthers",
                     fmt::format("{} has the mode {}, so ssh refuses it; run: chmod 600 {}",
                                 seen.key, mode_text(*seen.key_mode), seen.key));
  if (!seen.pinned)
    return condition(
        Truth::no, "HostKeyNotPinned",
        fmt::format("no ssh host key of {} is pinned; run here: tandem init", goal.peer_address));
  if (seen.trouble) return of_trouble(*seen.trouble);
  return condition(Truth::yes, "Usable",
                   fmt::format("{} lets the key in, for replication only", goal.peer_address));
}

std::string vendor_key_is_weaker(const Profile& profile) {
  return fmt::format(
      "the vendor's key {} opens a whole root shell on the other node, and its host "
      "key is not pinned",
      profile.sync_key);
}

// The other way, which `tandem init` makes: it matters the more where the vendor's is gone.
std::string of_own_beside(const Goal& goal, const SyncKey::Observed& seen) {
  const Condition own = of_own_key(goal, seen);
  if (own.status == Truth::yes) return "Tandem's own restricted key is ready";
  if (!seen.key_mode) return "`tandem init` makes Tandem's own, restricted one";
  return fmt::format("of Tandem's own restricted key: {}", own.message);
}

Condition of_vendor_key(const Goal& goal, const SyncKey::Observed& seen) {
  const Profile& profile = profile_of(goal.product);
  if (!seen.vendor_key)
    return condition(Truth::unknown, "VendorKeyNotVisible",
                     fmt::format("replication is the vendor's, and its key {} can not be seen from "
                                 "here; a container needs that folder mounted, read-only",
                                 profile.sync_key));
  if (!*seen.vendor_key)
    return condition(
        Truth::no, "VendorKeyMissing",
        fmt::format("replication is the vendor's, and {} is missing: {} then ends with "
                    "success and copies nothing; run here: {}. {}",
                    profile.sync_key, profile.sync_command, profile.sync_setup_command,
                    of_own_beside(goal, seen)));
  return condition(Truth::yes, "VendorKey",
                   fmt::format("replication is the vendor's: {}; {}", vendor_key_is_weaker(profile),
                               of_own_beside(goal, seen)));
}

}  // namespace

SyncKey::SyncKey(Filesystem& disk, Filesystem& files, PeerSsh& ssh, Clock& clock)
    : disk_(disk), files_(files), ssh_(ssh), clock_(clock) {}

std::set<std::string> SyncKey::watched(const Goal& goal) {
  if (goal.role != Role::primary) return {};
  return {profile_of(goal.product).sync_key};
}

SyncKey::Desired SyncKey::desired(const Goal&) { return {}; }

Result<std::string> SyncKey::stamp_of(const Goal& goal, Observed& seen) {
  const SshFiles& paths = ssh_.files();
  std::string stamp = goal.own_address + " " + goal.peer_address;
  for (const std::string& path : {paths.key, paths.known_hosts, paths.config}) {
    const auto status = disk_.status(path);
    if (!status.ok()) return status.error();
    if (!status.value()) continue;
    if (path == paths.key) seen.key_mode = status.value()->mode;
    stamp += " " + file_stamp(path, *status.value());
  }
  const auto hosts = disk_.read(paths.known_hosts);
  if (!hosts.ok() && hosts.error().fault != Fault::not_found) return hosts.error();
  if (hosts.ok()) seen.pinned = has_host_key_of(hosts.value(), goal.peer_address);
  return stamp;
}

Task<void> SyncKey::ask(const Goal& goal, const std::string& stamp, Observed& seen) {
  if (!asked_.stands(stamp, clock_.now())) {
    SshEnds ends{goal.own_address, goal.peer_address};
    const auto answer = co_await ssh_.ask(std::move(ends), "tandem facts");
    asked_trouble_.reset();
    if (!answer.ok()) asked_trouble_ = answer.error();
    asked_.keep(stamp, clock_.now() + kAskEvery);
  }
  seen.trouble = asked_trouble_;
}

Result<std::optional<bool>> SyncKey::look_for_vendor_key(const Goal& goal) {
  const std::string& key = profile_of(goal.product).sync_key;
  const auto home = files_.status(parent_folder(parent_folder(key)));
  if (!home.ok()) return home.error();
  if (!home.value()) return std::optional<bool>();
  const auto status = files_.status(key);
  if (!status.ok()) return status.error();
  return std::optional<bool>(status.value().has_value());
}

Task<Result<SyncKey::Observed>> SyncKey::observe(const Goal& goal) {
  Observed seen;
  if (goal.role != Role::primary) co_return seen;
  seen.applies = true;
  seen.key = ssh_.files().key;
  const auto vendor_key = look_for_vendor_key(goal);
  if (!vendor_key.ok()) co_return vendor_key.error();
  seen.vendor_key = vendor_key.value();
  const auto stamp = stamp_of(goal, seen);
  if (!stamp.ok()) co_return stamp.error();
  const bool complete = seen.key_mode && (*seen.key_mode & kForOthers) == 0 && seen.pinned;
  if (complete) co_await ask(goal, stamp.value(), seen);
  co_return seen;
}

std::vector<SyncKey::Step> SyncKey::diff(const Desired& want, const Observed& seen) {
  if (!seen.key_mode || *seen.key_mode == want.mode) return {};
  return {{seen.key, *seen.key_mode, want.mode}};
}

Task<Status> SyncKey::apply(const Step& step) { co_return disk_.set_mode(step.path, step.to); }

std::vector<Condition> SyncKey::conditions(const Goal& goal, const Observed& seen) {
  if (!seen.applies) return {};
  if (goal.replication_owner == Owner::vendor) return {of_vendor_key(goal, seen)};
  return {of_own_key(goal, seen)};
}

std::vector<Change> describe(const SyncKey::Step& step) {
  return {{step.path, mode_text(step.from), mode_text(step.to), "nothing",
           "ssh takes no key that others than its owner may use", Reach::file}};
}

}  // namespace tandem
