// The keys of the connection to the other node: ours, which is made here, and the other node's host
// key, which a person confirms once.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/peer_ssh.h"

namespace tandem {

struct HostKey {
  std::string line;         // of known_hosts: "10.0.0.2 ssh-ed25519 AAAA..."
  std::string fingerprint;  // "SHA256:..."

  bool operator==(const HostKey&) const = default;
};

class SshKeys {
 public:
  static constexpr std::chrono::seconds kDeadline{30};

  SshKeys(Filesystem& disk, Process& programs, const std::string& folder)
      : disk_(disk), programs_(programs), paths_(folder) {}

  // invalid: there is a key in the folder that was not made here. The folder is Tandem's own, and
  // what it finds in another's it must neither use nor, at the end, remove.
  Status check_folder();

  // Makes an ed25519 key without a passphrase where there is none; false: it was there. A kill
  // leaves no key or a whole one. The folder must exist.
  Task<Result<bool>> make_key(std::string comment);

  // "ssh-ed25519 AAAA...", derived from the private key.
  Task<Result<std::string>> public_key();

  // What the other node shows, the best kind first; never empty. `port` by ask_port().
  Task<Result<std::vector<HostKey>>> scan(std::string peer, std::string port);
  // The port that the administrator's configuration of ssh says, else 22.
  Task<Result<std::string>> ask_port(std::string peer);

  // The host keys that are pinned for the other node, with their fingerprints.
  Task<Result<std::vector<HostKey>>> pinned(std::string peer);
  // Pins this one in the place of any other of that node.
  Status pin(const std::string& peer, const HostKey& key);

 private:
  Task<Result<std::string>> run(Command command);
  Task<Result<std::string>> fingerprint(std::string line);
  const std::string& draft() const { return paths_.draft; }
  Status remove_draft();
  Status keep_draft();

  Filesystem& disk_;
  Process& programs_;
  SshFiles paths_;
};

// How the comment of each key begins that is made here.
inline constexpr std::string_view kKeyLabel = "tandem of ";

// Whether the text of a `.pub` file is of a key that was made here.
bool is_own_key(std::string_view public_key);

// known_hosts without the lines of this address, as pin() leaves the rest.
std::string without_host_keys_of(std::string_view known_hosts, std::string_view peer);

// Whether some line of known_hosts, not hashed, is for this address, at whatever port.
bool has_host_key_of(std::string_view known_hosts, std::string_view peer);

}  // namespace tandem
