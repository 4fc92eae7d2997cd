// What takeover and failback remember, on the disk.
#pragma once

#include <optional>
#include <string>

#include "core/condition.h"
#include "core/result.h"
#include "ports/slot_file.h"
#include "reconciler/failover/memory.h"

namespace tandem {

class MemoryKeeper {
 public:
  // `expected`: this node has kept a memory before, as the rest of its state tells, so that one
  // that is not there was lost.
  explicit MemoryKeeper(SlotFile& file, bool expected = false) : file_(file), expected_(expected) {}

  // nullopt: nothing was kept yet. A failure says what is wrong; keep() still works after it,
  // unless the file is of a newer format.
  Result<std::optional<FailoverMemory>> load();

  // Before any declaration is accepted: where nothing was ever kept, that is kept. From then on a
  // memory that is not there was lost.
  void begin();

  // On the disk when it returns success. Nothing is written where nothing changed.
  Status keep(const FailoverMemory& memory);

  // Somebody knows of the memory that could not be read: it is told no more, unless it is a newer
  // program's, which still forbids every write.
  void get_over_loss();
  // It could not be read, at this start or an earlier one, and nobody has got over it since.
  bool is_lost() const { return lost_; }

  // StateDurable: False with the remedy where the last write or the load failed (StateNotDurable),
  // or where the write hangs (DiskHangs).
  Condition condition() const;

 private:
  SlotFile& file_;
  const bool expected_;
  std::optional<std::string> kept_;  // the text that is surely on the disk
  std::optional<Error> unreadable_, unwritable_;
  bool newer_ = false;  // what is kept is a newer program's: it is never written over
  bool lost_ = false;
  bool new_ = false;  // nothing was ever kept
};

}  // namespace tandem
