// The schema `tandem` of a node's own database: what its operator and the copies keep there.
#pragma once

#include "ports/sql.h"
#include "ports/task.h"

namespace tandem {

// Makes what is missing of it; what is there stays as it is. By the node's own operator alone.
Task<Status> make_own_schema(Sql& sql, SqlTarget own);

}  // namespace tandem
