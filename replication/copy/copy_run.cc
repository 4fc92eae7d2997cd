#include "replication/copy/copy_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "pbx/table_map.h"
#include "replication/copy/transfer.h"
#include "replication/database/comparison.h"
#include "replication/database/settings.h"
#include "replication/database/sql_text.h"

namespace tandem {
namespace {

using Phase = CopyProgress::Phase;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : "; ") + word;
  return text;
}

// Other schemas than public are not copied anyway.
std::vector<std::string> excluded_in_vain(const Catalogue& catalogue,
                                          const std::vector<std::string>& names) {
  constexpr std::string_view kPublic = "public.";
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const std::string table = name.starts_with(kPublic) ? name.substr(kPublic.size()) : name;
    if (table.find('.') == std::string::npos && !catalogue.tables.contains(table))
      found.push_back(name);
  }
  return found;
}

}  // namespace

CopyRun::CopyRun(Databases& databases, const Clock& clock, const CopyOrder& order,
                 std::stop_token stop, const ProgressSink& sink)
    : clock_(clock),
      order_(order),
      sink_(sink),
      outer_(stop),
      forward_(std::move(stop), [this] { stop_.request_stop(); }),
      started_(clock.now()),
      phase_started_(started_),
      sessions_(databases) {}

CopyOutcome CopyRun::run() {
  outcome_.failure = steps();
  if (outcome_.failure)
    outcome_.verdict = row_of(outcome_.failure->reason).is_guard ? CopyOutcome::Verdict::refused
                                                                 : CopyOutcome::Verdict::failed;
  else
    outcome_.verdict = is_full() ? CopyOutcome::Verdict::equal : CopyOutcome::Verdict::partial;
  if (outcome_.failure) {
    // Nothing of it was committed.
    outcome_.changed.clear();
    outcome_.orphans.clear();
    outcome_.hash.clear();
    outcome_.tables_equal = 0;
    outcome_.sequences_set = 0;
    outcome_.memory.reset();
  }
  if (!sessions_.secondaries().empty()) outcome_.bytes = sessions_.bytes();
  outcome_.total = since(started_);
  begin_phase(Phase::done, 0, 0);
  return std::move(outcome_);
}

CopyRun::Step CopyRun::steps() {
  begin_phase(Phase::connecting, 0, 0);
  if (auto failure = connect()) return failure;
  if (auto failure = check_schemas()) return failure;
  if (auto failure = check_configured()) return failure;
  if (auto failure = look_at_activation()) return failure;
  // Before the snapshots: what is changed in between is then seen as changed the next time.
  if (auto failure = look_at_counters()) return failure;
  if (auto failure = choose_tables()) return failure;
  if (!is_full() && plans_.empty() && sequences_.raised.empty() && sequences_.lowered.empty()) {
    outcome_.memory = counters_;
    return std::nullopt;
  }
  if (auto failure = compare()) return failure;
  if (auto failure = journal()) return failure;
  if (auto failure = apply()) return failure;
  if (auto failure = prove()) return failure;
  if (auto failure = raise_sequences()) return failure;
  if (auto failure = commit()) return failure;
  return lower_sequences();
}

CopyRun::Step CopyRun::connect() {
  if (auto failure = step_of(sessions_.open(order_, stop_.get_token()))) return failure;
  auto seen = sessions_.look();
  if (!seen.ok()) return failed(seen.error());
  seen_ = std::move(seen).value();
  return judge_nodes(order_, seen_, outcome_.overridden);
}

CopyRun::Step CopyRun::check_schemas() {
  const int version = std::min(seen_.primary.version, seen_.secondary.version);
  auto catalogue = read_catalogue(sessions_.primary(), version);
  if (!catalogue.ok()) return failed(in_context("primary", catalogue.error()));
  catalogue_ = std::move(catalogue).value();
  selection_ = select_tables(catalogue_, order_.product, order_.exclude_tables);
  outcome_.unknown_tables = selection_.unknown;
  outcome_.excluded_in_vain = excluded_in_vain(catalogue_, order_.exclude_tables);

  const auto ours = schema_fingerprint(sessions_.primary(), selection_.left_out);
  if (!ours.ok()) return failed(in_context("primary", ours.error()));
  const auto theirs = schema_fingerprint(sessions_.secondary(), selection_.left_out);
  if (!theirs.ok()) return failed(in_context("secondary", theirs.error()));
  const auto revisions = revisions_of(sessions_.secondary(), catalogue_);
  if (!revisions.ok() && revisions.error().fault != Fault::not_found)
    return failed(in_context("secondary", revisions.error()));
  if (ours.value() == theirs.value() && revisions.ok() && revisions.value() == catalogue_.revisions)
    return std::nullopt;

  // Something differs; only now all names travel.
  const auto other = read_catalogue(sessions_.secondary(), version);
  if (!other.ok()) return failed(in_context("secondary", other.error()));
  const auto released = revision_differences(catalogue_, other.value());
  if (!released.empty()) return CopyFailure{CopyReason::revision_differs, joined(released)};
  const auto differences =
      schema_differences(catalogue_, other.value(), order_.product, order_.exclude_tables);
  if (!differences.empty()) return CopyFailure{CopyReason::schema_differs, joined(differences)};
  return std::nullopt;
}

CopyRun::Step CopyRun::check_configured() {
  const auto infos = catalogue_.tables.find(std::string(kInfosTable));
  if (infos == catalogue_.tables.end())
    return CopyFailure{CopyReason::primary_not_configured, "it has no table infos"};
  const auto& columns = infos->second.columns;
  const bool tells = std::any_of(columns.begin(), columns.end(), [](const CopyColumn& column) {
    return column.name == kConfiguredColumn;
  });
  const auto found = sessions_.primary().ask(
      fmt::format("select count(*){} from public.infos",
                  tells ? fmt::format(" filter (where {})", kConfiguredColumn) : ""));
  if (!found.ok()) return failed(in_context("primary", found.error()));
  if (found.value().rows.at(0).at(0) != "0") return std::nullopt;
  return CopyFailure{CopyReason::primary_not_configured, "infos.configured is not true"};
}

CopyRun::Step CopyRun::look_at_counters() {
  if (seen_.primary.version < kCountersFrom || seen_.secondary.version < kCountersFrom)
    return std::nullopt;
  if (order_.only) return std::nullopt;
  auto ours = read_counters(sessions_.primary());
  if (!ours.ok()) return failed(in_context("primary", ours.error()));
  counters_ = CopyMemory{std::move(ours).value(), {}};
  // Where all is looked at anyway, the secondary's are read once, after the commit.
  if (!order_.since || activation_.open) return std::nullopt;
  auto theirs = read_counters(sessions_.secondary());
  if (!theirs.ok()) return failed(in_context("secondary", theirs.error()));
  counters_->secondary = std::move(theirs).value();
  counted_since_ = true;
  return std::nullopt;
}

CopyRun::Step CopyRun::choose_tables() {
  std::set<std::string> moved;
  if (counted_since_) {
    moved = tables_moved(order_.since->primary, counters_->primary);
    moved.merge(tables_moved(order_.since->secondary, counters_->secondary));
  }
  for (const CopyTable* table : selection_.tables)
    if (is_full() ||
        (order_.only ? order_.only->contains(table->name) : moved.contains(table->name)))
      plans_.push_back({table, bucket_count(table->rows_estimate)});

  return look_at_sequences();
}

CopyRun::Step CopyRun::look_at_sequences() {
  sequences_ = {};
  const auto ours = sequences_fingerprint(sessions_.primary(), selection_.sequences);
  if (!ours.ok()) return failed(in_context("primary", ours.error()));
  const auto theirs = sequences_fingerprint(sessions_.secondary(), selection_.sequences);
  if (!theirs.ok()) return failed(in_context("secondary", theirs.error()));
  if (ours.value() == theirs.value()) return std::nullopt;
  const auto values = read_sequences(sessions_.primary(), selection_.sequences);
  if (!values.ok()) return failed(in_context("primary", values.error()));
  const auto others = read_sequences(sessions_.secondary(), selection_.sequences);
  if (!others.ok()) return failed(in_context("secondary", others.error()));
  sequences_ = sequence_moves(values.value(), others.value());
  return std::nullopt;
}

CopyRun::Step CopyRun::compare() {
  auto direction = sessions_.begin(order_, stop_.get_token());
  if (!direction.ok()) return failed(direction.error());
  direction_ = std::move(direction).value();
  if (auto failure = judge_direction(order_, direction_)) return failure;

  std::uint64_t rows = 0;
  for (const auto& plan : plans_) rows += plan.table->rows_estimate;
  begin_phase(Phase::comparing, plans_.size(), rows);
  auto throughout = changed_throughout(sessions_.primary(), sessions_.secondary(), plans_);
  if (!throughout.ok()) return failed(throughout.error());
  throughout_ = std::move(throughout).value();
  std::vector<HashPlan> plans;
  for (const auto& plan : plans_)
    if (!throughout_.contains(plan.table->name)) plans.push_back(plan);
  progress_.tables_done = throughout_.size();
  auto hashes = hash_both(sessions_, plans, stop_, [this](std::size_t tables, std::uint64_t seen) {
    progress_.tables_done += tables;
    progress_.rows_done += seen;
    tell();
  });
  if (!hashes.ok()) return failed(hashes.error());
  hashes_ = std::move(hashes).value();
  sessions_.end_helpers();
  return find_differing();
}

CopyRun::Step CopyRun::find_differing() {
  std::vector<TableSizes> sizes;
  for (const auto& plan : plans_) {
    const std::string& name = plan.table->name;
    if (const auto counts = throughout_.find(name); counts != throughout_.end()) {
      sizes.push_back({name, counts->second.secondary, counts->second.primary});
      differing_.push_back(plan);
    } else {
      const TableHash& ours = hashes_.primary[name];
      const TableHash& theirs = hashes_.secondary[name];
      sizes.push_back({name, theirs.total().rows, ours.total().rows});
      if (!differing_buckets(ours, theirs).empty()) differing_.push_back(plan);
    }
    outcome_.rows_compared += sizes.back().after;
  }
  outcome_.comparing = since(phase_started_);
  return judge_shrink(order_, sizes, outcome_);
}

CopyFailure CopyRun::failed(const Error& error) const {
  if (error.fault == Fault::cancelled && !outer_.stop_requested())
    return {CopyReason::timed_out, "a copy of more than an hour is taken for stuck"};
  const bool by_primary = error.message.starts_with("primary");
  return {reason_of(error, by_primary), error.message};
}

CopyRun::Step CopyRun::step_of(const Status& status) const {
  if (status.ok()) return std::nullopt;
  return failed(status.error());
}

void CopyRun::begin_phase(CopyProgress::Phase phase, std::uint64_t tables, std::uint64_t rows) {
  phase_started_ = clock_.now();
  progress_ = CopyProgress{};
  progress_.phase = phase;
  progress_.tables = tables;
  progress_.rows = rows;
  tell();
}

void CopyRun::tell() {
  // The sessions' own counts are asked of the kernel: between the statements, not within them.
  if (since(started_) > kCopyMax) stop_.request_stop();
  if (sink_) sink_(progress_);
}

std::chrono::milliseconds CopyRun::since(Instant instant) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - instant);
}

}  // namespace tandem
