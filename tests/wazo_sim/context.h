// What all services of the node share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

namespace tandem::wazo_sim {

struct Options {
  std::filesystem::path root;   // the node's file system: provd's and sysconfd's files
  std::filesystem::path state;  // confd.json and auth.json: what the real ones keep in PostgreSQL
  std::string bind = "127.0.0.1";
  std::string own_address = "10.0.0.1";  // what the wizard wrote into the provisioning documents
  std::string user = "tandem";
  std::string password = "tandem";
  std::uint16_t confd_port = 0;  // 0: any free one
  std::uint16_t provd_port = 0;
  std::uint16_t auth_port = 0;
  std::uint16_t sysconfd_port = 0;
  std::uint16_t control_port = 0;
  bool provd_down = false;
  bool unconfigured = false;
  bool run_programs = false;  // what sysconfd calls is run where the root has it
  bool sip_general = false;
  std::uint64_t seed = 0;
};

// Written by one service, read by others. Everything here is guarded by the simulator's mutex.
struct Context {
  explicit Context(Options given) : options(std::move(given)), dice(options.seed) {}

  const Options options;
  std::mt19937_64 dice;       // for what the seed must replay: the order of pairs
  std::uint64_t changes = 0;  // counts writes, so that the journal can tell which call made some
};

// Microseconds since 1970.
std::int64_t wall_now();

// "2026-11-22T04:12:08.143694", in UTC and without a zone, as the vendor writes it.
std::string iso_time(std::int64_t microseconds);

// A random UUID, version 4. Not from the seed: tokens must differ from run to run and node to node.
std::string new_uuid();

bool is_uuid(const std::string& text);

}  // namespace tandem::wazo_sim
