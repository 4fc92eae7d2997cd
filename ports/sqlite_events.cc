#include "ports/sqlite_events.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "core/formats.h"
#include "ports/descriptor.h"
#include "ports/event_store.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kFormat = 1;
constexpr int kNewerFormat = -1;  // beside the codes of SQLite, which are not negative
constexpr int kBusyMilliseconds = 1000;
constexpr std::size_t kReasonMax = 64;
constexpr std::size_t kObjectMax = 200;
constexpr std::size_t kMessageMax = 2000;

// The log of writes is emptied into the file at every thousand pages, and shortened to this.
constexpr const char* kSettings =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA journal_size_limit=1048576; PRAGMA trusted_schema=OFF;";

constexpr const char* kSchema =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE events(id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, count INTEGER NOT NULL, warning INTEGER NOT NULL,"
    " reason TEXT NOT NULL, object TEXT NOT NULL, message TEXT NOT NULL, node TEXT NOT NULL,"
    " epoch INTEGER NOT NULL);"
    "CREATE INDEX events_of_object ON events(object, id);"
    "CREATE TABLE takeovers(id INTEGER PRIMARY KEY AUTOINCREMENT, epoch INTEGER UNIQUE NOT NULL,"
    " record TEXT NOT NULL);"
    "PRAGMA user_version=1;"
    "COMMIT;";

std::int64_t milliseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// The epoch where the row is damaged.
WallTime wall_time(std::int64_t count) { return time_of_milliseconds(count).value_or(WallTime{}); }

// A statement with its values; what goes wrong in between is told by step().
class Statement {
 public:
  Statement(sqlite3* database, const char* text) {
    code_ = sqlite3_prepare_v2(database, text, -1, &statement_, nullptr);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  Statement& with(std::int64_t value) {
    if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& with_null() {
    ++bound_;  // what is not bound is NULL
    return *this;
  }
  Statement& with(const std::string& value) {
    if (code_ == SQLITE_OK)
      code_ = sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }

  // SQLITE_ROW, SQLITE_DONE, or what went wrong.
  int step() { return code_ == SQLITE_OK ? sqlite3_step(statement_) : code_; }
  // SQLITE_OK where it ran to its end.
  int finish() {
    const int code = step();
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
  }

  std::int64_t number(int column) { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) {
    const auto* bytes = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? "" : std::string(reinterpret_cast<const char*>(bytes), size);
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int code_ = SQLITE_OK;
  int bound_ = 0;
};

int run(sqlite3* database, const char* text) {
  return sqlite3_exec(database, text, nullptr, nullptr, nullptr);
}

bool is_damage(int code) {
  const int primary = code & 0xff;
  return code > 0 && (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB);
}

Fault fault_of_code(int code) {
  switch (code & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Fault::denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Fault::invalid;
    default: return Fault::unavailable;
  }
}

// 0 or errno. SQLite gives its log the mode of the file.
int make_private(const std::string& path) {
  const Descriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!file.ok()) return errno;
  struct stat found {};
  if (fstat(file.get(), &found) != 0) return errno;
  if (!S_ISREG(found.st_mode)) return EINVAL;
  if ((found.st_mode & 07777U) != 0600 && fchmod(file.get(), 0600) != 0) return errno;
  return 0;
}

// Whole and of our format, with its tables.
int prepare(sqlite3* database, bool check) {
  int code = run(database, kSettings);
  if (code != SQLITE_OK) return code;
  int version = 0;
  {
    Statement asked(database, "PRAGMA user_version");
    code = asked.step();
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
    version = static_cast<int>(asked.number(0));
  }
  if (version > kFormat) return kNewerFormat;
  if (version < 0) return SQLITE_CORRUPT;
  if (version == 0) return run(database, kSchema);
  if (!check) return SQLITE_OK;
  Statement asked(database, "PRAGMA quick_check(1)");
  code = asked.step();
  if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
  return asked.text(0) == "ok" ? SQLITE_OK : SQLITE_CORRUPT;
}

Event event_of(Statement& row) {
  Event event;
  event.id = row.number(0);
  event.at = wall_time(row.number(1));
  event.last = wall_time(row.number(2));
  event.count = row.number(3);
  event.type = row.number(4) != 0 ? Event::Type::warning : Event::Type::normal;
  event.reason = row.text(5);
  event.object = row.text(6);
  event.message = row.text(7);
  event.node = row.text(8);
  event.epoch = static_cast<std::uint64_t>(row.number(9));
  return event;
}

constexpr const char* kBehind =
    "SELECT id,first,last,count,warning,reason,object,message,node,epoch FROM events"
    " WHERE id > ? AND warning IS ifnull(?, warning) ORDER BY id LIMIT ?";
constexpr const char* kAfter =
    "SELECT id,first,last,count,warning,reason,object,message,node,epoch FROM events"
    " WHERE last >= ? AND warning IS ifnull(?, warning) ORDER BY id DESC LIMIT ?";

}  // namespace

struct SqliteEvents::Database {
  sqlite3* handle = nullptr;

  ~Database() { sqlite3_close_v2(handle); }

  // The file was removed or replaced: what is written now would be seen by nobody.
  bool moved() const {
    int is = 0;
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &is) == SQLITE_OK &&
           is != 0;
  }
};

SqliteEvents::SqliteEvents(std::string path, EventLimits limits)
    : path_(std::move(path)), limits_(limits) {}

SqliteEvents::~SqliteEvents() = default;

int SqliteEvents::open() {
  if (database_ && database_->moved()) database_.reset();
  if (database_) return SQLITE_OK;
  if (const int error = make_private(path_); error != 0) {
    errno = error;
    return SQLITE_CANTOPEN;
  }
  auto opened = std::make_unique<Database>();
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path_.c_str(), &opened->handle, kFlags, nullptr);
  if (code != SQLITE_OK) return code;
  sqlite3_busy_timeout(opened->handle, kBusyMilliseconds);
  code = prepare(opened->handle, !checked_);
  if (code != SQLITE_OK) return code;
  checked_ = true;
  added_ = kPruneEvery;  // the limits may be other ones than in the last run
  database_ = std::move(opened);
  return SQLITE_OK;
}

Status SqliteEvents::move_aside() {
  const std::string aside = path_ + ".damaged";
  if (::rename(path_.c_str(), aside.c_str()) != 0 && errno != ENOENT)
    return system_error(path_, "move it aside", errno);
  for (const char* end : {"-wal", "-shm", "-journal"}) {
    const std::string path = path_ + end;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return system_error(path, "remove it", errno);
  }
  moved_to_ = aside;
  return success();
}

Status SqliteEvents::perform(const std::function<int(Database&)>& act) {
  for (;;) {
    errno = 0;
    int code = open();
    if (code == SQLITE_OK) code = act(*database_);
    if (code == SQLITE_OK) return success();
    if (code == kNewerFormat)
      return Error{Fault::invalid, path_ + ": written by a newer tandem, and left as it is"};
    const int cause = errno;
    // A full disk leaves the database as it is; after all else it is opened anew.
    if (database_ && (code & 0xff) == SQLITE_FULL)
      sqlite3_exec(database_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
    else
      database_.reset();
    if (is_damage(code) && moved_to_.empty()) {
      const Status moved = move_aside();
      if (!moved.ok()) return moved;
      continue;
    }
    if ((code & 0xff) == SQLITE_CANTOPEN && cause != 0)
      return system_error(path_, "open it", cause);
    return Error{fault_of_code(code), fmt::format("{}: {}", path_, sqlite3_errstr(code))};
  }
}

// Makes of `event` what is kept of it.
int SqliteEvents::insert(Database& database, Event& event) {
  event.reason = one_line(event.reason, kReasonMax);
  event.object = one_line(event.object, kObjectMax);
  event.message = one_line(event.message, kMessageMax);
  event.node = one_line(event.node, kObjectMax);
  event.last = std::max(event.at, event.last);
  const std::int64_t now = milliseconds(event.last);
  const std::int64_t window = std::chrono::milliseconds(EventStore::kRepeatWindow).count();
  const std::int64_t warning = event.type == Event::Type::warning ? 1 : 0;
  std::int64_t repeated = -1;
  {
    Statement before(database.handle,
                     "SELECT id,first,count FROM events WHERE id = (SELECT max(id) FROM events"
                     " WHERE object = ?) AND reason = ? AND message = ? AND warning = ? AND"
                     " last >= ?");
    const int code = before.with(event.object)
                         .with(event.reason)
                         .with(event.message)
                         .with(warning)
                         .with(now - window)
                         .step();
    if (code == SQLITE_ROW) {
      repeated = before.number(0);
      event.at = wall_time(before.number(1));
      event.count += before.number(2);
    } else if (code != SQLITE_DONE) {
      return code;
    }
  }
  // A repeat moves to the end, so that whoever asks for what is new is told of it.
  int code = Statement(database.handle, "DELETE FROM events WHERE id = ?").with(repeated).finish();
  if (code != SQLITE_OK) return code;
  code = Statement(database.handle,
                   "INSERT INTO events(first,last,count,warning,reason,object,message,node,epoch)"
                   " VALUES(?,?,?,?,?,?,?,?,?)")
             .with(milliseconds(event.at))
             .with(now)
             .with(event.count)
             .with(warning)
             .with(event.reason)
             .with(event.object)
             .with(event.message)
             .with(event.node)
             .with(static_cast<std::int64_t>(event.epoch))
             .finish();
  event.id = sqlite3_last_insert_rowid(database.handle);
  return code;
}

int SqliteEvents::prune(Database& database, WallTime now) {
  const std::int64_t oldest = milliseconds(now) - limits_.age.count();
  int code = Statement(database.handle,
                       "DELETE FROM events WHERE last < ? AND id <="
                       " (SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?)")
                 .with(oldest)
                 .with(kNewestKept)
                 .finish();
  if (code != SQLITE_OK) return code;
  code = Statement(database.handle,
                   "DELETE FROM events WHERE id <="
                   " (SELECT id FROM events ORDER BY id DESC LIMIT 1 OFFSET ?)")
             .with(limits_.count)
             .finish();
  if (code != SQLITE_OK) return code;
  return Statement(database.handle,
                   "DELETE FROM takeovers WHERE id <="
                   " (SELECT id FROM takeovers ORDER BY id DESC LIMIT 1 OFFSET ?)")
      .with(static_cast<std::int64_t>(kTakeoversMax))
      .finish();
}

Result<Event> SqliteEvents::add(const Event& event) {
  Event kept;
  const Status added = perform([&](Database& database) {
    kept = event;
    int code = run(database.handle, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK) code = insert(database, kept);
    const bool due = ++added_ >= kPruneEvery;
    if (code == SQLITE_OK && due) code = prune(database, std::max(event.at, event.last));
    if (code == SQLITE_OK) code = run(database.handle, "COMMIT");
    if (code == SQLITE_OK && due) added_ = 0;
    return code;
  });
  if (!added.ok()) return added.error();
  return kept;
}

Status SqliteEvents::add(const TakeoverRecord& record) {
  return perform([&](Database& database) {
    TakeoverRecord whole = record;
    if (record.continued) {
      Statement row(database.handle, "SELECT record FROM takeovers WHERE epoch = ?");
      const int code = row.with(static_cast<std::int64_t>(record.epoch)).step();
      if (code != SQLITE_ROW && code != SQLITE_DONE) return code;
      auto kept = takeover_of_text(code == SQLITE_ROW ? row.text(0) : "");
      if (kept.ok()) whole = merged(std::move(kept).value(), record);
    }
    return Statement(database.handle, "INSERT OR REPLACE INTO takeovers(epoch,record) VALUES(?,?)")
        .with(static_cast<std::int64_t>(record.epoch))
        .with(to_text(whole))
        .finish();
  });
}

Result<EventPage> SqliteEvents::events(const EventQuery& query, std::optional<Event::Type> only) {
  EventPage page;
  const auto limit = static_cast<std::int64_t>(std::min(query.limit, EventQuery::kLimitMax));
  const Status read = perform([&](Database& database) {
    page = {};
    Statement rows(database.handle, query.behind ? kBehind : kAfter);
    rows.with(query.behind ? *query.behind : milliseconds(query.after.value_or(WallTime{})));
    if (only)
      rows.with(std::int64_t{*only == Event::Type::warning ? 1 : 0});
    else
      rows.with_null();
    rows.with(limit);
    int code = SQLITE_ROW;
    while ((code = rows.step()) == SQLITE_ROW) page.events.push_back(event_of(rows));
    if (code != SQLITE_DONE) return code;
    if (!query.behind) std::reverse(page.events.begin(), page.events.end());
    Statement last(database.handle, "SELECT ifnull(max(id), 0) FROM events");
    code = last.step();
    if (code == SQLITE_ROW) page.last_id = last.number(0);
    return code == SQLITE_ROW ? SQLITE_OK : code;
  });
  if (!read.ok()) return read.error();
  return page;
}

Result<std::vector<TakeoverRecord>> SqliteEvents::takeovers(std::size_t limit) {
  std::vector<TakeoverRecord> records;
  const auto most = static_cast<std::int64_t>(std::min(limit, kTakeoversMax));
  const Status read = perform([&](Database& database) {
    records.clear();
    Statement rows(database.handle, "SELECT record FROM takeovers ORDER BY id DESC LIMIT ?");
    rows.with(most);
    int code = SQLITE_ROW;
    while ((code = rows.step()) == SQLITE_ROW) {
      // One that can not be read hides no other.
      auto record = takeover_of_text(rows.text(0));
      if (record.ok()) records.push_back(std::move(record).value());
    }
    return code == SQLITE_DONE ? SQLITE_OK : code;
  });
  if (!read.ok()) return read.error();
  std::reverse(records.begin(), records.end());
  return records;
}

}  // namespace tandem
