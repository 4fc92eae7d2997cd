// The copies of files that come in, by their records in a folder.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/clock.h"
#include "ports/descriptor.h"
#include "ports/incoming_copies.h"
#include "ports/job_records.h"

namespace tandem {

// The record of this process as a copy that comes in. It goes with its owner; where the process
// becomes another program it stays, and names that one: exec keeps number and start.
class IncomingCopy {
 public:
  // Of copies that run at a time, and of names in the folder that one of them looks through.
  static constexpr std::size_t kCopiesMax = 32;
  static constexpr std::size_t kNamesMax = 1000;

  // This process leads a group of its own from here on, with which it can be ended. What dead ones
  // left is removed. An error, and nothing may be copied: this node is about to serve, the disk
  // takes no record, too many copies run. Ask what else may forbid the copy afterwards, not before:
  // an operator that begins to serve looks for records once it has changed the answer.
  static Result<IncomingCopy> begin(const std::string& folder);

  IncomingCopy(IncomingCopy&& other) noexcept;
  IncomingCopy& operator=(IncomingCopy&&) = delete;
  ~IncomingCopy();

 private:
  explicit IncomingCopy(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// The operator's side. The disk is read by a thread of its own, so that one that hangs holds
// nothing up. A signal goes only to a process whose number and start are those of the record, and
// to the group that it leads: rsync is several processes.
class RealIncomingCopies : public IncomingCopies {
 public:
  static constexpr std::chrono::milliseconds kLookMax{500};
  // From SIGTERM to SIGKILL, and from there until it is given up. With the look: within 2 s.
  static constexpr std::chrono::milliseconds kTermMax{1000};
  static constexpr std::chrono::milliseconds kKillMax{400};

  RealIncomingCopies(std::string folder, Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  Task<Result<Ended>> end_all() override;
  void admit() override;

 private:
  struct Look {
    Descriptor door;  // locked: shut
    std::vector<JobRecord> copies;
  };
  // A look under way. Two may wait for the same one: what the keeper of the door ends, and what has
  // to be ended before the node serves.
  struct Looking {
    std::future<Result<Look>> ends;
    std::optional<Result<Look>> found;

    bool is_over();
  };
  struct Copy {
    JobRecord record;
    bool leads;  // a group

    bool runs() const;
    void send(int signal) const;
  };

  static Result<Look> look(const std::string& folder, bool shut);
  Status begin_to_look();
  void keep_the_door();
  Task<Result<std::vector<JobRecord>>> looked();
  Task<void> wait_for_end_of(const std::vector<Copy>& copies, Instant deadline);

  std::string folder_;
  Clock& clock_;
  Descriptor door_;
  std::shared_ptr<Looking> under_way_;  // null: none, or nobody's any more
};

}  // namespace tandem
