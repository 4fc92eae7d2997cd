// How a primary gets its key accepted by its secondary, step by step: what `tandem init` does on
// either node.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "app/commands/commands.h"
#include "core/pair.h"
#include "core/result.h"
#include "ports/filesystem.h"
#include "ports/process.h"

namespace tandem {

// The outside of the steps, so that a test has one without a terminal.
struct PeeringDoors {
  Filesystem& disk;   // at `/`
  Filesystem& files;  // at the root
  Process& programs;
  // A step that has been done, or is beginning.
  std::function<void(const std::string&)> progress;
  // Whether this fingerprint is the other node's. unavailable: nobody is there to say.
  std::function<Result<bool>(const std::string& question)> confirm;
  // Runs a program that may ask at the terminal; its exit status.
  std::function<Result<int>(const std::vector<std::string>& argv, const std::string& input)> login;
  std::function<Result<std::string>()> new_password;
};

// The name by which a line of authorized_keys calls this program, with the operator file where that
// is not the usual one.
std::string gate_command(const std::string& program, const std::string& operator_file);

class Peering {
 public:
  Peering(PeeringDoors doors, const OperatorConfig& config, const HAPair& pair);

  // On the primary: key, password, pinned host key, authorisation, password over there; each only
  // where it is missing. The document tells what was there and what is new.
  Task<Result<nlohmann::ordered_json>> set_up(InitFlags flags);

  // The line for the secondary's authorized_keys. Makes the key where there is none.
  Task<Result<std::string>> authorized_line(InitFlags flags);

 private:
  Task<Result<std::string>> confirmed_host_key(std::string accepted);
  Task<Result<std::string>> pin_new(std::string accepted, bool changed);
  Task<Result<std::string>> authorize(const InitFlags& flags);
  Status log_in(const std::string& remote, const std::string& public_key);
  Result<std::string> own_password();
  Task<Result<std::string>> carry_password();

  PeeringDoors doors_;
  const OperatorConfig& config_;
  const std::string folder_;  // of the key
  const HAPair& pair_;
};

// On the secondary: puts the line for this key into authorized_keys. "installed" or "present".
Result<std::string> authorize_key(Filesystem& files, const HAPair& pair, const std::string& key,
                                  const std::string& gate);

// On the secondary: what is there of what the primary's `tandem init` brings.
nlohmann::ordered_json secondary_state(Filesystem& disk, Filesystem& files,
                                       const OperatorConfig& config, const HAPair& pair);

}  // namespace tandem
