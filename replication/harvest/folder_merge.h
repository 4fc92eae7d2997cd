// A tree of files: what of it is not here comes home.
#pragma once

#include <string>
#include <vector>

#include "ports/spool.h"
#include "replication/harvest/merge_report.h"

namespace tandem::harvest {

// Where both nodes have another file of one name: the newer one gets the name and the one here is
// kept beside it, hidden; or the one here keeps its name and the brought one gets another.
enum class Wins { newer, neither };

class FolderMerge {
 public:
  static constexpr int kDepthMax = 32;

  FolderMerge(Spool& spool, const MergeOrder& order, MergeReport& report, Wins wins)
      : spool_(spool), order_(order), report_(report), wins_(wins) {}

  void run() { folder("", 0); }

 private:
  void folder(const std::string& path, int depth);
  void file(const std::string& folder, const SpoolEntry& brought);
  Status conflict(const std::string& folder, const SpoolEntry& brought, const SpoolEntry& ours);
  Status put_beside(const std::string& folder, const std::string& name);
  void came_home() { ++(wins_ == Wins::newer ? report_.counts.sounds : report_.counts.recordings); }

  Spool& spool_;
  const MergeOrder& order_;
  MergeReport& report_;
  Wins wins_;
};

}  // namespace tandem::harvest
