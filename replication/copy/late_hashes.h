// The primary's hashes of tables that are replaced as a whole, taken while the secondary writes: so
// the proof of what was written costs no time of its own on the primary's side.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "replication/database/hashing.h"

namespace tandem {

class LateHashes {
 public:
  LateHashes() = default;
  // Ends what is under way.
  ~LateHashes();
  LateHashes(const LateHashes&) = delete;
  LateHashes& operator=(const LateHashes&) = delete;

  // `session` sees the copy's snapshot of the primary, and ends its waits by `stop`.
  void begin(std::unique_ptr<DatabaseSession> session, std::stop_source stop,
             std::vector<HashPlan> plans);

  // Waits for the rest; by table. Empty where nothing was begun.
  Result<std::map<std::string, TableHash>> take();

 private:
  void work(const std::vector<HashPlan>& plans);

  std::stop_source stop_;
  std::unique_ptr<DatabaseSession> session_;
  std::map<std::string, TableHash> hashes_;
  std::optional<Error> failure_;
  std::thread thread_;
};

}  // namespace tandem
