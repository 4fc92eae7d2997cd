// When each kind of copy last succeeded: kept, so that a restart of the operator does not make the
// age of the secondary's data unknown.
#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "ports/filesystem.h"
#include "reconciler/replication/copy_state.h"

namespace tandem {

using CopyPasts = std::map<CopyKind, CopyPast>;

std::string to_text(const CopyPasts& pasts);
// invalid: it is no such text.
Result<CopyPasts> read_copy_pasts(const std::string& text);

// STATE_DIR/replicated.json, on `disk` at `/`. {} where there is none or it can not be read: the
// next runs tell anew.
CopyPasts load_copy_pasts(Filesystem& disk, const std::string& state_dir);
Status keep_copy_pasts(Filesystem& disk, const std::string& state_dir, const CopyPasts& pasts);

}  // namespace tandem
