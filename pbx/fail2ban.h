// fail2ban by its client: which addresses its jails ignore, and which they have banned.
//
// What is set by the client lasts until the server restarts or reloads; its files are the
// administrator's, and are never written.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ports/process.h"

namespace tandem {

struct Jail {
  std::set<std::string> ignored;  // addresses, networks ("10.0.0.0/8") and names, as it lists them
  std::set<std::string> banned;   // addresses

  bool operator==(const Jail&) const = default;
};

// Whether one of the addresses and networks that a jail ignores holds this IPv4 address.
bool ignores(const Jail& jail, std::string_view address);

class Fail2ban {
 public:
  static constexpr const char* kClient = "/usr/bin/fail2ban-client";
  static constexpr const char* kSocket = "/run/fail2ban/fail2ban.sock";
  static constexpr const char* kPidFile = "/run/fail2ban/fail2ban.pid";
  // Where it is by default.
  static constexpr const char* kLog = "/var/log/fail2ban.log";
  static constexpr std::chrono::seconds kCallLimit{15};
  static constexpr std::size_t kJailsMax = 100;
  static constexpr std::size_t kOutputMax = 1U << 20U;  // an attacked node has long lists

  // `commands` runs the programs of the managed root.
  explicit Fail2ban(Process& commands) : commands_(commands) {}

  // Every jail, by name. Two runs of the client, however many there are. not_found: the client is
  // not there; unavailable: no server answers it; too_large: more than kJailsMax.
  Task<Result<std::map<std::string, Jail>>> jails();

  Task<Status> ignore(std::string jail, std::string address);
  // Success, too, where it was not ignored.
  Task<Status> stop_ignoring(std::string jail, std::string address);
  Task<Status> unban(std::string jail, std::string address);

 private:
  Task<Result<std::string>> call(std::vector<std::string> words, std::string input = "");
  Task<Status> set(std::string jail, std::string verb, std::string address);

  Process& commands_;
};

// The names in the answer to `status`; nullopt: it is no such answer.
std::optional<std::vector<std::string>> jails_in(std::string_view answer);

// The addresses in the answer to `get JAIL ignoreip`; nullopt: it is no such answer.
std::optional<std::set<std::string>> ignored_in(std::string_view answer);

}  // namespace tandem
