// What the operator writes down for its own later self: a full disk, a crash or a hand may have
// damaged it.
#include "core/history.h"
#include "ports/slot_file.h"
#include "reconciler/failover/memory.h"
#include "reconciler/notify/journal.h"
#include "reconciler/replication/copy_past.h"
#include "replication/files/memory.h"
#include "replication/harvest/owed.h"
#include "replication/harvest/settled.h"
#include "resources/phones_record.h"
#include "resources/relay_memory.h"
#include "resources/role_record.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fuzz/targets.h"

namespace tandem::fuzz {
namespace {

constexpr const char* kPath = "/var/lib/tandem/record";

// Read from a file, written to it, and read from it again.
template <class Record, class Value>
void keep(fakes::MemoryFilesystem& disk, Value (*write)(Value)) {
  Record record(disk, kPath);
  const auto first = record.read();
  if (!first.ok() || !first.value()) return;
  require(record.write(write(*first.value())).ok());
  const auto again = record.read();
  require(again.ok() && again.value() == first.value());
}

}  // namespace

void state_file(std::string_view text) {
  const auto first = memory_of_text(text);
  if (!first.ok()) return require_message(first.error().message);
  const std::string written = to_text(first.value());
  require(written.size() <= SlotFile::kContentMax);
  const auto again = memory_of_text(written);
  // What is written is cut and cleaned, so the second time it is the same.
  require(again.ok() && to_text(again.value()) == written);
}

void kept_records(std::string_view given) {
  const std::string text(given);
  if (const auto record = takeover_of_text(text); record.ok()) {
    const std::string written = to_text(record.value());
    const auto again = takeover_of_text(written);
    require(again.ok() && to_text(again.value()) == written);
  }
  if (const auto journal = journal_of_text(text, Instant{}); journal.ok()) {
    const std::string written = to_text(journal.value());
    const auto again = journal_of_text(written, Instant{});
    require(again.ok() && to_text(again.value()) == written);
  }
  round_trip(
      text, [](std::string_view one) { return read_copy_pasts(std::string(one)); },
      [](const CopyPasts& pasts) { return to_text(pasts); });
  round_trip(
      text, [](std::string_view one) { return harvest::read_answer(std::string(one)); },
      [](const harvest::OwedAnswer& answer) { return to_text(answer); });
  round_trip(
      text, [](std::string_view one) { return harvest::read_settled(std::string(one)); },
      [](const harvest::Settled& settled) { return to_text(settled); });
  if (const auto folders = files::read_remembered(text); folders.ok())
    static_cast<void>(to_text(folders.value()));

  fakes::MemoryFilesystem disk;
  disk.files[kPath] = text;
  keep<RoleRecord, RoleTaken>(disk, [](RoleTaken taken) { return taken; });
  disk.files[kPath] = text;
  keep<PhonesRecord, PhonesKnow>(disk, [](PhonesKnow know) {
    if (know.failed.size() > PhonesRecord::kFailedMax) know.failed.resize(PhonesRecord::kFailedMax);
    return know;
  });
  disk.files[kPath] = text;
  static_cast<void>(RelayMemory(disk, kPath).entries());
}

}  // namespace tandem::fuzz
