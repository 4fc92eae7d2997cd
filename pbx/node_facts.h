// What a node tells of itself, for the other to compare: identity, versions, room and clock.
//
// It travels over the restricted key, as JSON. No secret is in it: what identifies the machine is
// told as a digest with our own name in it, as machine-id(5) asks for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tandem {

struct DatabaseTraits {
  int major = 0;
  std::string system_identifier;  // made by initdb; copied with the data directory
  std::string encoding;           // of the database asterisk: "UTF8"
  std::string collate;            // "fr_FR.UTF-8"
  std::string ctype;

  bool operator==(const DatabaseTraits&) const = default;
};

struct FreeRoom {
  std::string path;
  std::uint64_t bytes = 0;

  bool operator==(const FreeRoom&) const = default;
};

struct NodeFacts {
  static constexpr std::size_t kBytesMax = 64U << 10U;  // of the JSON

  std::string tandem_version;
  std::string spec_hash;  // SHA-256 of the pair file in force; "" without one
  std::string machine;    // digest of /etc/machine-id; "" not known
  std::string system;     // digest of the DMI system UUID; "" not known, or no real one
  std::vector<std::string> host_keys;  // of sshd: "SHA256:..."
  std::string product_version;         // "" not known
  std::optional<DatabaseTraits> postgres;
  std::optional<std::vector<std::string>> plugins;  // of provd, installed
  std::optional<bool> wizard_passed;
  std::vector<FreeRoom> rooms;
  std::int64_t clock = 0;  // nanoseconds since 1970, read last of all
  // Of what could not be told, why: "postgres", "plugins", ...
  std::map<std::string, std::string> unknown;

  bool operator==(const NodeFacts&) const = default;
};

std::string to_json(const NodeFacts& facts);

// The facts in what another node's `tandem facts` wrote. invalid: it is no such document; `where`
// is said in the message, what was written is not. Fields that are not known are left out of
// account.
Result<NodeFacts> facts_from_json(std::string_view text, std::string_view where);

// "SHA256:..." as ssh-keygen -l shows it, of one line of a .pub file or of ssh-keyscan's host key;
// nullopt: it is none.
std::optional<std::string> key_fingerprint(std::string_view line);

}  // namespace tandem
