// The copy of one folder: compared first, judged, and only then carried out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pbx/peer_ssh.h"
#include "ports/attended_process.h"
#include "replication/files/command.h"
#include "replication/files/guards.h"
#include "replication/files/itemised.h"
#include "replication/files/troubles.h"

namespace tandem::files {

// What one run of rsync came to.
struct Passage {
  std::optional<Trouble> trouble;
  CopyCounts counts;
  CopySum sum;
  std::vector<std::string> deleted_names;

  CopyPlan plan() const { return {counts, sum.files_here, deleted_names}; }
};

// Runs one rsync. `tells` is called with the counts so far, at most once a piece of its output.
// `attendance_of` is told whom to ask to end it, and nullptr once it has ended.
class Passenger {
 public:
  using Tells = std::function<void(const CopyCounts&)>;
  using Attended = std::function<void(Attendance*)>;

  Passenger(AttendedProcess& programs, Attended attended)
      : programs_(programs), attended_(std::move(attended)) {}

  // `peer` is the other node, as people call it.
  Task<Passage> run(CopyCommand copy, SshEnds ends, std::string peer, Tells tells);

 private:
  AttendedProcess& programs_;
  Attended attended_;
};

}  // namespace tandem::files
