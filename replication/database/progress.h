// How far a copy is, for a terminal and the status.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tandem {

struct CopyProgress {
  enum class Phase { connecting, comparing, journalling, transferring, proving, done };
  Phase phase = Phase::connecting;
  std::string table;  // under work; empty: none by itself
  std::uint64_t tables_done = 0, tables = 0;
  std::uint64_t rows_done = 0, rows = 0;  // of this phase; `rows` is an estimate
  std::uint64_t bytes = 0;                // to and from the secondary so far
};

constexpr std::string_view phase_name(CopyProgress::Phase phase) {
  switch (phase) {
    case CopyProgress::Phase::connecting: return "connecting";
    case CopyProgress::Phase::comparing: return "comparing";
    case CopyProgress::Phase::journalling: return "journalling";
    case CopyProgress::Phase::transferring: return "transferring";
    case CopyProgress::Phase::proving: return "proving";
    case CopyProgress::Phase::done: return "done";
  }
  return "";
}

// Called on the copy's own threads, one call at a time, often: it must be quick, and not throw.
using ProgressSink = std::function<void(const CopyProgress&)>;

}  // namespace tandem
