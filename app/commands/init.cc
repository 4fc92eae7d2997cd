// `tandem init`: on the primary, the key and the password with which it replicates, and their way
// to the secondary; on the secondary, what is still missing.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "app/blocking.h"
#include "app/commands/commands.h"
#include "app/locks.h"
#include "app/peering.h"
#include "app/secrets.h"
#include "app/terminal.h"
#include "pbx/authorized_keys.h"
#include "pbx/postgres_password.h"
#include "ports/foreground.h"
#include "ports/path.h"
#include "ports/real_filesystem.h"
#include "ports/real_process.h"
#include "reconciler/spec_keeper.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kLoginDeadline{300};  // a person types a password
constexpr std::size_t kKeyLineMax = 1024;

using Json = nlohmann::ordered_json;

Result<bool> ask_person(const std::string& question) {
  if (isatty(STDIN_FILENO) != 1) return Error{Fault::unavailable, "there is no terminal to ask at"};
  fmt::print(stderr, "{}\nIs it the same? Type yes: ", question);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

// The file of this program, as the line in authorized_keys names it.
std::string own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "/usr/bin/tandem" : path.string();
}

// Everything that the two sides of `init` stand on.
struct World {
  World(const Options& given, const OperatorConfig& loaded)
      : options(given),
        config(loaded),
        disk(io.get_executor(), "/"),
        files(io.get_executor(), config.root),
        specs(disk, config.pair, config.state_dir, config.node) {}

  PeeringDoors doors() {
    PeeringDoors doors{disk, files, programs, {}, ask_person, {}, new_postgres_password};
    doors.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
    doors.login = [](const std::vector<std::string>& argv, const std::string& input) {
      return run_in_foreground(argv, input, kLoginDeadline);
    };
    return doors;
  }

  const Options& options;
  const OperatorConfig& config;
  boost::asio::io_context io{1};
  RealFilesystem disk;
  RealFilesystem files;
  RealProcess programs;
  SpecKeeper specs;
};

Result<Json> on_primary(World& world, const HAPair& pair, const InitFlags& flags) {
  const auto folder = make_private_folder(world.config.ssh_dir);
  if (!folder.ok()) return folder.error();
  Peering peering(world.doors(), world.config, pair);
  if (!flags.print_authorized_key) return run_to_end(world.io, peering.set_up(flags));
  const auto line = run_to_end(world.io, peering.authorized_line(flags));
  if (!line.ok()) return line.error();
  Json told;
  told["line"] = line.value();
  told["file"] = fmt::format("{} of {}", kAuthorizedKeys, pair.secondary.name);
  return told;
}

Result<std::string> read_key() {
  std::string line(kKeyLineMax + 1, '\0');
  std::cin.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(std::cin.gcount()));
  if (line.size() <= kKeyLineMax) return line;
  return Error{Fault::too_large, "standard input holds more than one public key"};
}

Result<Json> on_secondary(World& world, const HAPair& pair, const InitFlags& flags) {
  if (!flags.authorize) return secondary_state(world.disk, world.files, world.config, pair);
  const auto key = read_key();
  if (!key.ok()) return key.error();
  const std::string root = world.config.root == "/" ? "" : world.config.root;
  const auto folder = make_private_folder(root + parent_folder(kAuthorizedKeys));
  if (!folder.ok()) return folder.error();
  const std::string gate =
      gate_command(own_program(), world.options.operator_file.value_or(std::string()));
  const auto installed = authorize_key(world.files, pair, key.value(), gate);
  if (!installed.ok()) return installed.error();
  Json told;
  told["node"] = world.config.node;
  told["authorization"] = installed.value();
  return told;
}

Result<Json> init_now(World& world, const InitFlags& flags) {
  // The declaration may still wait for its order: the key comes before it.
  world.specs.preview();
  if (world.specs.view().refused) return *world.specs.view().refused;
  const HAPair& pair = *world.specs.view().wanted();
  const bool primary = pair.primary.name == world.config.node;
  if (primary && flags.authorize)
    return Error{Fault::invalid, fmt::format("{} is the primary: its key is taken by {}",
                                             world.config.node, pair.secondary.name)};
  if (!primary && (flags.print_authorized_key || !flags.accept_host_key.empty()))
    return Error{Fault::invalid, fmt::format("{} is the secondary; run this on {}",
                                             world.config.node, pair.primary.name)};
  return primary ? on_primary(world, pair, flags) : on_secondary(world, pair, flags);
}

std::string word(const Json& told, const char* key) { return told.at(key).get<std::string>(); }

void print_text(const Json& told) {
  if (told.contains("line")) {
    fmt::print("{}\n", word(told, "line"));
    return;
  }
  const auto line = [](std::string_view what, const std::string& state) {
    fmt::print("{:<25}{}\n", what, state);
  };
  if (told.contains("key")) line("key of this node", word(told, "key"));
  if (told.contains("hostKey")) line("host key there", word(told, "hostKey"));
  line("authorization", word(told, "authorization"));
  if (told.contains("databasePassword"))
    for (const auto& [where, state] : told.at("databasePassword").items())
      line(where == "here" ? "database password" : "database password there",
           state.get<std::string>());
  if (told.contains("next")) line("next", word(told, "next"));
}

}  // namespace

int init_command(const Options& options, const InitFlags& flags) {
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  World world(options, config.value());
  const auto told = init_now(world, flags);
  // Whatever became of it: what the operator says of the key shall not be of before.
  if (!flags.print_authorized_key) NodeLocks::wake_holder(config.value());
  if (!told.ok()) {
    print_error(options, told.error().message);
    return kExitFailed;
  }
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(told.value()));
  else
    print_text(told.value());
  const bool missing = told.value().contains("next") && told.value().at("next") != "nothing";
  return missing ? kExitFailed : kExitGood;
}

}  // namespace tandem
