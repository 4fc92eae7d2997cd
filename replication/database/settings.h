// What every session of the copy sets: the same text for the same value on both servers, and limits
// by which a server ends by itself what a cut or killed run leaves behind.
#pragma once

#include <chrono>

#include "ports/database_session.h"

namespace tandem {

// A statement that somebody else's lock holds up fails.
inline constexpr std::chrono::seconds kLockMax{2};
// A server ends the session of a host that is gone, of a program that is gone, and of one that
// stands still, in a transaction or outside of one (it holds the lock of the copies): within these.
inline constexpr std::chrono::seconds kServerTcpMax{8};
inline constexpr std::chrono::seconds kClientCheck{2};
inline constexpr std::chrono::seconds kIdleMax{6};
// One statement that reads a whole table; one that changes rows.
inline constexpr std::chrono::minutes kReadMax{10};
inline constexpr std::chrono::seconds kWriteMax{8};
// Nothing is locked longer after a kill or a cut. A program that only stands still: a statement
// that just began runs to its limit, and then its session is idle. In the middle of COPY a server
// heeds neither limit, only the end of the connection.
inline constexpr std::chrono::seconds kLockedMax{15};
static_assert(kWriteMax + kIdleMax < kLockedMax);
// For the primary's next word, once rows of the secondary are locked: while its rows are compared,
// while they come.
inline constexpr std::chrono::minutes kCompareMax{2};
inline constexpr std::chrono::seconds kRowsMax{15};

// The one that serves gives a copy one processor for each of its sessions, and no more.
enum class ServerDuty { serves, stands_by };
Status settle_session(DatabaseSession& session, ServerDuty duty);

// From here on in the transaction rows are changed, by short statements: no triggers, no foreign
// keys.
Status settle_for_writing(DatabaseSession& session);

// In the same transaction a statement follows that reads, or takes, a whole table.
Status settle_for_reading(DatabaseSession& session);

}  // namespace tandem
