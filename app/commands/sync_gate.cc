// `tandem sync-gate`: what sshd runs for the key of the other node, whatever that node asks for.
//
// Whoever holds the key decides what is in SSH_ORIGINAL_COMMAND. Nothing of it reaches a shell; a
// copy runs as an rsync that is held in one folder.
#include <fmt/format.h>
#include <poll.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/facts.h"
#include "app/gate.h"
#include "core/wording.h"
#include "pbx/profile.h"
#include "ports/confined_program.h"
#include "ports/dbus_units.h"
#include "ports/path.h"
#include "ports/real_filesystem.h"
#include "ports/real_incoming_copies.h"
#include "probes/standing_probe.h"
#include "reconciler/spec_keeper.h"
#include "replication/files/direction.h"
#include "replication/harvest/owed.h"

namespace tandem {
namespace {

using Verb = GateRequest::Verb;

constexpr const char* kRsync = "/usr/bin/rsync";
constexpr const char* kAsterisk = "asterisk.service";
constexpr std::chrono::seconds kPasswordDeadline{10};
constexpr std::size_t kPasswordInputMax = 1024;

std::string text_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

void note(int priority, const std::string& what) {
  openlog("tandem-sync-gate", LOG_PID, LOG_AUTH);
  syslog(priority, "%s", what.c_str());
  closelog();
}

int refuse(const std::string& asked, const std::string& client, const std::string& why) {
  note(LOG_NOTICE, fmt::format("refused {} from {}: {}", in_quotes(asked), client, why));
  fmt::print(stderr, "tandem sync-gate: refused: {}\n", why);
  return kExitFailed;
}

// The options stand in the line of authorized_keys; the environment is the other node's.
std::optional<std::string> foreign_variable() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.starts_with("TANDEM_")) return std::string(text.substr(0, text.find('=')));
  }
  return std::nullopt;
}

// Standard input up to its end, a limit or a deadline.
Result<std::string> read_input(std::size_t limit) {
  const auto deadline = std::chrono::steady_clock::now() + kPasswordDeadline;
  std::string text;
  while (text.size() <= limit) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waited{STDIN_FILENO, POLLIN, 0};
    if (left.count() <= 0 || poll(&waited, 1, static_cast<int>(left.count())) == 0)
      return Error{Fault::timed_out, "the password did not come"};
    std::array<char, 1024> chunk{};
    const auto size = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Error{Fault::unavailable, "the password can not be read"};
    if (size == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return Error{Fault::too_large, "more came than a password has"};
}

class Gate {
 public:
  explicit Gate(const OperatorConfig& config)
      : config_(config),
        disk_(io_.get_executor(), "/"),
        files_(io_.get_executor(), config.root),
        specs_(disk_, config.pair, config.state_dir, config.node) {
    // A first declaration that waits for its order is enough to take a password.
    if (!specs_.load().ok() || !specs_.view().accepted) specs_.preview();
  }

  // A copy into this node is on record before anything else is asked, and the record stays with the
  // program that this process becomes. A disk that takes no record takes no copy.
  Status record(Verb verb) {
    if (verb != Verb::push) return success();
    auto begun = IncomingCopy::begin(config_.state_dir + kIncomingFolder);
    if (!begun.ok()) return begun.error();
    incoming_.emplace(std::move(begun).value());
    return success();
  }

  std::optional<std::string> refuses(Verb verb, const std::string& client) {
    const SpecView& view = specs_.view();
    const HAPair* accepted = view.accepted ? &*view.accepted : nullptr;
    pair_ = verb == Verb::password ? view.wanted() : accepted;
    GateKnowledge known{config_.node, client, pair_, Error{Fault::invalid, "no declaration"}};
    if (pair_ != nullptr) known.standing_by = stands_by(files_, profile_of(pair_->product));
    if (verb == Verb::push && known.standing_by.ok() && known.standing_by.value() &&
        asterisk_runs())
      return "Asterisk runs on this node although it is marked as standing by: nothing is written";
    return gate_refuses(known, verb);
  }

  Result<std::string> password() {
    const auto text = read_input(kPasswordInputMax);
    if (!text.ok()) return text.error();
    return take_password(disk_, config_.postgres_password_file, text.value());
  }

  // What is known of it here; the marker and Asterisk tell whether more may be left.
  Result<std::string> harvest_owed() {
    const auto owed = harvest::read_owed(disk_, config_.state_dir);
    if (!owed.ok()) return owed.error();
    const auto marked = stands_by(files_, profile_of(pair_->product));
    if (!marked.ok()) return marked.error();
    return harvest::to_text({owed.value(), marked.value() && !asterisk_runs()});
  }

  Result<std::string> harvest_home(std::uint64_t number) {
    const auto settled = harvest::settle(disk_, config_.state_dir, number);
    if (!settled.ok()) return settled.error();
    return std::string("home\n");
  }

  // Returns only where it fails.
  Error copy(const GateRequest& request) {
    const auto place = place_of(request.folder, gate_folders(*pair_, request.verb));
    if (!place.ok()) return place.error();
    const bool push = request.verb == Verb::push;
    if (push) {
      if (const auto why =
              harvest_refuses(*pair_, request.folder, harvest::read_owed(disk_, config_.state_dir)))
        return Error{Fault::denied, *why};
    }
    // Should this node be made the primary by an edit, it must not begin to copy back by itself. A
    // disk that takes no note takes no copy either.
    if (push) {
      const auto kept =
          files::keep_direction(disk_, config_.state_dir, files::direction_of(*pair_));
      if (!kept.ok()) return kept.error();
    }
    if (push && place.value().below.empty()) {
      const auto made = files_.make_directories(place.value().allowed);
      if (!made.ok()) return made.error();
    }
    const auto folder = hold_folder(config_.root, place.value().allowed, place.value().below);
    if (!folder.ok()) return folder.error();
    ConfinedProgram program;
    program.argv = {kRsync, "--server"};
    if (!push) program.argv.emplace_back("--sender");
    program.argv.insert(program.argv.end(), request.options.begin(), request.options.end());
    // No file comes with the set-uid bit: it would be root's, in a folder that others run from.
    if (push) program.argv.emplace_back("--chmod=Fug-s");
    program.argv.insert(program.argv.end(), {".", "."});
    program.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/"};
    program.may_write = push;
    return become(program, folder.value());
  }

 private:
  // Where there is no bus to ask, the marker alone tells.
  bool asterisk_runs() {
    SystemBus bus(io_.get_executor(), SystemBus::address_in(config_.root));
    DbusUnits units(bus);
    std::vector<std::string> names;
    names.emplace_back(kAsterisk);
    const auto states = run_to_end(io_, units.states(std::move(names)));
    if (!states.ok()) return false;
    const auto found = states.value().find(kAsterisk);
    return found != states.value().end() && found->second.active != "inactive" &&
           found->second.active != "failed";
  }

  const OperatorConfig& config_;
  boost::asio::io_context io_{1};
  RealFilesystem disk_;   // at `/`: the declaration, the password
  RealFilesystem files_;  // at the root: what is copied
  SpecKeeper specs_;
  const HAPair* pair_ = nullptr;
  std::optional<IncomingCopy> incoming_;
};

// What is asked for, done; an error is the reason why not.
Result<std::string> serve(Gate& gate, const OperatorConfig& config, const GateRequest& request) {
  switch (request.verb) {
    case Verb::facts: return facts_now(config);
    case Verb::password: {
      auto taken = gate.password();
      if (!taken.ok()) return taken;
      return taken.value() + "\n";
    }
    case Verb::harvest_owed: return gate.harvest_owed();
    case Verb::harvest_home: return gate.harvest_home(request.number);
    case Verb::push:
    case Verb::pull: return gate.copy(request);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace

int sync_gate_command(const Options& options) {
  const std::string asked = text_of("SSH_ORIGINAL_COMMAND");
  const std::string connection = text_of("SSH_CONNECTION");
  const std::string client = client_of(connection.c_str());
  if (const auto variable = foreign_variable())
    return refuse(asked, client,
                  fmt::format("the variable {} came with the connection; take it out of AcceptEnv "
                              "in sshd_config",
                              *variable));
  const auto request = parse_gate_command(asked);
  if (!request.ok()) return refuse(asked, client, request.error().message);
  const auto config = load_config(options);
  if (!config.ok()) return refuse(asked, client, config.error().message);
  Gate gate(config.value());
  const auto recorded = gate.record(request.value().verb);
  if (const auto why = gate.refuses(request.value().verb, client))
    return refuse(asked, client, *why);
  if (!recorded.ok()) return refuse(asked, client, recorded.error().message);
  // These are asked for every few minutes.
  const Verb verb = request.value().verb;
  note(verb == Verb::facts || verb == Verb::harvest_owed ? LOG_INFO : LOG_NOTICE,
       fmt::format("{} from {}", in_quotes(asked), client));
  const auto answer = serve(gate, config.value(), request.value());
  if (!answer.ok()) return refuse(asked, client, answer.error().message);
  fmt::print("{}", answer.value());
  return kExitGood;
}

}  // namespace tandem
