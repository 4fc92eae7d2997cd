// What every command takes: the operator file and the overrides. Flags win over the environment,
// the environment over the file.
#pragma once

#include <optional>
#include <string>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

inline constexpr int kExitGood = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitChanges = 2;        // of plan; of status: degraded
inline constexpr int kExitUsage = 64;         // EX_USAGE of sysexits.h
inline constexpr int kExitInterrupted = 130;  // what was ordered was cancelled by a signal

struct Options {
  static constexpr const char* kOperatorFile = "/etc/tandem/operator.yaml";

  std::optional<std::string> operator_file;  // given by flag or environment: must exist
  std::optional<std::string> pair, node, root, listen, state_dir;
  bool no_color = false;
};

// The operator file with the overrides, `node` filled in from the host name where it is empty.
// invalid: all problems, a line each.
Result<OperatorConfig> load_config(const Options& options);

}  // namespace tandem
