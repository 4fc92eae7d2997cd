// What the plan and the conditions of postgres-access both go by.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pbx/postgres_files.h"
#include "resources/postgres_access/postgres_access.h"

namespace tandem {

// Whether the role `tandem` should be there: on both nodes of a pair, as soon as it has a password
// or needs none.
bool wants_role(const PostgresAccess::Desired& want, const PostgresAccess::Observed& seen);

// A role of that name that somebody else has made: neither used, changed nor dropped.
bool has_foreign_role(const PostgresAccess::Observed& seen);

// What the role lacks, in words; empty: it is right. Only with facts.
std::vector<std::string> role_lacks(const PostgresAccess::Observed& seen,
                                    HAPair::PostgresMethod method);

struct HbaJudgement {
  TextEdit edit;
  // Errors of lines that are neither ours nor taken out by the edit: the server reads no new rules
  // before somebody mends them.
  std::vector<PostgresFacts::FileError> foreign_errors;
};
HbaJudgement judge_hba(const PostgresAccess::Desired& want, const PostgresAccess::Observed& seen);

struct ListenJudgement {
  TextEdit edit;
  // What the files set once the edit is made.
  std::string value;
  // A setting that does not cover the node's address and counts before postgresql.conf.
  std::optional<PostgresFacts::Setting> elsewhere;
};
// Only with facts, or where nothing of ours is wanted.
ListenJudgement judge_listen(const PostgresAccess::Desired& want,
                             const PostgresAccess::Observed& seen);

}  // namespace tandem
