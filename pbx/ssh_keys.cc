#include "pbx/ssh_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "pbx/authorized_keys.h"

namespace tandem {
namespace {

constexpr mode_t kPublicMode = 0644;
constexpr std::size_t kKnownHostsMax = 256U << 10U;
// In the order in which they are preferred.
constexpr std::array<std::string_view, 3> kKinds = {"ssh-ed25519", "ecdsa-sha2-", "ssh-rsa"};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') lines.emplace_back(line);
  }
  return lines;
}

std::size_t rank_of(const std::string& line) {
  const auto blank = line.find(' ');
  const auto kind = std::string_view(line).substr(blank == std::string::npos ? 0 : blank + 1);
  std::size_t rank = 0;
  while (rank < kKinds.size() && !kind.starts_with(kKinds[rank])) ++rank;
  return rank;
}

Command keygen(std::vector<std::string> arguments) {
  Command command;
  command.argv = {kSshKeygenProgram};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

bool is_host_key_of(std::string_view line, std::string_view peer) {
  const auto name = line.substr(0, line.find(' '));
  return name == peer || name.starts_with(fmt::format("[{}]:", peer));
}

}  // namespace

bool has_host_key_of(std::string_view known_hosts, std::string_view peer) {
  return std::ranges::any_of(lines_of(known_hosts), [peer](const std::string& line) {
    return is_host_key_of(line, peer);
  });
}

Task<Result<std::string>> SshKeys::run(Command command) {
  command.deadline = kDeadline;
  const std::string program = command.argv.front();
  auto outcome = co_await programs_.run(std::move(command));
  if (!outcome.ok()) {
    if (outcome.error().fault != Fault::not_found) co_return outcome.error();
    co_return Error{Fault::not_found,
                    program + " is missing; install it: apt-get install openssh-client"};
  }
  if (outcome.value().succeeded()) co_return outcome.value().output;
  std::string why = outcome.value().errors;
  while (!why.empty() && (why.back() == '\n' || why.back() == '\r')) why.pop_back();
  std::ranges::replace(why, '\n', ' ');
  std::erase(why, '\r');
  co_return Error{Fault::invalid, fmt::format("{}: {}", program, why.empty() ? "failed" : why)};
}

// ssh-keygen writes in place; so it writes elsewhere, and what it made is put in place whole.
Status SshKeys::remove_draft() {
  for (const std::string& path : {draft(), draft() + ".pub"}) {
    const auto removed = disk_.remove(path);
    if (!removed.ok()) return removed.error();
  }
  return success();
}

Status SshKeys::keep_draft() {
  const auto secret = disk_.read(draft());
  const auto open = disk_.read(draft() + ".pub");
  if (!secret.ok()) return secret.error();
  if (!open.ok()) return open.error();
  const auto kept = disk_.replace(paths_.public_key, open.value(), kPublicMode);
  return kept.ok() ? disk_.replace(paths_.key, secret.value(), kKeyMode) : kept;
}

Status SshKeys::check_folder() {
  const auto open = disk_.read(paths_.public_key);
  if (!open.ok() && open.error().fault == Fault::not_found) return success();
  if (!open.ok()) return open.error();
  if (is_own_key(open.value())) return success();
  return Error{Fault::invalid,
               fmt::format("{} is no key that tandem init made, and it is left as it is; give "
                           "Tandem a folder of its own: spec.sshDir in operator.yaml",
                           paths_.key)};
}

Task<Result<bool>> SshKeys::make_key(std::string comment) {
  const auto there = disk_.status(paths_.key);
  if (!there.ok()) co_return there.error();
  // What a killed run left is a private key all the same.
  const auto cleared = remove_draft();
  if (!cleared.ok()) co_return cleared.error();
  if (there.value()) co_return false;
  Command command = keygen({"-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", draft()});
  auto made = co_await run(std::move(command));
  if (!made.ok()) co_return made.error();
  const auto kept = keep_draft();
  const auto removed = remove_draft();
  if (!kept.ok()) co_return kept.error();
  if (!removed.ok()) co_return removed.error();
  co_return true;
}

Task<Result<std::string>> SshKeys::public_key() {
  Command command = keygen({"-y", "-P", "", "-f", paths_.key});
  auto text = co_await run(std::move(command));
  if (!text.ok()) co_return text.error();
  auto key = public_key_of(text.value());
  if (!key.ok()) co_return in_context(paths_.key, key.error());
  co_return key;
}

Task<Result<std::string>> SshKeys::ask_port(std::string peer) {
  const auto config = disk_.status(paths_.config);
  if (!config.ok()) co_return config.error();
  if (!config.value()) co_return std::string("22");
  Command command;
  command.argv = {kSshProgram, "-G", "-F", paths_.config, peer};
  auto text = co_await run(std::move(command));
  if (!text.ok()) co_return text.error();
  for (const std::string& line : lines_of(text.value()))
    if (line.starts_with("port ")) co_return line.substr(5);
  co_return std::string("22");
}

Task<Result<std::string>> SshKeys::fingerprint(std::string line) {
  Command command = keygen({"-l", "-f", "/dev/stdin"});
  command.input = line + "\n";
  auto text = co_await run(std::move(command));
  if (!text.ok()) co_return text.error();
  const auto begin = text.value().find("SHA256:");
  if (begin == std::string::npos) co_return Error{Fault::invalid, "ssh-keygen told no fingerprint"};
  co_return text.value().substr(begin, text.value().find(' ', begin) - begin);
}

Task<Result<std::vector<HostKey>>> SshKeys::scan(std::string peer, std::string port) {
  Command command;
  command.argv = {kSshKeyscanProgram, "-T", "5", "-p", port, "-t", "ed25519,ecdsa,rsa", peer};
  auto text = co_await run(std::move(command));
  std::vector<std::string> lines;
  if (text.ok()) lines = lines_of(text.value());
  std::erase_if(lines, [](const std::string& line) { return rank_of(line) == kKinds.size(); });
  if (lines.empty()) {
    std::string why;
    if (!text.ok()) why = " (" + text.error().message + ")";
    co_return Error{Fault::unavailable,
                    fmt::format("{} shows no ssh host key at port {}{}; on it: systemctl start "
                                "ssh, and let this node through its firewall",
                                peer, port, why)};
  }
  std::ranges::stable_sort(lines, {}, rank_of);
  std::vector<HostKey> keys;
  for (const std::string& line : lines) {
    auto known = co_await fingerprint(line);
    if (!known.ok()) co_return known.error();
    HostKey key{line, known.value()};
    keys.push_back(std::move(key));
  }
  co_return keys;
}

Task<Result<std::vector<HostKey>>> SshKeys::pinned(std::string peer) {
  std::vector<HostKey> keys;
  const auto text = disk_.read(paths_.known_hosts, kKnownHostsMax);
  if (!text.ok() && text.error().fault == Fault::not_found) co_return keys;
  if (!text.ok()) co_return text.error();
  for (const std::string& line : lines_of(text.value())) {
    if (!is_host_key_of(line, peer)) continue;
    auto known = co_await fingerprint(line);
    if (!known.ok()) co_return in_context(paths_.known_hosts, known.error());
    HostKey key{line, known.value()};
    keys.push_back(std::move(key));
  }
  co_return keys;
}

Status SshKeys::pin(const std::string& peer, const HostKey& key) {
  const auto old = disk_.read(paths_.known_hosts, kKnownHostsMax);
  if (!old.ok() && old.error().fault != Fault::not_found) return old.error();
  const std::string text = old.ok() ? without_host_keys_of(old.value(), peer) : "";
  return disk_.replace(paths_.known_hosts, text + key.line + "\n", kKeyMode);
}

bool is_own_key(std::string_view public_key) {
  for (int words = 0; words < 2; ++words) {
    const auto blank = public_key.find(' ');
    if (blank == std::string_view::npos) return false;
    public_key.remove_prefix(blank + 1);
  }
  return public_key.starts_with(kKeyLabel);
}

std::string without_host_keys_of(std::string_view known_hosts, std::string_view peer) {
  std::string text;
  for (const std::string& line : lines_of(std::string(known_hosts)))
    if (!is_host_key_of(line, peer)) text += line + "\n";
  return text;
}

}  // namespace tandem
