#include "replication/files/troubles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "pbx/text_lines.h"

namespace tandem::files {
namespace {

using enum Reason;

constexpr std::string_view kRefused = "tandem sync-gate: refused: ";
constexpr std::size_t kDetailMax = 300;

struct Exit {
  int status;
  std::string_view words;
  Reason reason;
  std::string_view remedy;
};

constexpr std::string_view kAgain = "it is tried again, and goes on where it ended";
constexpr std::string_view kReport =
    "compare `rsync --version` on both nodes, and read the log of sshd on the other one";

// rsync(1), EXIT VALUES; 126 and 127 are env's, 255 is ssh's.
constexpr std::array kExits = {
    Exit{1, "syntax or usage error", failed, kReport},
    Exit{2, "the two versions of rsync do not understand each other", failed, kReport},
    Exit{3, "a file or folder could not be chosen", failed,
         "look at the folder on both nodes: is each a folder, and no link that leads nowhere?"},
    Exit{4, "the other rsync can not do what is asked", failed, kReport},
    Exit{5, "the two sides could not begin", failed, kReport},
    Exit{10, "error of the connection", cut, kAgain},
    Exit{11, "a file could not be read or written", partly,
         "look at the disks of both nodes (df, dmesg)"},
    Exit{12, "the connection was cut", cut, kAgain},
    Exit{13, "error in rsync's own messages", failed, kReport},
    Exit{14, "error between rsync's own processes", failed, kReport},
    Exit{19, "ended by a signal", cut, kAgain},
    Exit{20, "ended by a signal", cut, kAgain},
    Exit{21, "error while waiting for a process", failed, kReport},
    Exit{22, "not enough memory", failed, "look at the memory of both nodes"},
    Exit{23, "some files could not be transferred", partly,
         "the rest was copied; mend what is named, the next copy brings it"},
    Exit{24, "some files went away while they were copied", source_changes,
         "nothing to do: it is copied again"},
    Exit{25, "more would be deleted than was found when it was planned", source_changes,
         "nothing to do: it is planned and copied again"},
    Exit{30, "no data came for a minute", cut, kAgain},
    Exit{126, "rsync can not be started", rsync_missing,
         "look at the rights of /usr/bin/rsync on this node"},
    Exit{255, "the connection was cut", cut, kAgain},
    Exit{127, "rsync is not there", rsync_missing, "on this node: apt-get install rsync"},
};

struct Words {
  std::string_view words;  // in what was written to standard error
  Reason reason;
  std::string_view remedy;
};

constexpr std::array kWritten = {
    Words{"No space left on device", target_full,
          "the other node's disk is full: make room there (df -h)"},
    Words{"Disk quota exceeded", target_full, "the other node's disk quota is used up"},
    Words{"Read-only file system", target_read_only,
          "the other node's disk is mounted read-only: look at its log (dmesg)"},
};

// Of app/gate.cc and app/commands/sync_gate.cc on the other node, which may be of another version:
// what is not found here is gate_refused, with the gate's own words all the same.
struct Refusal {
  std::string_view words;
  Reason reason;
};
constexpr std::array kRefusals = {
    Refusal{"it can not be told whether", target_unsure},
    Refusal{" serves: nothing is copied", target_serves},
    Refusal{"this node is about to serve", target_serves},
    Refusal{"Asterisk runs on this node", target_serves},
    Refusal{"spec.enabled is false", target_off},
    Refusal{"no declaration is in force", no_declaration},
    Refusal{"is not the secondary of the pair", not_its_primary},
    Refusal{"is not an address of the primary", not_its_primary},
    Refusal{"is not one of the declared directories", not_declared_there},
    Refusal{"has not come home", harvest_pending},
    Refusal{"/usr/bin/rsync: cannot start", rsync_missing_there},
};

std::string remedy_of(Reason refusal, const std::string& peer) {
  switch (refusal) {
    case target_serves:
      return fmt::format("nothing to do: it is copied again once {} stands by", peer);
    case no_declaration: return fmt::format("it is copied again once {} has one", peer);
    case target_off:
    case not_its_primary:
    case not_declared_there:
      return "the nodes hold different declarations: make pair.yaml the same on both";
    case harvest_pending: return "nothing to do: it is copied again once it has (HarvestPending)";
    case rsync_missing_there: return fmt::format("on {}: apt-get install rsync", peer);
    default: return fmt::format("read the log of {}: journalctl -t tandem-sync-gate", peer);
  }
}

Trouble told(Reason reason, const CopyNames& names, const std::string& message) {
  const bool of_all = ends_the_run(reason) && reason != timed_out;
  return {reason, of_all ? message : fmt::format("{}: {}", names.folder, message)};
}

bool is_rsyncs(const std::string& line) { return line.starts_with("rsync"); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (TextLine& line : split_lines(text)) lines.push_back(std::move(line.text));
  return lines;
}

std::string lines_where(const std::string& errors, bool of_rsync) {
  std::string text;
  for (const std::string& line : lines_of(errors))
    if (!line.empty() && is_rsyncs(line) == of_rsync) text += line + "\n";
  return text;
}

// The first line says what happened; the last of rsync's only repeats the exit status.
std::string detail_of(const std::string& errors) {
  for (const std::string& line : lines_of(errors))
    if (!line.empty() && !line.starts_with("rsync error:")) return line.substr(0, kDetailMax);
  return "no word why";
}

Reason reason_of_ssh(Fault fault) {
  switch (fault) {
    case Fault::denied: return key_refused;
    case Fault::bad_certificate: return host_key;
    default: return unreachable;
  }
}

bool is_of_ssh(int status, const std::string& said_by_ssh) {
  // Over a connection that is cut rsync ends with 12 or 255, and ssh says why, if it knows.
  return (status == 255 || status == 12) && !said_by_ssh.empty();
}

// What ssh says of a connection that it had, or another ssh had for it.
constexpr std::array<std::string_view, 5> kCutWords = {
    "closed by remote host", "Broken pipe", "Connection reset", "mux_client", "not responding"};

Trouble of_ssh(const CopyNames& names, const SshEnds& ends, const std::string& said) {
  for (const std::string_view words : kCutWords)
    if (said.find(words) != std::string::npos)
      return told(
          cut, names,
          fmt::format("the connection to {} was cut: {}; {}", names.peer, detail_of(said), kAgain));
  const Error error = ssh_trouble(said, ends);
  return told(reason_of_ssh(error.fault), names, error.message);
}

Trouble of_error(const CopyNames& names, const Error& error) {
  switch (error.fault) {
    case Fault::cancelled: return told(aborted, names, "the copy was aborted");
    case Fault::timed_out:
      return told(timed_out, names, fmt::format("{}; {}", error.message, kAgain));
    case Fault::not_found:
      return told(rsync_missing, names,
                  fmt::format("{}; on this node: apt-get install rsync util-linux", error.message));
    default: return told(failed, names, error.message);
  }
}

}  // namespace

std::string rsync_status(int status) {
  const auto row = std::ranges::find(kExits, status, &Exit::status);
  return fmt::format("{} ({})", status, row == kExits.end() ? "no known meaning" : row->words);
}

std::optional<std::string> gate_refusal(std::string_view errors) {
  const auto at = errors.find(kRefused);
  if (at == std::string_view::npos) return std::nullopt;
  const auto text = errors.substr(at + kRefused.size());
  const auto end = text.find_first_of("\r\n");
  return std::string(text.substr(0, std::min(end, kDetailMax)));
}

Reason reason_of_refusal(std::string_view refusal) {
  for (const Refusal& row : kRefusals)
    if (refusal.find(row.words) != std::string_view::npos) return row.reason;
  return gate_refused;
}

std::optional<Trouble> trouble_of(const CopyNames& names, const SshEnds& ends,
                                  const Result<CommandOutcome>& outcome) {
  if (!outcome.ok()) return of_error(names, outcome.error());
  const CommandOutcome& ended = outcome.value();
  if (ended.succeeded()) return std::nullopt;
  if (const auto refusal = gate_refusal(ended.errors)) {
    const Reason reason = reason_of_refusal(*refusal);
    return told(
        reason, names,
        fmt::format("{} says: {}; {}", names.peer, *refusal, remedy_of(reason, names.peer)));
  }
  if (ended.signal != 0)
    return told(cut, names, fmt::format("rsync was ended by signal {}; {}", ended.signal, kAgain));
  const auto with = [&](Reason reason, std::string_view remedy) {
    return told(reason, names,
                fmt::format("rsync ended with {}: {}; {}", rsync_status(ended.exit_status),
                            detail_of(ended.errors), remedy));
  };
  for (const Words& row : kWritten)
    if (ended.errors.find(row.words) != std::string::npos) return with(row.reason, row.remedy);
  const std::string said_by_ssh = lines_where(ended.errors, false);
  if (is_of_ssh(ended.exit_status, said_by_ssh)) return of_ssh(names, ends, said_by_ssh);
  const auto row = std::ranges::find(kExits, ended.exit_status, &Exit::status);
  if (row == kExits.end()) return with(failed, kReport);
  return with(row->reason, row->remedy);
}

Trouble trouble_of_session(const Error& error) {
  switch (error.fault) {
    case Fault::not_found: return {no_key, error.message};
    case Fault::denied: return {key_refused, error.message};
    case Fault::bad_certificate: return {host_key, error.message};
    case Fault::cancelled: return {aborted, error.message};
    case Fault::invalid: return {failed, error.message};
    default: return {unreachable, error.message};
  }
}

Trouble trouble_of_look(const std::string& folder, const Error& error) {
  if (error.fault == Fault::invalid)
    return {source_not_folder,
            fmt::format("{}: it is no folder on this node; nothing is copied and nothing deleted",
                        folder)};
  return {source_unreadable, fmt::format("{}; nothing is copied and nothing deleted: look at this "
                                         "node's disks (df, dmesg)",
                                         error.message)};
}

}  // namespace tandem::files
