// A small file of two slots that are written in place by turns: a crash in the middle of a write
// leaves the content before it, and a full disk forbids nothing, for all blocks are there from the
// start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tandem {

class SlotFile {
 public:
  // Of a slot, its header included. Two pages at least, and far more than what must last.
  static constexpr std::size_t kSlotBytes = 32U << 10U;
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr std::size_t kContentMax = kSlotBytes - kHeaderBytes;

  virtual ~SlotFile() = default;

  // What was written last and is whole. nullopt: nothing was ever written. invalid: something was,
  // and neither slot can be read; or a slot is of a newer format, which is never written over.
  virtual Result<std::optional<std::string>> read() = 0;

  // On success the content is on the disk, past any cache. On failure the content before it still
  // is, or this one. too_large: more than kContentMax. invalid: the file is of a newer format.
  virtual Status write(const std::string& content) = 0;
};

// The bytes of a slot, apart from how they come to the disk; the file and its memory twin share it.
namespace slots {

inline constexpr std::uint32_t kFormat = 1;

struct Slot {
  enum class Kind { empty, whole, damaged, newer } kind = Kind::empty;
  std::uint64_t sequence = 0;
  std::uint32_t format = 0;
  std::string content;
};

// kHeaderBytes and the content: magic, format, length, sequence, SHA-256 of all of it.
std::string encode(std::uint64_t sequence, std::string_view content);
// `bytes` is a slot, or what is left of one.
Slot decode(std::string_view bytes);

// Which slot holds, and where the next write goes: never over the one that holds.
struct Choice {
  std::optional<std::string> content;
  std::uint64_t sequence = 0;  // of it; 0: none
  std::size_t next = 0;        // 0 or 1
};
// invalid: as SlotFile::read() tells. `name` is for the message.
Result<Choice> choose(const Slot& first, const Slot& second, const std::string& name);

}  // namespace slots

// The file at `path`, made with mode 0600 and all its blocks where there is none; its folder must
// exist. Refuses what is no regular file, and links. The file is opened anew for each call: a disk
// that was away at the start may come back.
std::unique_ptr<SlotFile> make_slot_file(std::string path);

}  // namespace tandem
