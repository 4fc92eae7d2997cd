#include "replication/database/comparison.h"

#include <algorithm>
#include <charconv>
#include <compare>

#include "replication/database/settings.h"

namespace tandem {
namespace {

// Of a larger table the primary sorts its rows first: a secondary that is ready long before would
// be idle in its transaction, and end it.
constexpr std::uint64_t kTogetherMax = 1'000'000;

struct RowHash {
  std::int64_t key_hash = 0;
  RowKey key;
  std::string first, second;
};

// One server's rows in the order of the merge.
class RowStream {
 public:
  explicit RowStream(DatabaseSession& session) : session_(session) {}

  // `at` is the next row; false: there is none any more.
  Result<bool> advance() {
    const auto next = session_.next_row();
    if (!next.ok()) return next.error();
    if (next.value() == nullptr) return false;
    const SqlRow& row = *next.value();
    if (row.size() < 4) return Error{Fault::invalid, "a server answered no rows"};
    const std::string& hash = row[0].value_or(kNone);
    std::from_chars(hash.data(), hash.data() + hash.size(), at.key_hash);
    at.first = row[1].value_or(kNone);
    at.second = row[2].value_or(kNone);
    at.key.clear();
    for (std::size_t i = 3; i < row.size(); ++i) at.key.push_back(row[i].value_or(kNone));
    return true;
  }

  RowHash at;

 private:
  inline static const std::string kNone;
  DatabaseSession& session_;
};

std::strong_ordering order_of(const RowHash& a, const RowHash& b) {
  if (a.key_hash != b.key_hash) return a.key_hash <=> b.key_hash;
  return a.key <=> b.key;
}

// What one look at some buckets found.
struct Merged {
  std::vector<RowKey> gone, fresh;
  std::uint64_t rows = 0;
  bool overflow = false;
  std::size_t bytes = 0;

  void keep(std::vector<RowKey>& list, const RowKey& key) {
    for (const auto& part : key) bytes += sizeof part + part.size();
    if (gone.size() + fresh.size() >= kChangedRowsMax || bytes > kChangedBytesMax) overflow = true;
    if (!overflow) list.push_back(key);
  }
};

// Both streams are read to their ends also after an overflow: the sessions are needed further.
// `here`: whether `ours` stands on its first row.
Result<Merged> merge(RowStream& ours, Result<bool> here, RowStream& theirs) {
  Merged merged;
  auto there = theirs.advance();
  for (;;) {
    if (!here.ok()) return in_context("primary", here.error());
    if (!there.ok()) return in_context("secondary", there.error());
    if (!here.value() && !there.value()) return merged;
    ++merged.rows;
    const auto order = !here.value()    ? std::strong_ordering::greater
                       : !there.value() ? std::strong_ordering::less
                                        : order_of(ours.at, theirs.at);
    const bool same = order == std::strong_ordering::equal && ours.at.first == theirs.at.first &&
                      ours.at.second == theirs.at.second;
    if (std::is_lteq(order) && !same) merged.keep(merged.fresh, ours.at.key);
    if (std::is_gteq(order) && !same) merged.keep(merged.gone, theirs.at.key);
    if (std::is_lteq(order)) here = ours.advance();
    if (std::is_gteq(order)) there = theirs.advance();
  }
}

Result<Merged> look_at(DatabaseSession& primary, DatabaseSession& secondary, const HashPlan& plan,
                       const std::vector<std::uint32_t>& buckets) {
  const std::string text = rows_statement(plan, buckets);
  const bool together = plan.table->rows_estimate <= kTogetherMax;
  RowStream ours(primary), theirs(secondary);
  if (const auto begun = primary.begin_rows(text); !begun.ok())
    return in_context("primary", begun.error());
  Result<bool> here = false;
  if (!together) here = ours.advance();
  if (const auto begun = secondary.begin_rows(text); !begun.ok())
    return in_context("secondary", begun.error());
  if (together) here = ours.advance();
  return merge(ours, std::move(here), theirs);
}

}  // namespace

std::vector<std::uint32_t> differing_buckets(const TableHash& primary, const TableHash& secondary) {
  std::vector<std::uint32_t> differing;
  for (std::uint32_t i = 0; i < primary.buckets.size(); ++i)
    if (!(primary.buckets[i] == secondary.buckets[i])) differing.push_back(i);
  return differing;
}

Result<TableChange> compare_rows(DatabaseSession& primary, DatabaseSession& secondary,
                                 const HashPlan& plan, const TableHash& ours,
                                 const TableHash& theirs) {
  TableChange change;
  change.plan = plan;
  // Where one side is empty there is nothing to compare.
  change.whole = !plan.table->key_has_text_form() || ours.total().rows == 0 ||
                 theirs.total().rows == 0 || share_changed(ours, theirs) >= kWholeFrom;
  if (change.whole) return change;

  if (const auto set = settle_for_reading(secondary); !set.ok())
    return in_context("secondary", set.error());
  primary.set_patience(kCompareMax);
  auto seen = look_at(primary, secondary, plan, differing_buckets(ours, theirs));
  if (!seen.ok()) return seen.error();
  change.whole = seen.value().overflow;
  if (change.whole) return change;
  change.gone = std::move(seen.value().gone);
  change.fresh = std::move(seen.value().fresh);
  return change;
}

}  // namespace tandem
