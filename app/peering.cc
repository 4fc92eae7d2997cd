#include "app/peering.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pbx/authorized_keys.h"
#include "pbx/peer_ssh.h"
#include "pbx/postgres_password.h"
#include "pbx/profile.h"
#include "pbx/ssh_keys.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr const char* kProgram = "/usr/bin/tandem";
constexpr int kNotFound = 127;  // of a shell that knows no such program
constexpr int kSshFailed = 255;
constexpr mode_t kForOthersToWrite = 0022;

std::string label_of(const HAPair& pair) { return fmt::format("{}{}", kKeyLabel, pair.name); }

SshEnds ends_of(const HAPair& pair) { return {pair.primary.address, pair.secondary.address}; }

std::vector<std::string> addresses_of(const NodeSpec& node) {
  std::vector<std::string> all{node.address};
  for (const NodePath& path : node.paths) all.push_back(path.address);
  return all;
}

// Why the key may not work although the line is there: all that sshd may be set to.
std::string why_refused(const HAPair& pair) {
  return fmt::format(
      "On {} look at `sshd -T | grep -Ei 'permitrootlogin|authorizedkeysfile|allowusers'`: "
      "PermitRootLogin must not be `no` (prohibit-password or forced-commands-only will do), and "
      "AuthorizedKeysFile must name .ssh/authorized_keys. The line can be put there by hand: "
      "tandem "
      "init --print-authorized-key",
      pair.secondary.name);
}

}  // namespace

std::string gate_command(const std::string& program, const std::string& operator_file) {
  if (operator_file.empty()) return program + " sync-gate";
  return fmt::format("{} --operator {} sync-gate", program, operator_file);
}

Peering::Peering(PeeringDoors doors, const OperatorConfig& config, const HAPair& pair)
    : doors_(std::move(doors)), config_(config), folder_(config.ssh_dir), pair_(pair) {}

Task<Result<nlohmann::ordered_json>> Peering::set_up(InitFlags flags) {
  SshKeys keys(doors_.disk, doors_.programs, folder_);
  nlohmann::ordered_json told;
  told["node"] = config_.node;
  told["role"] = "primary";

  doors_.progress(fmt::format("1/5 the key of this node ({}/id_ed25519)", folder_));
  const Status ours = keys.check_folder();
  if (!ours.ok()) co_return ours.error();
  const auto made = co_await keys.make_key(label_of(pair_));
  if (!made.ok()) co_return made.error();
  told["key"] = made.value() ? "made" : "present";

  doors_.progress(
      fmt::format("2/5 the password of the database role ({})", config_.postgres_password_file));
  const auto password = own_password();
  if (!password.ok()) co_return password.error();
  told["databasePassword"]["here"] = password.value();

  doors_.progress(fmt::format("3/5 the ssh host key of {}", pair_.secondary.name));
  const auto host_key = co_await confirmed_host_key(flags.accept_host_key);
  if (!host_key.ok()) co_return host_key.error();
  told["hostKey"] = host_key.value();

  doors_.progress(fmt::format("4/5 what the key may do on {}", pair_.secondary.name));
  const auto authorized = co_await authorize(flags);
  if (!authorized.ok()) co_return authorized.error();
  told["authorization"] = authorized.value();

  doors_.progress(fmt::format("5/5 the password on {}", pair_.secondary.name));
  const auto carried = co_await carry_password();
  if (!carried.ok()) co_return carried.error();
  told["databasePassword"]["there"] = carried.value();
  co_return told;
}

Result<std::string> Peering::own_password() {
  const auto there = doors_.disk.status(config_.postgres_password_file);
  if (!there.ok()) return there.error();
  if (there.value()) {
    const auto read = read_postgres_password(doors_.disk, config_.postgres_password_file);
    if (!read.ok()) return read.error();
    return std::string("present");
  }
  const auto made = doors_.new_password();
  if (!made.ok()) return made.error();
  const auto kept =
      write_postgres_password(doors_.disk, config_.postgres_password_file, made.value());
  if (!kept.ok()) return kept.error();
  return std::string("made");
}

Task<Result<std::string>> Peering::confirmed_host_key(std::string accepted) {
  SshKeys keys(doors_.disk, doors_.programs, folder_);
  const auto pinned = co_await keys.pinned(pair_.secondary.address);
  if (!pinned.ok()) co_return pinned.error();
  if (!pinned.value().empty() && accepted.empty()) co_return pinned.value().front().fingerprint;
  if (std::ranges::find(pinned.value(), accepted, &HostKey::fingerprint) != pinned.value().end())
    co_return accepted;
  auto result = co_await pin_new(std::move(accepted), !pinned.value().empty());
  co_return result;
}

Task<Result<std::string>> Peering::pin_new(std::string accepted, bool changed) {
  SshKeys keys(doors_.disk, doors_.programs, folder_);
  const std::string peer = pair_.secondary.address;
  const auto port = co_await keys.ask_port(peer);
  if (!port.ok()) co_return port.error();
  const auto shown = co_await keys.scan(peer, port.value());
  if (!shown.ok()) co_return shown.error();
  HostKey chosen = shown.value().front();
  if (!accepted.empty()) {
    const auto found = std::ranges::find(shown.value(), accepted, &HostKey::fingerprint);
    if (found == shown.value().end())
      co_return Error{Fault::bad_certificate,
                      fmt::format("{} shows the host key {}, not {}; nothing was changed", peer,
                                  chosen.fingerprint, accepted)};
    chosen = *found;
  } else {
    const auto yes = doors_.confirm(
        fmt::format("{} ({}) shows the host key {}.\nCompare it with what `ssh-keygen -lf "
                    "/etc/ssh/ssh_host_ed25519_key.pub` says on its console.",
                    pair_.secondary.name, peer, chosen.fingerprint));
    if (!yes.ok())
      co_return Error{Fault::unavailable,
                      fmt::format("{} shows the host key {}; to accept it without a terminal: "
                                  "tandem init --accept-host-key {}",
                                  peer, chosen.fingerprint, chosen.fingerprint)};
    if (!yes.value())
      co_return Error{Fault::cancelled, "the host key was not accepted; nothing more was done"};
  }
  const auto kept = keys.pin(peer, chosen);
  if (!kept.ok()) co_return kept.error();
  if (changed) doors_.progress("    another host key was pinned before; it is forgotten");
  co_return chosen.fingerprint;
}

Task<Result<std::string>> Peering::authorize(const InitFlags& flags) {
  PeerSsh ssh(doors_.disk, doors_.programs, folder_);
  const auto usable = ssh.check_key();
  if (!usable.ok()) co_return usable.error();
  const auto before = co_await ssh.ask(ends_of(pair_), "tandem facts");
  if (before.ok()) co_return std::string("present");
  // Only where the key is not let in does a login help.
  if (before.error().fault != Fault::denied && before.error().fault != Fault::invalid)
    co_return before.error();
  SshKeys keys(doors_.disk, doors_.programs, folder_);
  const auto public_key = co_await keys.public_key();
  if (!public_key.ok()) co_return public_key.error();
  // What it prints there is told here, in the summary.
  const std::string remote =
      (flags.peer_command.empty() ? kProgram : flags.peer_command) + " init --authorize >/dev/null";
  const auto installed = log_in(remote, public_key.value());
  if (!installed.ok()) co_return installed.error();
  const auto after = co_await ssh.ask(ends_of(pair_), "tandem facts");
  if (after.ok()) co_return std::string("installed");
  if (after.error().fault != Fault::denied) co_return after.error();
  co_return Error{Fault::denied, fmt::format("the key was installed on {}, and its sshd does not "
                                             "accept it. {}",
                                             pair_.secondary.name, why_refused(pair_))};
}

// Once, by whatever the administrator can log in with: the vendor's key where there is one, which
// asks for nothing, else an agent, a key or a password.
Status Peering::log_in(const std::string& remote, const std::string& public_key) {
  const SshFiles paths(folder_);
  const auto config = doors_.disk.status(paths.config);
  if (!config.ok()) return config.error();
  std::vector<std::string> argv{kSshProgram, "-F", config.value() ? paths.config : "none", "-T"};
  for (const std::string& option :
       {std::string("StrictHostKeyChecking=yes"), std::string("GlobalKnownHostsFile=/dev/null"),
        "UserKnownHostsFile=" + paths.known_hosts, std::string("UpdateHostKeys=no"),
        std::string("ConnectTimeout=10"), std::string("ServerAliveInterval=10"),
        std::string("ForwardAgent=no"), std::string("ClearAllForwardings=yes"),
        std::string("ControlPath=none"), std::string("User=root")}) {
    argv.emplace_back("-o");
    argv.push_back(option);
  }
  const auto attempt = [&](std::vector<std::string> more) {
    std::vector<std::string> all = argv;
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), {pair_.secondary.address, remote});
    return doors_.login(all, public_key + "\n");
  };
  const std::string& vendor_key = profile_of(pair_.product).sync_key;
  const auto has_vendor_key = doors_.files.status(vendor_key);
  if (has_vendor_key.ok() && has_vendor_key.value()) {
    doors_.progress("    logging in with the vendor's key");
    const std::string root = config_.root == "/" ? "" : config_.root;
    const auto by_vendor = attempt({"-o", "BatchMode=yes", "-i", root + vendor_key});
    if (by_vendor.ok() && by_vendor.value() == 0) return success();
  }
  doors_.progress(fmt::format("    logging in as root@{}, this once", pair_.secondary.address));
  const auto status = attempt({});
  if (!status.ok()) return status.error();
  if (status.value() == 0) return success();
  if (status.value() == kSshFailed)
    return Error{Fault::denied, "the login failed. " + why_refused(pair_)};
  if (status.value() == kNotFound)
    return Error{
        Fault::not_found,
        fmt::format("{} has no Tandem yet: install it there, with the same pair.yaml, then "
                    "run this again",
                    pair_.secondary.name)};
  return Error{Fault::invalid,
               fmt::format("{} did not take the key; it said why above", pair_.secondary.name)};
}

Task<Result<std::string>> Peering::carry_password() {
  const auto password = read_postgres_password(doors_.disk, config_.postgres_password_file);
  if (!password.ok()) co_return password.error();
  PeerSsh ssh(doors_.disk, doors_.programs, folder_);
  auto answer = co_await ssh.ask(ends_of(pair_), "tandem password", password.value() + "\n");
  if (!answer.ok()) co_return in_context("the password was not taken", answer.error());
  std::string word = answer.value();
  while (!word.empty() && word.back() == '\n') word.pop_back();
  co_return word == "kept" || word == "known" ? word : std::string("taken");
}

Task<Result<std::string>> Peering::authorized_line(InitFlags flags) {
  SshKeys keys(doors_.disk, doors_.programs, folder_);
  const Status ours = keys.check_folder();
  if (!ours.ok()) co_return ours.error();
  const auto made = co_await keys.make_key(label_of(pair_));
  if (!made.ok()) co_return made.error();
  const auto public_key = co_await keys.public_key();
  if (!public_key.ok()) co_return public_key.error();
  const std::string program = flags.peer_command.empty() ? kProgram : flags.peer_command;
  const GateLine parts{public_key.value(), addresses_of(pair_.primary), gate_command(program, ""),
                       label_of(pair_)};
  co_return gate_line(parts);
}

Result<std::string> authorize_key(Filesystem& files, const HAPair& pair, const std::string& key,
                                  const std::string& gate) {
  const auto public_key = public_key_of(key);
  if (!public_key.ok()) return public_key.error();
  const auto line =
      gate_line({public_key.value(), addresses_of(pair.primary), gate, label_of(pair)});
  if (!line.ok()) return line.error();
  const auto status = files.status(kAuthorizedKeys);
  if (status.ok() && status.value() && (status.value()->mode & kForOthersToWrite) != 0)
    return Error{
        Fault::denied,
        fmt::format("{} may be written by others than root (mode {:04o}), so sshd takes "
                    "no key from it; run: chmod 600 {}",
                    kAuthorizedKeys, static_cast<unsigned>(status.value()->mode), kAuthorizedKeys)};
  const auto old = files.read(kAuthorizedKeys);
  if (!old.ok() && old.error().fault != Fault::not_found) return old.error();
  const std::string before = old.ok() ? old.value() : "";
  const std::string after = with_gate_line(before, line.value());
  if (after == before) return std::string("present");
  const auto kept = files.replace(kAuthorizedKeys, after, kAuthorizedKeysMode);
  if (!kept.ok()) return kept.error();
  return std::string("installed");
}

nlohmann::ordered_json secondary_state(Filesystem& disk, Filesystem& files,
                                       const OperatorConfig& config, const HAPair& pair) {
  nlohmann::ordered_json told;
  told["node"] = config.node;
  told["role"] = "secondary";
  const auto keys = files.read(kAuthorizedKeys);
  bool authorized = false;
  if (keys.ok()) authorized = without_gate_lines(keys.value()) != keys.value();
  told["authorization"] = authorized ? "present" : "missing";
  const auto password = read_postgres_password(disk, config.postgres_password_file);
  told["databasePassword"]["here"] = password.ok() ? "present" : "missing";
  told["next"] = authorized && password.ok() ? "nothing"
                                             : fmt::format("run on {} ({}): tandem init",
                                                           pair.primary.name, pair.primary.address);
  return told;
}

}  // namespace tandem
