#include "replication/stream/changes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/history.h"
#include "pbx/user_features.h"
#include "replication/database/sql_text.h"

namespace tandem::stream {

// Beyond the end it reads zeros and is no good any more.
class WaitingChanges::Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool good() const { return good_; }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char byte : take(bytes)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  char letter() { return static_cast<char>(number(1)); }
  std::string word() {
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos) good_ = false;
    std::string text(take(good_ ? end : 0));
    (void)take(1);
    return text;
  }
  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) good_ = false;
    if (!good_) return {};
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

namespace {

using Columns = std::vector<ChangedColumn>;
using Json = nlohmann::ordered_json;

bool is_sent(const ChangedColumn& column) { return column.kind != ChangedColumn::Kind::kept; }
bool is_key(const ChangedColumn& column) { return column.is_key; }

// `form` of the name of each column that counts, with `between` in between.
template <class Counts>
std::string listed(const Columns& columns, std::string_view between, std::string_view form,
                   Counts counts) {
  std::string text;
  for (const ChangedColumn& column : columns)
    if (counts(column))
      text += (text.empty() ? "" : std::string(between)) +
              fmt::format(fmt::runtime(form), sql_name(column.name));
  return text;
}

std::string json_of(const Columns& columns) {
  Json row = Json::object();
  for (const ChangedColumn& column : columns) {
    if (column.kind == ChangedColumn::Kind::kept) continue;
    row[column.name] = column.kind == ChangedColumn::Kind::null ? Json() : Json(column.text);
  }
  return row.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Of COPY's text form.
std::string escaped(std::string_view text) {
  std::string line;
  for (const char letter : text) line += letter == '\\' ? "\\\\" : std::string(1, letter);
  return line;
}

}  // namespace

std::string WaitingChange::name() const {
  std::string text = "table ";
  for (const std::string& table : tables) text += (text.size() > 6 ? ", " : "") + table;
  if (tables.size() != 1 || has_secret_keys(tables.front())) return text;
  for (const ChangedColumn& column : old.empty() ? row : old)
    if (column.is_key && column.kind == ChangedColumn::Kind::value)
      text += fmt::format(", {} = {}", column.name, one_line(column.text, kKeyTextMax));
  return text;
}

std::string WaitingChange::line(std::size_t number) const {
  return fmt::format("{}\t{}\t{}\n", number, escaped(json_of(row)),
                     escaped(json_of(old.empty() ? row : old)));
}

std::string WaitingChange::statement(std::size_t number) const {
  if (verb == Verb::truncate) {
    std::string list;
    for (const std::string& table : tables) list += (list.empty() ? "" : ", ") + sql_table(table);
    return "truncate " + list;
  }
  const std::string table = sql_table(tables.front());
  const auto read = [&table](std::string_view column, std::string_view alias) {
    return fmt::format("json_populate_record(null::{}, w.{}) {}", table, column, alias);
  };
  const std::string held = fmt::format("pg_temp.{} w, ", kWaitingTable);
  const std::string its = fmt::format(" where w.number = {}", number);
  if (verb == Verb::insert)
    return fmt::format("insert into {} ({}) overriding system value select {} from {}{}{}", table,
                       listed(row, ", ", "{}", is_sent), listed(row, ", ", "r.{}", is_sent), held,
                       read("new", "r"), its);
  const std::string match =
      its + " and " + listed(old.empty() ? row : old, " and ", "c.{0} = k.{0}", is_key);
  if (verb == Verb::remove)
    return fmt::format("delete from {} c using {}{}{}", table, held, read("old", "k"), match);
  return fmt::format("update {} c set {} from {}{}, {}{}", table,
                     listed(row, ", ", "{0} = r.{0}", is_sent), held, read("new", "r"),
                     read("old", "k"), match);
}

bool WaitingChanges::take(std::string_view message) {
  Reader reader(message);
  const char kind = reader.letter();
  switch (kind) {
    case 'B': counts_ = reader.number(8) >= from_; break;
    case 'R':
      if (!take_relation(reader)) return false;
      break;
    case 'I':
    case 'U':
    case 'D': take_change(kind, reader); break;
    case 'T': take_truncation(reader); break;
    case 'C':
    case 'O':
    case 'Y': break;  // the end of a transaction, where it came from, the name of a type
    default: return false;
  }
  return reader.good();
}

// With REPLICA IDENTITY FULL all columns are its key: nothing tells the row but all it holds.
bool WaitingChanges::take_relation(Reader& reader) {
  const auto number = static_cast<std::uint32_t>(reader.number(4));
  Relation relation;
  (void)reader.word();  // the schema: nothing but public is published
  relation.name = reader.word();
  if (reader.letter() == 'f') return false;
  const auto count = reader.number(2);
  for (std::uint64_t i = 0; i < count && reader.good(); ++i) {
    Column& column = relation.columns.emplace_back();
    column.is_key = reader.number(1) == 1;
    column.name = reader.word();
    (void)reader.number(8);  // its type
  }
  relations_[number] = std::move(relation);
  return true;
}

Columns WaitingChanges::columns_in(Reader& reader, const Relation& relation) {
  Columns columns;
  const auto count = reader.number(2);
  for (std::uint64_t i = 0; i < count && i < relation.columns.size() && reader.good(); ++i) {
    ChangedColumn& column = columns.emplace_back();
    column.name = relation.columns[i].name;
    column.is_key = relation.columns[i].is_key;
    const char kind = reader.letter();
    if (kind == 'u') column.kind = ChangedColumn::Kind::kept;
    if (kind != 't') continue;
    column.kind = ChangedColumn::Kind::value;
    column.text = reader.take(reader.number(4));
  }
  return columns;
}

void WaitingChanges::take_change(char kind, Reader& reader) {
  using enum WaitingChange::Verb;
  const Relation& relation = relations_[static_cast<std::uint32_t>(reader.number(4))];
  WaitingChange change;
  change.verb = kind == 'I' ? insert : kind == 'U' ? update : remove;
  change.tables = {relation.name};
  char part = reader.letter();
  if (part == 'K' || part == 'O') {
    change.old = columns_in(reader, relation);
    if (kind == 'U') part = reader.letter();
  }
  if (part == 'N') change.row = columns_in(reader, relation);
  if (counts_ && reader.good()) changes_.push_back(std::move(change));
}

void WaitingChanges::take_truncation(Reader& reader) {
  WaitingChange change;
  change.verb = WaitingChange::Verb::truncate;
  const auto count = reader.number(4);
  (void)reader.number(1);
  for (std::uint64_t i = 0; i < count && reader.good(); ++i)
    change.tables.push_back(relations_[static_cast<std::uint32_t>(reader.number(4))].name);
  if (counts_ && reader.good()) changes_.push_back(std::move(change));
}

std::optional<std::string> bytes_of_hex(std::string_view hex) {
  const auto digit = [](char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    return -1;
  };
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace tandem::stream
