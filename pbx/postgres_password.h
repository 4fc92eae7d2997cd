// The password of the database role `tandem`: its file, and what the server is told of it.
//
// `tandem init` makes it once, on the primary; the same text is carried to the secondary. The file
// is in libpq's form (pgpass), mode 0600, so that psql may use it too.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "ports/filesystem.h"

namespace tandem {

inline constexpr std::string_view kPostgresRole = "tandem";
// Of the primary's server, and of no table there: by it the secondary's server fetches the stream.
inline constexpr std::string_view kStreamRole = "tandem_stream";

// Of operator.yaml's postgres.peerDsn: the address of the other node in its place.
std::string peer_dsn(std::string dsn, const std::string& peer_address);

// 256 bits of chance as 64 hexadecimal digits.
Result<std::string> new_postgres_password();

// Whether a text may be a password of this role: 16 to 128 letters and digits. What comes from
// another host is held to this before it is written or used.
bool is_postgres_password(std::string_view text);

// The password in the file. not_found: there is none yet. denied: others than its owner may use the
// file. invalid: it holds no line for the role, or a password that is none. No message shows what
// is in the file.
Result<std::string> read_postgres_password(Filesystem& disk, const std::string& path);

// Writes the file, mode 0600, and makes its folder. invalid: not a password.
Status write_postgres_password(Filesystem& disk, const std::string& path,
                               std::string_view password);

// The password of kStreamRole, made of the pair's: both nodes know it, and nothing leads back from
// it. It is kept where the secondary's superuser reads it, and so in dumps of that server.
std::string stream_password(std::string_view password);

// What the server keeps of a password ("SCRAM-SHA-256$4096:..."), with a salt of chance: so no
// statement carries the password itself.
Result<std::string> new_scram_verifier(std::string_view password);

// Whether the server's `verifier` is one of this password.
bool verifies(std::string_view verifier, std::string_view password);

}  // namespace tandem
