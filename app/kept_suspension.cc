#include "app/kept_suspension.h"

#include <filesystem>

#include "ports/real_slot_device.h"
#include "reconciler/failover/memory_keeper.h"
#include "reconciler/spec_keeper.h"

namespace tandem {

bool memory_is_expected(const std::string& state_dir) {
  std::error_code unreadable;
  return std::filesystem::exists(SpecKeeper::accepted_path(state_dir), unreadable) || unreadable;
}

void begin_memory(const std::string& state_dir) {
  RealSlotDevice device(state_dir + "/failover");
  TwoSlots slots(device);
  MemoryKeeper keeper(slots, memory_is_expected(state_dir));
  if (keeper.load().ok()) keeper.begin();
}

Result<std::optional<Suspension>> kept_suspension(const OperatorConfig& config, WallTime now) {
  RealSlotDevice device(config.state_dir + "/failover");
  TwoSlots slots(device);
  MemoryKeeper keeper(slots, memory_is_expected(config.state_dir));
  const auto memory = keeper.load();
  if (!memory.ok()) {
    Error error = memory.error();
    error.message +=
        ": whether the node is suspended can not be told. Start the operator (systemctl start "
        "tandem): it holds still until you have looked";
    return error;
  }
  if (!memory.value() || !memory.value()->suspension) return std::optional<Suspension>();
  const bool over = now >= memory.value()->suspension->until && !is_of_loss(*memory.value());
  return over ? std::optional<Suspension>() : memory.value()->suspension;
}

}  // namespace tandem
