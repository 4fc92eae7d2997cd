// The seven steps of sysconfd's POST /update_ha_config, on the node's disk. They stop at the first
// that fails, and nothing is undone: that is what leaves a node half applied.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

class HaSteps {
 public:
  // Whether this step is to fail now.
  using Fails = std::function<bool(const std::string& step)>;
  // Runs a command line; whether it went well.
  using Run = std::function<bool(const std::string& line)>;

  HaSteps(std::filesystem::path root, Fails fails, Run run)
      : root_(std::move(root)), fails_(std::move(fails)), run_(std::move(run)) {}

  // Whether all of them went well. `wanted` is stored as it is, whatever it says.
  bool apply(const Json& wanted);

 private:
  bool write_ha_conf(const Json& wanted);
  bool edit_pg_hba(const Json& wanted);
  bool edit_postgresql_conf(const Json& wanted);
  bool restart_postgresql();
  bool replace_cron_files(const Json& wanted);
  bool start_services(const Json& wanted);
  bool place_sentinels(const Json& wanted);

  std::filesystem::path root_;
  Fails fails_;
  Run run_;
};

// What the packages and a first start leave on a node, as far as it is missing.
void install_node(const std::filesystem::path& root);

}  // namespace tandem::wazo_sim
