// The steps of a copy by which it can be undone: what it takes away is kept first.
#include <fmt/format.h>

#include "replication/copy/copy_run.h"

namespace tandem {
namespace {

Status in_secondary(const Status& status) {
  return status.ok() ? status : Status(in_context("secondary", status.error()));
}

// Of a table's size with its indexes, what its rows are, about.
constexpr double kRowsOfSize = 0.5;

constexpr std::string_view kTooMuch = "it takes away more than an ordinary run keeps";

}  // namespace

CopyRun::Step CopyRun::begin_generation() {
  DatabaseSession& secondary = sessions_.secondary();
  if (!seen_.direction.keeps_generations)
    if (auto failure = step_of(in_secondary(make_undo_schema(secondary)))) return failure;
  GenerationOrder order;
  order.epoch = direction_.direction->epoch;
  order.ordered = order_.ordered;
  order.forced = order_.force;
  auto draft = open_generation(secondary, order);
  if (!draft.ok()) return failed(in_context("secondary", draft.error()));
  generation_ = std::move(draft).value();
  // What would be given up in the middle is not begun.
  if (generation_.in_any_case || !likely_too_much()) return std::nullopt;
  return keep_nothing(std::string(kTooMuch));
}

bool CopyRun::likely_too_much() {
  double rows = 0, bytes = 0;
  for (const auto& plan : differing_) {
    const std::string& name = plan.table->name;
    const auto counts = throughout_.find(name);
    const bool throughout = counts != throughout_.end();
    const auto there = throughout ? counts->second.secondary : hashes_.secondary[name].total().rows;
    double share = 1;
    if (!throughout && plan.samples())
      share = share_changed(hashes_.primary[name], hashes_.secondary[name]);
    if (share >= kWholeFrom) share = 1;
    rows += share * static_cast<double>(there);
    bytes += share * kRowsOfSize * static_cast<double>(plan.table->size);
  }
  return rows > static_cast<double>(kKeptRowsMax) || bytes > static_cast<double>(kKeptBytesMax);
}

CopyRun::Step CopyRun::keep_table(const TableChange& change, std::optional<KeptTable>& kept) {
  if (!generation_.open) return std::nullopt;
  const CopyTable& table = *change.plan.table;
  std::optional<RowsHash> before;
  std::uint64_t rows = change.gone.size();
  if (const auto counts = throughout_.find(table.name); counts != throughout_.end())
    rows = counts->second.secondary;
  else
    before = hashes_.secondary[table.name].total();
  if (change.whole && before) rows = before->rows;
  std::uint64_t bytes = 0;
  if (change.whole && rows > 0) {
    const auto size = table_size(sessions_.secondary(), table.name);
    if (!size.ok()) return failed(in_context("secondary", size.error()));
    bytes = size.value();
  }
  const bool fits =
      generation_.rows + rows <= kKeptRowsMax && generation_.bytes + bytes <= kKeptBytesMax;
  if (!generation_.in_any_case && !fits) return keep_nothing(std::string(kTooMuch));
  if (auto full = judge_disk(direction_, replaced_bytes_ + generation_.bytes + bytes)) {
    // Who forces a copy may be wrong, and only what was kept takes it back. By itself nothing is
    // refused for that: a secondary that is not copied any more is worse off.
    if (order_.force) return full;
    return keep_nothing("the disk of the secondary's database has no room for it");
  }
  kept = KeptTable{generation_.number, static_cast<int>(generation_.tables.size())};
  generation_.tables.push_back({&table, change.whole, before});
  return std::nullopt;
}

CopyRun::Step CopyRun::count_kept(std::uint64_t rows, std::uint64_t bytes) {
  generation_.rows += rows;
  generation_.bytes += bytes;
  if (generation_.in_any_case || generation_.bytes <= kKeptBytesMax) return std::nullopt;
  return keep_nothing(std::string(kTooMuch));
}

CopyRun::Step CopyRun::keep_nothing(std::string why) {
  outcome_.not_kept = std::move(why);
  generation_ = GenerationDraft();
  return step_of(in_secondary(drop_generations(sessions_.secondary())));
}

CopyRun::Step CopyRun::end_generation() {
  if (!generation_.open) return std::nullopt;
  for (auto& table : generation_.tables) table.after = hashes_.primary[table.table->name].total();
  std::vector<std::string> moved;
  for (const auto* moves : {&sequences_.raised, &sequences_.lowered})
    for (const auto& [name, value] : *moves) moved.push_back(name);
  return step_of(in_secondary(close_generation(sessions_.secondary(), generation_, moved)));
}

}  // namespace tandem
