// The files that tell the vendor's programs a node's role, byte for byte as the vendor writes them,
// and what is said by a file that somebody else wrote.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/goal.h"
#include "pbx/profile.h"

namespace tandem {

inline constexpr mode_t kHaFileMode = 0644;
// The vendor's largest file has about 130 bytes; a larger one is damaged, whatever it says.
inline constexpr std::size_t kHaFileMax = 64U * 1024U;
// How much of a foreign text is shown.
inline constexpr std::size_t kExcerptMax = 60;

// The vendor's word for the role: "master", "slave", "disabled".
std::string_view node_type(Role role);

// ha.conf of a node in this role whose other node is at `remote_address`: an object on one line
// without a newline. Off, the address is not told.
std::string ha_conf_content(Role role, std::string_view remote_address);

// What an ha.conf says, as a plan shows it. Foreign text is an excerpt().
struct HaConfReading {
  std::string node_type;  // "slave", "missing", "null", "a list", "damaged: not JSON"
  std::string
      remote_address;  // "192.0.2.10", "\"\"", ...; where the file is damaged the same as above
  std::string style;   // how an undamaged file may differ beyond both fields
};

// `content` as a JSON reader of the vendor's would take it: the last of equal keys wins.
HaConfReading read_ha_conf(std::string_view content);

// A field's value as HaConfReading spells it.
std::string shown_value(std::string_view value);

// /etc/cron.d/xivo-ha-master: each hour the vendor's copy to the secondary, and its file copy.
std::string master_cron_content(const Profile& profile, std::string_view secondary_address);

// /etc/cron.d/xivo-ha-slave: each minute the vendor's look at the primary.
std::string slave_cron_content(const Profile& profile, std::string_view primary_address);

// The address that a cron file of the vendor's names, as it stands there; nullopt: the file is not
// in the vendor's form.
std::optional<std::string> master_cron_address(const Profile& profile, std::string_view content);
std::optional<std::string> slave_cron_address(const Profile& profile, std::string_view content);

// What a cron file does, as a plan shows it: "hourly replication to 192.0.2.11", "failure detection
// of 192.0.2.10", "empty", or an excerpt of what is not the vendor's.
std::string cron_meaning(const Profile& profile, std::string_view content);

// At most kExcerptMax printable ASCII characters: others are escaped, what is cut off ends in
// "...".
std::string excerpt(std::string_view text);

// "0644"
std::string mode_text(mode_t mode);

}  // namespace tandem
