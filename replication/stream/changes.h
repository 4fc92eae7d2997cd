// Changes that wait in a slot, as PostgreSQL's plugin pgoutput tells them (protocol version 1:
// "Logical Replication Message Formats" of PostgreSQL's manual), and as statements that make them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::stream {

struct ChangedColumn {
  enum class Kind { value, null, kept };  // kept: a large value that did not change is not sent
  Kind kind = Kind::null;
  std::string name, text;
  bool is_key = false;
};

struct WaitingChange {
  enum class Verb { insert, update, remove, truncate } verb = Verb::insert;
  std::vector<std::string> tables;  // in the schema public; several of a truncation alone
  std::vector<ChangedColumn> old;   // its key before; empty: it stays as it is
  std::vector<ChangedColumn> row;   // as it becomes; empty: it goes

  // "table extensions, id = 7": values of its key alone, each of kKeyTextMax bytes at most; of a
  // table whose keys are secrets none.
  std::string name() const;
  // Its values as a line for COPY into kWaitingTable: its number, and the rows of `row` and `old`
  // as JSON. What is copied is in no statement, and so in no log of the server's.
  std::string line(std::size_t number) const;
  // What the subscription's worker would do, with the values of that line.
  std::string statement(std::size_t number) const;
};
inline constexpr std::size_t kKeyTextMax = 60;
// Temporary, for the time of a transaction.
inline constexpr std::string_view kWaitingTable = "tandem_waiting";

// Takes the messages of a slot in their order.
class WaitingChanges {
 public:
  // From the transaction on that was committed at this position of the log or later.
  explicit WaitingChanges(std::uint64_t from) : from_(from) {}

  // false: it is no message that this program reads, and what follows it is not to be told.
  bool take(std::string_view message);
  const std::vector<WaitingChange>& changes() const { return changes_; }

 private:
  struct Column {
    std::string name;
    bool is_key = false;
  };
  struct Relation {
    std::string name;
    std::vector<Column> columns;
  };
  class Reader;

  bool take_relation(Reader& reader);
  void take_change(char kind, Reader& reader);
  void take_truncation(Reader& reader);
  static std::vector<ChangedColumn> columns_in(Reader& reader, const Relation& relation);

  std::uint64_t from_;
  bool counts_ = false;  // the transaction that is being told has not been made yet
  std::map<std::uint32_t, Relation> relations_;
  std::vector<WaitingChange> changes_;
};

// "\x00" and so on in pairs of digits; nullopt: it is none.
std::optional<std::string> bytes_of_hex(std::string_view hex);

}  // namespace tandem::stream
