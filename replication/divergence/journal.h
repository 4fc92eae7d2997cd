// Writes into the secondary's own database what a takeover left there and a copy is about to
// overwrite: every row that may be the secondary's own, with what the primary has in its place, and
// the rows of the primary that are missing. In a transaction of its own, before anything is
// changed: whole, or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "replication/database/catalogue.h"
#include "replication/database/copy_order.h"
#include "replication/divergence/activation.h"

namespace tandem {

// Rows whose keys travel at once, and of how many bytes together.
inline constexpr std::uint64_t kJournalPage = 1'000;
inline constexpr std::uint64_t kJournalPageBytes = 2U << 20U;

struct Journalled {
  std::uint64_t changed = 0, added = 0, absent = 0, bytes = 0;
  std::uint64_t rows() const { return changed + added + absent; }
};

class Journal {
 public:
  struct Parts {
    DatabaseSession& primary;    // in its snapshot
    DatabaseSession& secondary;  // in a transaction that is this one's alone
    OpenActivation activation;
    // Of the primary's cluster: what it changed since the last copy is known only where that was
    // read from the same one.
    std::string system_identifier;
    JournalLimits limits;
    // Called now and then: tables done, rows written.
    std::function<void(std::size_t, std::uint64_t)> tell;
    // Whether so many bytes may be written there.
    std::function<Status(std::uint64_t)> room;
  };

  explicit Journal(Parts parts) : parts_(std::move(parts)) {}

  // Writes all of these tables, marks the activation, and commits. too_large: a limit is exceeded.
  // After an error nothing was written.
  Result<Journalled> write(const std::vector<const CopyTable*>& tables);

 private:
  struct Size {
    std::uint64_t rows = 0, bytes = 0, largest = 0;
  };

  Status add_table(const CopyTable& table);
  Result<Size> size_of(const CopyTable& table);
  Status take_room(const CopyTable& table, const Size& size);
  Status add_own(const CopyTable& table);
  Status look_at_primary(const CopyTable& table, std::uint64_t page);
  Status add_absent(const CopyTable& table);
  Status keep_absent(const CopyTable& table, const std::vector<std::vector<std::string>>& keys);
  Status look_for_mark();
  Status mark();
  std::string moved_sql(const std::string& alias) const;

  Parts parts_;
  Journalled done_;
  std::optional<std::uint64_t> read_until_;  // of the primary's transactions, by the last copy
};

}  // namespace tandem
