// What the test declares, and what the node should then be: literal bytes, not from our sources.
#pragma once

#include <map>
#include <string>

namespace tandem::crash {

// What is managed, by name. A file: its mode and content, or "absent".
using Facts = std::map<std::string, std::string>;

inline constexpr const char* kHaConf = "/etc/xivo/ha.conf";
inline constexpr const char* kCronMaster = "/etc/cron.d/xivo-ha-master";
inline constexpr const char* kCronSlave = "/etc/cron.d/xivo-ha-slave";
inline constexpr const char* kIsPrimary = "/var/lib/wazo/is-primary";
inline constexpr const char* kIsSecondary = "/var/lib/wazo/is-secondary";
inline constexpr const char* kFiles[] = {kHaConf, kCronMaster, kCronSlave, kIsPrimary,
                                         kIsSecondary};

struct Declaration {
  bool enabled = true;
  int maximum = 300;  // of the expiry, in seconds: differs from edit to edit

  std::string yaml() const;
  // Of the files.
  Facts files() const;
  // Of each registrar and each tenant's SIP template.
  std::string registrar() const;
  std::string expiry() const;
};

std::string file_fact(unsigned mode, const std::string& content);

}  // namespace tandem::crash
