// pg_hba.conf and postgresql.conf as texts: what is ours in them, what is the vendor's, and edits
// that leave every other byte as it is.
//
// Ours are whole lines with a comment of ours at their end. What an edit made without more, it
// takes back without a trace.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"

namespace tandem {

// A file of PostgreSQL beyond this is damaged, whatever it says.
inline constexpr std::size_t kPostgresFileMax = 1U << 20U;

struct EditedLine {
  std::size_t number = 0;  // from 1; of an added line in the new text, of a removed one in the old
  std::string text;

  bool operator==(const EditedLine&) const = default;
};

struct TextEdit {
  std::string text;
  std::vector<EditedLine> removed, added;

  bool changes() const { return !removed.empty() || !added.empty(); }
};

// ---- pg_hba.conf

// What should be in pg_hba.conf because of us and of the vendor.
struct HbaWanted {
  enum class Tls { required, unused, unknown };  // unknown: a line of either kind may stay
  enum class Vendor {
    present,           // one line of the vendor's, for `peer`, and no other in its form
    absent,            // none in the vendor's form
    leftovers_absent,  // none for one of `peers`, and none whose address is no IPv4 address
  };

  // The other node's addresses. Each may log in as our role if `admits`.
  std::vector<std::string> peers;
  bool admits = false;
  // Each may fetch the stream of the database, as the role that reads it.
  bool streams = false;
  Tls tls = Tls::unknown;
  HAPair::PostgresMethod method = HAPair::PostgresMethod::scram;
  Vendor vendor = Vendor::leftovers_absent;
};

// "hostssl asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem"
std::string own_hba_line(std::string_view peer, bool tls, HAPair::PostgresMethod method);

// The line that lets the vendor's copy in: "host asterisk postgres 10.0.0.1/32 trust".
// The IPv4 addresses beside `peers` that lines in the vendor's form let in as postgres: somebody's
// own lines, which stay.
std::vector<std::string> other_vendor_addresses(std::string_view text,
                                                const std::vector<std::string>& peers);

std::string vendor_hba_line(std::string_view peer);

// Ours stand before every rule that could meet the same connection, since the first one decides.
TextEdit edit_hba(std::string_view text, const HbaWanted& wanted);

// Whether the line of this number is one of ours.
bool is_own_hba_line(std::string_view text, std::size_t number);

// ---- postgresql.conf

// The addresses of a value of listen_addresses.
std::vector<std::string> listen_list(std::string_view value);

// Whether a server with this value listens on the IPv4 address.
bool listens_on(std::string_view value, std::string_view address);

// The value with the address added at its end.
std::string with_address(std::string_view value, std::string_view address);

// The numbers of our lines.
std::vector<std::size_t> own_listen_lines(std::string_view text);
std::vector<std::size_t> own_setting_lines(std::string_view text, std::string_view name);

// As edit_listen() for any setting.
TextEdit edit_setting(std::string_view text, std::string_view name,
                      const std::optional<std::string>& value);

// With a value one line of ours sets it, after every other setting and include of this file: the
// last one counts, so that an administrator's own line stays as it is, and counts again when ours
// goes. nullopt: none is ours.
TextEdit edit_listen(std::string_view text, const std::optional<std::string>& value);

// Ours goes; where there was one, the vendor's own line takes its place at the end, since the
// vendor's copy needs the server to be reached (contract section 1).
TextEdit hand_listen_to_vendor(std::string_view text);

}  // namespace tandem
