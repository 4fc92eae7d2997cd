#include "pbx/peer_ssh.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/wording.h"

namespace tandem {
namespace {

constexpr int kSshFailed = 255;  // the exit status of ssh itself; the gate has 0 and 1

// As ssh's -o takes a path without quotes and tokens.
bool is_plain(const std::string& path) {
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '.' || c == '_' || c == '-';
  });
}

std::string why(const std::string& errors) {
  const std::string said = last_foreign_line(errors);
  return said.empty() ? "no word why" : said;
}

struct Trouble {
  std::string_view words;  // of ssh's message
  Fault fault;
  std::string_view remedy;
};

// The first row whose words are in the message. ssh has no other way to tell why it failed.
constexpr std::array kTroubles = {
    Trouble{"Host key verification failed", Fault::bad_certificate,
            "its host key is not the one that was pinned: compare the fingerprint with the one on "
            "its console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then run on the "
            "primary: tandem init --accept-host-key SHA256:..."},
    Trouble{"Permission denied", Fault::denied,
            "it does not accept the key; run on the primary: tandem init"},
    Trouble{"Too many authentication failures", Fault::denied,
            "it does not accept the key; run on the primary: tandem init"},
    Trouble{"Connection refused", Fault::connection_refused,
            "nobody listens at its ssh port; on it: systemctl start ssh"},
    Trouble{"timed out", Fault::timed_out,
            "it does not answer at its ssh port; look at the network and its firewall (port 22)"},
    Trouble{"Cannot assign requested address", Fault::unavailable,
            "the declared address of this node is on no interface here"},
};

}  // namespace

SshFiles::SshFiles(const std::string& given)
    : folder(given),
      key(folder + "/id_ed25519"),
      public_key(key + ".pub"),
      draft(folder + "/new_key"),
      known_hosts(folder + "/known_hosts"),
      config(folder + "/config") {}

PeerSsh::PeerSsh(Filesystem& disk, Process& programs, const std::string& folder)
    : disk_(disk), programs_(programs), paths_(folder) {}

Error ssh_trouble(const std::string& errors, const SshEnds& ends) {
  for (const Trouble& row : kTroubles)
    if (errors.find(row.words) != std::string::npos)
      return Error{row.fault,
                   fmt::format("ssh to {}: {} (ssh: {})", ends.peer, row.remedy, why(errors))};
  return Error{Fault::unavailable, fmt::format("ssh to {}: {}", ends.peer, why(errors))};
}

Status PeerSsh::check_key() {
  const auto status = disk_.status(paths_.key);
  if (!status.ok()) return status.error();
  if (!status.value())
    return Error{Fault::not_found, fmt::format("{} is missing: this node has no key to the other "
                                               "one; run on the primary: tandem init",
                                               paths_.key)};
  if ((status.value()->mode & 0077U) != 0)
    return Error{Fault::denied,
                 fmt::format("{}: others than its owner may use it (mode {:04o}), so ssh refuses "
                             "it; run: chmod 600 {}",
                             paths_.key, static_cast<unsigned>(status.value()->mode), paths_.key)};
  return success();
}

Result<std::vector<std::string>> PeerSsh::command_line(const SshEnds& ends) {
  if (!is_plain(paths_.folder))
    return Error{Fault::invalid,
                 fmt::format("{}: spec.sshDir of operator.yaml must be of letters, digits and "
                             "'/', '.', '_', '-' only, as ssh takes it",
                             paths_.folder)};
  const auto config = disk_.status(paths_.config);
  if (!config.ok()) return config.error();
  std::vector<std::string> argv{kSshProgram, "-F", config.value() ? paths_.config : "none", "-T"};
  // The first word wins in ssh, so nothing in the administrator's file weakens these.
  for (const std::string option :
       {"BatchMode=yes", "ConnectTimeout=5", "ConnectionAttempts=1", "StrictHostKeyChecking=yes",
        "GlobalKnownHostsFile=/dev/null", "UpdateHostKeys=no", "CheckHostIP=no",
        "IdentitiesOnly=yes", "IdentityAgent=none", "PreferredAuthentications=publickey",
        "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "ControlMaster=no",
        "ControlPath=none", "PermitLocalCommand=no", "ServerAliveInterval=5",
        "ServerAliveCountMax=2", "LogLevel=ERROR"}) {
    argv.emplace_back("-o");
    argv.push_back(option);
  }
  const auto option = [&](const std::string& name, const std::string& value) {
    argv.emplace_back("-o");
    argv.push_back(name + "=" + value);
  };
  option("UserKnownHostsFile", paths_.known_hosts);
  option("IdentityFile", paths_.key);
  option("BindAddress", ends.own);
  option("User", "root");
  argv.push_back(ends.peer);
  return argv;
}

Task<Result<std::string>> PeerSsh::ask(SshEnds ends, std::string verb, std::string input) {
  const auto key = check_key();
  if (!key.ok()) co_return key.error();
  auto argv = command_line(ends);
  if (!argv.ok()) co_return argv.error();
  Command command;
  command.argv = std::move(argv).value();
  command.argv.push_back(std::move(verb));
  command.input = std::move(input);
  command.deadline = kAskDeadline;
  command.output_max = kAnswerMax;
  auto outcome = co_await programs_.run(std::move(command));
  if (!outcome.ok()) co_return in_context("ssh to " + ends.peer, outcome.error());
  const CommandOutcome& ended = outcome.value();
  if (ended.exit_status == kSshFailed || ended.signal != 0)
    co_return ssh_trouble(ended.errors, ends);
  if (!ended.succeeded()) co_return Error{Fault::invalid, why(ended.errors)};
  if (ended.output_cut)
    co_return Error{Fault::too_large, fmt::format("ssh to {}: its answer has more than {} bytes",
                                                  ends.peer, kAnswerMax)};
  co_return ended.output;
}

}  // namespace tandem
