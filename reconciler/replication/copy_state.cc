#include "reconciler/replication/copy_state.h"

namespace tandem {

std::string_view copy_kind_name(CopyKind kind) {
  switch (kind) {
    case CopyKind::database: return "database";
    case CopyKind::files: return "files";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

std::optional<CopyKind> copy_kind_of_name(std::string_view name) {
  for (const CopyKind kind : kCopyKinds)
    if (name == copy_kind_name(kind)) return kind;
  return std::nullopt;
}

std::string_view copy_result_name(CopyResult result) {
  switch (result) {
    case CopyResult::equal: return "equal";
    case CopyResult::partial: return "partial";
    case CopyResult::refused: return "refused";
    case CopyResult::failed: return "failed";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem
