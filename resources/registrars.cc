#include "resources/registrars.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "pbx/profile.h"

namespace tandem {
namespace {

constexpr const char* kDisturbs = "nothing at once; phones learn it at their next resync";
constexpr std::size_t kNamedMax = 5;

// confd does not run, or is of a version without registrars. Any other failure says that it is
// there.
bool is_not_there(const Error& error) {
  return error.fault == Fault::connection_refused || error.fault == Fault::not_found;
}

bool belongs_to(const RegistrarCopy& copy, const Registrar& registrar) {
  return copy.registrar_host == registrar.main_host && copy.proxy_host == registrar.proxy_main_host;
}

bool agrees_with(const RegistrarCopy& copy, const Registrar& registrar) {
  return copy.backup_host == registrar.backup_host &&
         copy.proxy_backup_host == registrar.proxy_backup_host;
}

// Registrars may share their main hosts: a copy is old if it agrees with none that it may belong
// to.
bool is_stale(const RegistrarCopy& copy, const std::vector<Registrar>& registrars) {
  bool owned = false;
  for (const Registrar& registrar : registrars) {
    if (!belongs_to(copy, registrar)) continue;
    if (agrees_with(copy, registrar)) return false;
    owned = true;
  }
  return owned;
}

std::set<std::string> stale_configs(const Registrars::Observed& seen) {
  std::set<std::string> configs;
  for (const RegistrarCopy& copy : *seen.copies)
    if (is_stale(copy, seen.registrars)) configs.insert(copy.config);
  return configs;
}

std::string named(const std::set<std::string>& configs) {
  std::vector<std::string> some;
  for (const std::string& config : configs)
    if (some.size() < kNamedMax) some.push_back(config);
  const std::string more = configs.size() > some.size() ? ", ..." : "";
  return fmt::format("{} ({}{})", configs.size(), fmt::join(some, ", "), more);
}

std::string reason_why(const Registrars::Desired& want, const std::string& id, bool overridden) {
  switch (want.role) {
    case Role::primary:
      if (overridden) return fmt::format("spec.provisioning.registrars.{} asks for it", id);
      return fmt::format("phones turn to {} when this node is silent", want.backup);
    case Role::secondary: return "the secondary is itself the backup, and has none";
    case Role::off: return "with HA off there is no other node to turn to";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::string shown(const std::string& host) { return host.empty() ? "none" : host; }

Condition copies_condition(Truth status, std::string reason, std::string message) {
  Condition condition;
  condition.type = "RegistrarCopiesCurrent";
  condition.status = status;
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return condition;
}

}  // namespace

Registrars::Registrars(Confd& confd, Provd& provd, ProvdDocuments& documents, Clock& clock)
    : confd_(confd), provd_(provd), documents_(documents), clock_(clock) {}

std::set<std::string> Registrars::watched(const Goal&) { return {}; }

Registrars::Desired Registrars::desired(const Goal& goal) {
  Desired want;
  want.managed = goal.backup_registrar_managed;
  want.role = goal.role;
  if (goal.role == Role::primary) want.backup = goal.peer_address;
  want.overrides = goal.registrars;
  return want;
}

Task<Result<Registrars::Observed>> Registrars::observe(const Goal& goal) {
  Observed seen;
  if (!goal.backup_registrar_managed) co_return seen;
  if (!goal.standing_by) co_return co_await observe_services();

  auto read = documents_.registrars(profile_of(goal.product).provd_configs);
  if (!read.ok()) co_return read.error();
  seen.source = Source::disk;
  seen.registrars = std::move(read).value();
  co_return seen;
}

Task<Result<Registrars::Observed>> Registrars::observe_services() {
  Observed seen;
  auto listed = co_await confd_.registrars();
  if (!listed.ok() && is_not_there(listed.error())) {
    seen.source = Source::provd;
    listed = co_await provd_.registrars();
  }
  if (!listed.ok()) co_return listed.error();
  seen.registrars = std::move(listed).value();
  std::sort(seen.registrars.begin(), seen.registrars.end(),
            [](const Registrar& a, const Registrar& b) { return a.id < b.id; });
  co_await add_copies(seen);
  co_return seen;
}

// The list of devices is long on a large system, and provd is not fast: it is asked for only when
// it may have changed by our doing, and now and then.
Task<void> Registrars::add_copies(Observed& seen) {
  if (seen.registrars != copied_from_ || clock_.now() >= copies_until_) {
    auto copies = co_await provd_.registrar_copies();
    if (!copies.ok()) {
      seen.copies_unknown = copies.error().message;
      copies_until_ = {};
      co_return;
    }
    copies_ = std::move(copies).value();
    copied_from_ = seen.registrars;
    copies_until_ = clock_.now() + kCopiesEvery;
  }
  seen.copies = copies_;
}

std::vector<Registrars::Step> Registrars::diff(const Desired& want, const Observed& seen) {
  std::vector<Step> steps;
  if (!want.managed) return steps;
  for (const Registrar& registrar : seen.registrars) {
    const auto found = want.overrides.find(registrar.id);
    const bool overridden = found != want.overrides.end();
    if (overridden && !found->second) continue;  // `ignore` holds in every role

    Step step{seen.source, registrar, want.backup, want.backup, ""};
    if (overridden && want.role == Role::primary) {
      step.backup_host = found->second->registrar_backup;
      step.proxy_backup_host = found->second->proxy_backup;
    }
    if (step.backup_host == registrar.backup_host &&
        step.proxy_backup_host == registrar.proxy_backup_host)
      continue;
    step.why = reason_why(want, registrar.id, overridden);
    steps.push_back(std::move(step));
  }
  return steps;
}

Task<Status> Registrars::apply(const Step& step) {
  switch (step.source) {
    case Source::confd:
      co_return co_await confd_.put_registrar_backups(step.seen.id, step.backup_host,
                                                      step.proxy_backup_host);
    case Source::provd:
      co_return co_await provd_.put_registrar_backups(step.seen.id, step.backup_host,
                                                      step.proxy_backup_host);
    case Source::disk:
      co_return Error{Fault::unavailable,
                      "provd is stopped, and its documents are its own to write"};
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::optional<std::string> Registrars::deferral(const Goal& goal) {
  if (!goal.standing_by) return std::nullopt;
  if (goal.role == Role::off)
    return fmt::format(
        "wazo-provd is stopped on a node that stands by, and with HA off nothing starts it by "
        "itself; to make this node stand alone, run: {}",
        profile_of(goal.product).serve_command);
  return "wazo-provd is stopped on a node that stands by; mended when it serves";
}

std::vector<Condition> Registrars::conditions(const Goal& goal, const Observed& seen) {
  if (!goal.backup_registrar_managed || goal.standing_by) return {};
  const bool without_confd = seen.source == Source::provd;
  if (!seen.copies) {
    if (without_confd)
      return {copies_condition(Truth::no, "ConfdNotThere",
                               "confd is not there and provd was asked directly: devices and "
                               "autoprov keep their old backup addresses")};
    return {copies_condition(
        Truth::unknown, "CopiesNotReadable",
        "the backup addresses that devices hold could not be read: " + seen.copies_unknown)};
  }
  const auto stale = stale_configs(seen);
  if (stale.empty())
    return {copies_condition(Truth::yes, "Current",
                             "devices and autoprov hold the backup addresses of their registrars")};
  if (without_confd)
    return {copies_condition(
        Truth::no, "ConfdNotThere",
        fmt::format("confd is not there and provd was written to directly: devices keep old copies "
                    "of the backup addresses, {}; start confd and save the registrars in it",
                    named(stale)))};
  return {copies_condition(
      Truth::no, "StaleCopies",
      fmt::format("device configurations keep old backup addresses: {}; save their registrar in "
                  "confd again, then synchronise the devices",
                  named(stale)))};
}

std::vector<Change> describe(const Registrars::Step& step) {
  std::vector<Change> changes;
  const auto add = [&](const char* field, const std::string& from, const std::string& to) {
    if (from == to) return;
    changes.push_back(
        {step.seen.id + "." + field, shown(from), shown(to), kDisturbs, step.why, Reach::file});
  };
  add("backup_host", step.seen.backup_host, step.backup_host);
  add("proxy_backup_host", step.seen.proxy_backup_host, step.proxy_backup_host);
  return changes;
}

}  // namespace tandem
