#include "replication/files/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "ports/spawn.h"
#include "replication/files/programs.h"

namespace tandem::files {
namespace {

constexpr mode_t kForOthersToWrite = 0022;
// A child's deadline; the connection ends earlier by itself.
constexpr std::chrono::hours kMasterDeadline{24};
constexpr std::string_view kSocketBegins = "files-";
constexpr std::size_t kWordsOfSshMax = 16U << 10U;

// As ssh's -o takes a path without quotes and tokens.
bool is_plain(const std::string& path) {
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

struct Session::Master {
  Master(SshEnds both, Clock& clock)
      : ends(std::move(both)),
        since(clock.now()),
        opened(clock.make_signal()),
        idle(clock.make_signal()) {}

  SshEnds ends;
  Instant since;
  Attendance attendance;
  std::optional<Result<CommandOutcome>> outcome;  // once it has ended
  std::unique_ptr<Signal> opened;                 // when it has ended before it could be used
  std::unique_ptr<Signal> idle;                   // when `used` or `outcome` is another
  bool used = true;
  Instant idle_since{};
};

Session::Session(PeerSsh& ssh, AttendedProcess& programs, Filesystem& disk, Clock& clock,
                 std::string folder)
    : ssh_(ssh), programs_(programs), disk_(disk), clock_(clock), folder_(std::move(folder)) {}

Session::~Session() { close(); }

Status Session::check_folder() {
  if (!is_plain(folder_) || folder_.size() > kFolderMax)
    return Error{
        Fault::invalid,
        fmt::format("{}: a folder for ssh's socket has at most {} letters, digits and '/', "
                    "'.', '_', '-'; name another one in spec.stateDir of operator.yaml",
                    folder_, kFolderMax)};
  const auto made = disk_.make_directories(folder_);
  if (!made.ok()) return made;
  const auto status = disk_.status(folder_);
  if (!status.ok()) return status.error();
  if (!status.value() || (status.value()->mode & kForOthersToWrite) != 0)
    return Error{Fault::invalid,
                 fmt::format("{}: others may write into it, and could put a socket of their own in "
                             "the place of ssh's; run: chmod go-w {}",
                             folder_, folder_)};
  return sockets_ == 0 ? remove_leftovers() : success();
}

// What ssh left that was killed under an earlier operator.
Status Session::remove_leftovers() {
  const auto names = disk_.list(folder_);
  if (!names.ok()) return names.error();
  for (const std::string& name : names.value()) {
    if (!name.starts_with(kSocketBegins)) continue;
    const auto removed = disk_.remove(folder_ + "/" + name);
    if (!removed.ok()) return removed;
  }
  return success();
}

// The first word wins in ssh, so these stand before those that forbid a kept connection.
std::vector<std::string> Session::with_socket(const std::vector<std::string>& ssh,
                                              const std::string& role) const {
  std::vector<std::string> words{
      ssh.front(),        "-o", "ControlMaster=" + role, "-o", "ControlPath=" + socket_, "-o",
      "ControlPersist=no"};
  words.insert(words.end(), ssh.begin() + 1, ssh.end() - 1);
  return words;
}

Result<Command> Session::master_command(const std::vector<std::string>& ssh) const {
  Command command;
  command.argv = bound_to_us();
  for (std::string& word : with_socket(ssh, "yes")) command.argv.push_back(std::move(word));
  command.argv.emplace_back("-N");
  command.argv.push_back(ssh.back());
  command.deadline = kMasterDeadline;
  command.output_max = kWordsOfSshMax;
  return command;
}

Task<void> Session::hold(AttendedProcess& programs, Command command,
                         std::shared_ptr<Master> master) {
  auto outcome = co_await programs.attend(std::move(command), master->attendance);
  master->outcome.emplace(std::move(outcome));
  master->opened->notify();
  master->idle->notify();
}

Task<void> Session::end_when_idle(Clock& clock, std::shared_ptr<Master> master) {
  while (!master->outcome && !master->attendance.ending()) {
    const Instant since = master->used ? clock.now() : master->idle_since;
    if (!master->used && clock.now() >= since + kIdle) {
      master->attendance.end();
      break;
    }
    co_await clock.wait(*master->idle, since + kIdle);
  }
}

Task<Result<std::shared_ptr<Session::Master>>> Session::begin(const SshEnds& ends,
                                                              const std::vector<std::string>& ssh) {
  const auto folder = check_folder();
  if (!folder.ok()) co_return folder.error();
  socket_ = fmt::format("{}/{}{}.sock", folder_, kSocketBegins, ++sockets_);
  auto command = master_command(ssh);
  if (!command.ok()) co_return command.error();
  const auto master = std::make_shared<Master>(ends, clock_);
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto end = [master](const std::string&) { master->attendance.end(); };
  spawn(executor, hold(programs_, std::move(command).value(), master), end);
  spawn(executor, end_when_idle(clock_, master), end);
  master_ = master;
  while (clock_.now() < master->since + kOpenDeadline && !master->outcome &&
         !master->attendance.ending()) {
    const auto there = disk_.status(socket_);
    if (there.ok() && there.value()) co_return master;
    co_await clock_.wait(*master->opened, clock_.now() + kLookEvery);
  }
  const bool wanted = !master->attendance.ending();
  master->attendance.end();
  if (!wanted)
    co_return Error{Fault::cancelled, "ssh to " + ends.peer + ": is not wanted any more"};
  if (!master->outcome)
    co_return Error{Fault::timed_out,
                    fmt::format("ssh to {}: no connection within {} s; look at the network and at "
                                "sshd there",
                                ends.peer, kOpenDeadline.count())};
  if (!master->outcome->ok()) co_return in_context("ssh to " + ends.peer, master->outcome->error());
  co_return ssh_trouble(master->outcome->value().errors, ends);
}

Task<Result<std::vector<std::string>>> Session::open(SshEnds ends) {
  const auto key = ssh_.check_key();
  if (!key.ok()) co_return key.error();
  const auto ssh = ssh_.command_line(ends);
  if (!ssh.ok()) co_return ssh.error();
  const bool usable = master_ && !master_->outcome && !master_->attendance.ending() &&
                      master_->ends.own == ends.own && master_->ends.peer == ends.peer &&
                      clock_.now() < master_->since + kLife;
  if (!usable) {
    close();
    auto begun = co_await begin(ends, ssh.value());
    if (!begun.ok()) co_return begun.error();
  }
  master_->used = true;
  master_->idle->notify();
  co_return with_socket(ssh.value(), "no");
}

void Session::release() {
  if (!master_) return;
  master_->used = false;
  master_->idle_since = clock_.now();
  master_->idle->notify();
}

void Session::close() {
  if (!master_) return;
  master_->attendance.end();
  master_->idle->notify();
  master_.reset();
}

}  // namespace tandem::files
