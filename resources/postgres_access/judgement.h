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

// Whether this node gives a stream: the primary, where one is declared.
bool gives_stream(const PostgresAccess::Desired& want);
bool wants_stream_role(const PostgresAccess::Desired& want, const PostgresAccess::Observed& seen);
bool has_foreign_stream_role(const PostgresAccess::Observed& seen);
// What the role of the stream lacks, in words; empty: it is right. Only with facts.
std::vector<std::string> stream_role_lacks(const PostgresAccess::Observed& seen,
                                           HAPair::PostgresMethod method);
// Whether the other node's server has to reach this one's.
bool wants_to_be_reached(const PostgresAccess::Desired& want);
// The edits of the settings of the stream's log, upon the text of another edit.
TextEdit judge_wal(const PostgresAccess::Desired& want, const PostgresAccess::Observed& seen,
                   TextEdit edit);
// No stream is given, and our lines for one stay all the same: with a logical slot and without them
// PostgreSQL does not start, and a server that is down can not say whether it has one.
bool keeps_wal(const PostgresAccess::Desired& want, const PostgresAccess::Observed& seen);
// The server runs with a log that can not be streamed, and one is wanted.
bool lacks_logical_wal(const PostgresAccess::Desired& want, const PostgresAccess::Observed& seen);

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
