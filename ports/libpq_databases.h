// Databases through libpq, which stays inside the .cc: it alone streams COPY data in binary.
#pragma once

#include "ports/database_session.h"

namespace tandem {

// A host name in a dsn is looked up without a deadline of ours: name addresses.
class LibpqDatabases : public Databases {
 public:
  Result<std::unique_ptr<DatabaseSession>> open(const SqlTarget& target,
                                                std::stop_token stop) override;
};

}  // namespace tandem
