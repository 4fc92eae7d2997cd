// The steps of one undo, in their order; each leaves the secondary as it was until the commit.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "replication/database/catalogue.h"
#include "replication/database/direction.h"
#include "replication/database/hashing.h"
#include "replication/database/sequences.h"
#include "replication/undo/undo.h"

namespace tandem {

class UndoRun {
 public:
  UndoRun(Databases& databases, const Clock& clock, const UndoOrder& order, std::stop_token stop,
          const ProgressSink& sink);

  UndoOutcome run();

 private:
  using Step = std::optional<CopyFailure>;  // nullopt: go on

  // A table of the generation, as it was kept.
  struct Changed {
    int place = 0;
    std::string name;
    bool whole = false;
    std::string columns, columns_now;  // a line each
    std::string proof, before, after;  // `before` may be empty: not hashed then
    const CopyTable* table = nullptr;  // as it is now
  };

  Step steps();
  Step connect();
  Step take_lock();
  Step begin();
  Step expect_no_stream();
  Step choose();
  Step read_changed();
  Step match_schema();
  Step expect_hashes(CopyProgress::Phase phase, std::string Changed::*wanted, CopyReason otherwise);
  Step expect_kept_lines();
  Step put_back();
  Step put_back_table(const Changed& changed);
  Step mend_references();
  Step expect_references(const std::map<std::string, std::uint64_t>& before);
  Step look_at_sequences();
  Step finish();
  Step commit();

  Step judge(const DirectionSeen& seen) const;
  std::set<std::string> changed_names() const;
  CopyFailure failed(const Error& error) const;
  Result<std::uint64_t> change(const std::string& text);  // the number of rows
  void tell(CopyProgress::Phase phase);

  Databases& databases_;
  const Clock& clock_;
  const UndoOrder& order_;
  std::stop_token stop_;
  const ProgressSink& sink_;
  Instant started_;
  std::unique_ptr<DatabaseSession> session_;

  Catalogue catalogue_;
  Selection selection_;
  std::vector<Changed> changed_;
  SequenceMoves sequences_;
  bool keeps_marks_ = false;  // there is a table tandem.copied
  CopyProgress progress_;
  UndoOutcome outcome_;
};

}  // namespace tandem
