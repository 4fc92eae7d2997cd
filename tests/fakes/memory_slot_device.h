// The bytes of a SlotFile in memory, with a cache before the disk, so that a test may tear, refuse
// and lie, and pull the plug.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "ports/slot_file.h"

namespace tandem::fakes {

class MemorySlotDevice : public SlotDevice {
 public:
  std::optional<std::string> cache;  // what a read sees
  std::optional<std::string> disk;   // what is there after a crash
  // The next write puts only so many bytes in place, and fails.
  std::optional<std::size_t> torn_after;
  std::optional<Error> refusal;  // of every write, which then changes nothing
  std::optional<Error> read_error;
  std::optional<Error> sync_error;   // the bytes are in the cache, and never come to the disk
  std::optional<int> refused_after;  // so many writes more are taken
  bool sync_lies = false;            // the same, told as success
  int writes = 0;

  Result<std::string> read() override {
    if (read_error) return *read_error;
    if (!cache) return Error{Fault::not_found, name_ + ": nothing there"};
    return *cache;
  }

  Status create(const std::string& bytes) override {
    if (refusal) return *refusal;
    ++writes;
    if (torn_after) {
      torn_after.reset();
      return Error{Fault::unavailable, name_ + ": cut"};
    }
    if (sync_error) return *sync_error;
    cache = bytes;
    if (!sync_lies) disk = bytes;
    return success();
  }

  Status write(std::size_t offset, const std::string& bytes) override {
    if (refusal) return *refusal;
    if (!cache) return Error{Fault::not_found, name_ + ": nothing there"};
    if (refused_after && (*refused_after)-- <= 0)
      return Error{Fault::unavailable, name_ + ": Input/output error"};
    ++writes;
    const std::size_t count = std::min(torn_after.value_or(bytes.size()), bytes.size());
    if (cache->size() < offset + bytes.size()) cache->resize(offset + bytes.size());
    cache->replace(offset, count, bytes, 0, count);
    const bool torn = torn_after.has_value();
    torn_after.reset();
    if (sync_error) return *sync_error;
    if (!sync_lies) disk = cache;
    if (torn) return Error{Fault::unavailable, name_ + ": cut"};
    return success();
  }

  const std::string& name() const override { return name_; }

  // The power goes: what was not synced is lost.
  void crash() { cache = disk; }

 private:
  std::string name_ = "/var/lib/tandem/failover";
};

}  // namespace tandem::fakes
