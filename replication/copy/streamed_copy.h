// One run of the database's copy where a stream may be declared: it brings the stream on its way,
// proves it, begins it anew where it broke off, takes it away where none is declared, and copies by
// snapshot wherever it can not be had. From what is there: what an earlier run was doing when it
// was killed does not matter.
#pragma once

#include "replication/copy/database_copy.h"
#include "replication/stream/servers.h"

namespace tandem::stream {

class StreamedCopy {
 public:
  // Of one run, so that nothing goes round for ever.
  static constexpr int kStepsMax = 12;

  StreamedCopy(Databases& databases, const Clock& clock)
      : databases_(databases), copy_(databases, clock) {}

  // As DatabaseCopy::run(). With order.since everything is not asked for: where the stream runs,
  // what it does not bring is looked at.
  CopyOutcome run(const CopyOrder& order, std::stop_token stop, const ProgressSink& sink);

 private:
  CopyOutcome at_end(Servers& servers, const CopyOrder& order, const StepRow& row, const Seen& seen,
                     std::stop_token stop, const ProgressSink& sink);
  CopyOutcome seed(Servers& servers, const CopyOrder& order, const Seen& seen, std::stop_token stop,
                   const ProgressSink& sink);
  CopyOutcome without_slot(const CopyOrder& order, const Error& error, std::stop_token stop,
                           const ProgressSink& sink);
  CopyOutcome follow(const CopyOrder& order, const Seen& seen, std::stop_token stop,
                     const ProgressSink& sink);

  Databases& databases_;
  DatabaseCopy copy_;
  // No trace of a stream is on either server, as far as this program knows.
  bool clean_ = false;
  std::optional<std::uint64_t> errors_;
};

}  // namespace tandem::stream
