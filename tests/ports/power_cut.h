// What a disk may hold after a loss of power, worked out from the system calls that a write really
// makes: whatever no fsync has made last may be lost, and data may be torn or zeroed.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/ports/syscall_stepper.h"

namespace tandem {

// One folder and its files. Entries come to the disk in their order, as journalling filesystems
// keep it, but none for sure before the folder is synced; data and mode of a file not before the
// file is.
class PowerCutDisk {
 public:
  // A file that was there long before, all on the disk.
  void put(const std::string& name, const std::string& data, mode_t mode);

  // Follows a call that `child` has made. Calls that do not concern the folder are passed over.
  void follow(pid_t child, const Syscall& call);

  // What may be found under `name` if the power goes now. nullopt: nothing is there.
  using Found = std::optional<std::pair<std::string, mode_t>>;
  std::set<Found> after_power_cut(const std::string& name) const;

  // How many calls changed or synced something, and of them the syncs.
  int steps() const { return steps_; }
  int syncs() const { return syncs_; }

 private:
  struct Inode {
    std::string data, synced_data;
    mode_t mode = 0, synced_mode = 0;
  };
  using Entries = std::map<std::string, std::size_t>;  // name to inode
  using EntryChange = std::function<void(Entries&)>;

  void opened(pid_t child, const Syscall& call);
  void written(pid_t child, const Syscall& call, Inode& inode);
  void change_entries(EntryChange change);
  void synced(int descriptor);
  Inode* file_of(std::uint64_t descriptor);

  std::vector<Inode> inodes_;
  Entries durable_;
  std::vector<EntryChange> pending_;  // since the folder was synced
  std::map<int, std::size_t> files_;  // by descriptor: files that the child made
  std::set<int> folders_;
  int steps_ = 0, syncs_ = 0;
};

}  // namespace tandem
