// The steps of one copy, in their order; each leaves the secondary as it was until the commit.
#pragma once

#include "replication/copy/database_copy.h"
#include "replication/copy/hash_race.h"
#include "replication/copy/late_hashes.h"
#include "replication/copy/spot_check.h"
#include "replication/database/comparison.h"
#include "replication/database/orphans.h"
#include "replication/database/sequences.h"
#include "replication/divergence/activation.h"
#include "replication/undo/generation.h"

namespace tandem {

class CopyRun {
 public:
  CopyRun(Databases& databases, const Clock& clock, const CopyOrder& order, std::stop_token stop,
          const ProgressSink& sink);

  CopyOutcome run();

 private:
  using Step = std::optional<CopyFailure>;  // nullopt: go on

  Step steps();
  Step connect();
  Step check_configured();
  Step check_schemas();
  Step look_at_activation();
  Step look_at_counters();
  Step choose_tables();
  Step look_at_sequences();
  Step compare();
  Step find_differing();
  Step journal();
  Step write_journal(OpenActivation activation);
  Step apply();
  Step begin_late_hashes();
  Step apply_table(const HashPlan& plan);
  Step begin_generation();
  bool likely_too_much();
  Step keep_table(const TableChange& change, std::optional<KeptTable>& kept);
  Step count_kept(std::uint64_t rows, std::uint64_t bytes);
  Step keep_nothing(std::string why);
  Step end_generation();
  Result<TableChange> change_of(const HashPlan& plan);
  Step mend_references();
  Step add_missing(const MissingRows& missing);
  Step prove();
  Step raise_sequences();
  Step commit();
  Step lower_sequences();

  bool is_full() const { return !counted_since_ && !order_.only; }
  std::uint64_t rows_of(const HashPlan& plan);  // on the primary
  CopyFailure failed(const Error& error) const;
  Step step_of(const Status& status) const;
  void begin_phase(CopyProgress::Phase phase, std::uint64_t tables, std::uint64_t rows);
  void tell();
  std::chrono::milliseconds since(Instant instant) const;

  const Clock& clock_;
  const CopyOrder& order_;
  const ProgressSink& sink_;
  std::stop_token outer_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> forward_;
  Instant started_, phase_started_;
  PairSessions sessions_;

  NodesSeen seen_;
  DirectionSeen direction_;    // under its lock
  ActivationSeen activation_;  // before the transaction
  Catalogue catalogue_;        // the primary's
  Selection selection_;
  std::optional<CopyMemory> counters_;  // as they are now
  bool counted_since_ = false;          // what to look at was told by counters
  std::vector<HashPlan> plans_;
  std::map<std::string, TableCounts> throughout_;  // not hashed before they are replaced
  BothHashes hashes_;
  LateHashes late_;
  std::vector<HashPlan> differing_;
  std::uint64_t replaced_bytes_ = 0;
  GenerationDraft generation_;
  SequenceMoves sequences_;
  CopyProgress progress_;
  CopyOutcome outcome_;
};

}  // namespace tandem
