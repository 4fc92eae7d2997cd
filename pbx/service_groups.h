// The vendor's units, by what they are for, and the commands over them.
//
// A node serves where its telephony units are active, the standby marker is absent, the guard is
// enabled and the firewall lets SIP in. It stands by where the telephony units are stopped, the
// marker is there, the guard is disabled and the others run (contract, section 8).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/goal.h"

namespace tandem {

struct ServiceGroups {
  std::vector<std::string> telephony;  // in the order of their start; stopped while standing by
  std::vector<std::string> standing;   // active in any case
  std::vector<std::string> essential;  // of telephony: what basic calls need
  std::string sip;                     // the one that answers SIP
  std::string guard;                   // restarts the others; disabled while standing by
  // False where the lists are documented only: a unit that is not installed is none of this
  // release's.
  bool verified = true;

  // Whole command lines. The first two do everything; the others mend a part.
  std::vector<std::string> serve, stand_by;
  std::vector<std::string> enable;  // takes the marker away, enables the guard
  std::vector<std::string> start;   // starts what is not active, opens the port, starts the guard
  // Writes Asterisk's SIP configuration anew from the database; empty where that is not known. What
  // the replication brought since the last start may be missing in it otherwise.
  std::vector<std::string> regenerate;
  // Programs that change services while they run, the vendor's upgrade not among them.
  std::vector<std::string> programs;
};

// The product's, with what spec.services says in their place.
ServiceGroups service_groups(const Goal& goal);

// Starts or restarts one unit and waits until that is done.
std::vector<std::string> start_unit(const std::string& unit);
std::vector<std::string> restart_unit(const std::string& unit);
// Prints how many channels Asterisk has; `channels_of` reads it. nullopt: it is no such text.
std::vector<std::string> count_channels();
std::optional<int> channels_of(std::string_view printed);

// Held by whoever installs packages.
inline constexpr const char* kPackageLock = "/var/lib/dpkg/lock-frontend";

// Whether `argv` is only the declared command, whose arguments may be secret.
bool is_declared(const Goal& goal, const std::vector<std::string>& argv);

}  // namespace tandem
