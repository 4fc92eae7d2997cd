// A small file of two slots that are written in place, one after the other with the same content: a
// crash in the middle of a write leaves the content before it or the new one, damage to one slot
// costs nothing, and a full disk forbids nothing, for all blocks are there from the start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tandem {

class SlotFile {
 public:
  static constexpr std::size_t kSlotBytes = 32U << 10U;  // its header included
  static constexpr std::size_t kFileBytes = 2 * kSlotBytes;
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr std::size_t kContentMax = kSlotBytes - kHeaderBytes;

  virtual ~SlotFile() = default;

  // What was written last and is whole. nullopt: nothing was ever written. invalid: neither slot
  // can be read, or the file is of a newer format.
  virtual Result<std::optional<std::string>> read() = 0;

  // On success the content is on the disk, past any cache. On failure a later read() gives this
  // content or the one before it, and a later write() still leaves one of them whole at each
  // moment. too_large: more than kContentMax. invalid: empty, or the file is of a newer format,
  // which is never written over.
  virtual Status write(const std::string& content) = 0;
};

// Where the bytes are: a file, or a disk in memory that a test may pull out.
class SlotDevice {
 public:
  virtual ~SlotDevice() = default;

  // All bytes, at most SlotFile::kFileBytes. not_found: there is nothing yet.
  virtual Result<std::string> read() = 0;
  // Makes it with these bytes, all or nothing, and past any cache.
  virtual Status create(const std::string& bytes) = 0;
  // Writes in place and past any cache. On failure any part of the bytes may be there, or may
  // seem so until the power goes.
  virtual Status write(std::size_t offset, const std::string& bytes) = 0;
  // For messages.
  virtual const std::string& name() const = 0;
};

class TwoSlots : public SlotFile {
 public:
  explicit TwoSlots(SlotDevice& device) : device_(device) {}

  Result<std::optional<std::string>> read() override;
  Status write(const std::string& content) override;

 private:
  // The slot that holds what is surely on the disk: the next write goes to the other one, as often
  // as it fails.
  struct Holder {
    std::size_t slot = 0;
    std::uint64_t sequence = 0;
  };
  struct Look {
    enum class Kind { nothing, whole, damaged } kind = Kind::nothing;
    Holder holder;
    std::string content;  // empty: nothing was written yet
  };

  Result<Look> look();
  Status create(const std::string& content);
  Status start_over(const std::string& content);

  SlotDevice& device_;
  std::optional<Holder> holder_;
  std::uint64_t sequence_ = 0;  // the highest that was tried or seen
};

// The bytes of a slot, for TwoSlots and its tests.
namespace slots {

inline constexpr std::uint32_t kFormat = 1;

struct Slot {
  enum class Kind { whole, damaged, newer } kind = Kind::damaged;
  std::uint64_t sequence = 0;
  std::string content;
};

// kHeaderBytes (magic, format, its complement, length, sequence, SHA-256 of all the rest), then the
// content. `format` differs only in tests.
std::string encode(std::uint64_t sequence, std::string_view content,
                   std::uint32_t format = kFormat);
// `bytes` is a slot, or what is left of one.
Slot decode(std::string_view bytes);

}  // namespace slots

}  // namespace tandem
