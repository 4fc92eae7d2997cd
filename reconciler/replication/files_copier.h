// The copy of files, as its keeper runs it: on change, and compared as a whole by interval.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/replication/copier.h"
#include "replication/files/change_follower.h"
#include "replication/files/file_replica.h"

namespace tandem {

class FilesCopier : public Copier {
 public:
  struct Parts {
    Clock& clock;
    Trees& trees;
    files::FileReplica& replica;
  };

  explicit FilesCopier(Parts parts);

  // Until stop().
  Task<void> run_following();
  void stop();

  CopyKind kind() const override { return CopyKind::files; }
  Task<CopyTold> run(CopyAsk ask) override;
  void abort() override { parts_.replica.abort(); }
  void forget() override;
  std::optional<CopyMeter> meter() const override { return meter_; }
  Signal& wake() override { return *changed_; }
  Instant due(const HAPair& pair, Instant begun) const override;
  void follow(const HAPair* pair) override;
  std::vector<Condition> conditions() const override;

 private:
  bool compares(const CopyAsk& ask) const;
  files::Order order_of(const CopyAsk& ask, bool whole);
  CopyTold take_up(const files::FilesGoal& goal, const files::Report& report, bool whole);

  Parts parts_;
  std::unique_ptr<Signal> changed_;   // something is due, or may be earlier than was said
  std::unique_ptr<Signal> watching_;  // of run_following(): others are to be followed
  std::vector<Tree> declared_;        // of which copies are made
  std::vector<Tree> wanted_;          // of these, which are followed: all or none
  bool stopping_ = false;
  std::unique_ptr<files::ChangeFollower> follower_;  // while it follows
  std::optional<Instant> compared_;
  std::optional<CopyMeter> meter_;
  // The last of each folder: a run may have looked at some of them only.
  std::map<std::string, files::FolderReport> last_;
  std::vector<Condition> told_;
};

// What is told of a run, which may have looked at some folders only; `standing` is the last of each
// folder that is copied.
CopyTold told_of(const files::FilesGoal& goal, const files::Report& run,
                 const files::Report& standing);

}  // namespace tandem
