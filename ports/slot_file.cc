#include "ports/slot_file.h"

#include <fmt/format.h>

#include <array>

#include "core/digest.h"

namespace tandem {
namespace slots {
namespace {

// Where each part of the header is. Numbers are little-endian. Magic, format and its complement
// stay where they are in every format: by them alone a newer one is told from damage.
constexpr std::string_view kMagic = "TNDMSLOT";
constexpr std::size_t kFormatAt = 8;
constexpr std::size_t kComplementAt = 12;
constexpr std::size_t kLengthAt = 16;
constexpr std::size_t kSequenceAt = 24;
constexpr std::size_t kDigestAt = 32;
constexpr std::size_t kDigestBytes = 32;
static_assert(kDigestAt + kDigestBytes == SlotFile::kHeaderBytes);

template <class Number>
void put(std::string& bytes, std::size_t at, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes[at + i] = static_cast<char>((number >> (8 * i)) & 0xffU);
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number |= static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(bytes[at + i]))
                                  << (8 * i));
  return number;
}

std::string digest_of(std::string_view header, std::string_view content) {
  std::string covered(header.substr(0, kDigestAt));
  covered += content;
  return sha256_bytes(covered);
}

}  // namespace

std::string encode(std::uint64_t sequence, std::string_view content, std::uint32_t format) {
  std::string bytes(SlotFile::kHeaderBytes, '\0');
  bytes.replace(0, kMagic.size(), kMagic);
  put(bytes, kFormatAt, format);
  put(bytes, kComplementAt, ~format);
  put(bytes, kLengthAt, static_cast<std::uint32_t>(content.size()));
  put(bytes, kSequenceAt, sequence);
  bytes.replace(kDigestAt, kDigestBytes, digest_of(bytes, content));
  bytes += content;
  return bytes;
}

Slot decode(std::string_view bytes) {
  Slot slot;
  if (bytes.size() < SlotFile::kHeaderBytes || !bytes.starts_with(kMagic)) return slot;
  const auto format = number_at<std::uint32_t>(bytes, kFormatAt);
  if (number_at<std::uint32_t>(bytes, kComplementAt) != ~format || format == 0) return slot;
  if (format > kFormat) {
    slot.kind = Slot::Kind::newer;
    return slot;
  }
  const auto length = number_at<std::uint32_t>(bytes, kLengthAt);
  if (length > bytes.size() - SlotFile::kHeaderBytes) return slot;
  const auto content = bytes.substr(SlotFile::kHeaderBytes, length);
  if (bytes.substr(kDigestAt, kDigestBytes) != digest_of(bytes, content)) return slot;
  slot.kind = Slot::Kind::whole;
  slot.sequence = number_at<std::uint64_t>(bytes, kSequenceAt);
  slot.content = content;
  return slot;
}

}  // namespace slots

using slots::Slot;

Result<TwoSlots::Look> TwoSlots::look() {
  const auto bytes = device_.read();
  if (!bytes.ok()) {
    if (bytes.error().fault == Fault::not_found) return Look{};
    return bytes.error();
  }
  const std::string_view all = bytes.value();
  std::array<Slot, 2> found;
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i] = slots::decode(all.substr(std::min(all.size(), i * kSlotBytes), kSlotBytes));
  for (const Slot& slot : found)
    if (slot.kind == Slot::Kind::newer)
      return Error{Fault::invalid,
                   fmt::format("{}: written by a newer tandem, and left as it is; install that "
                               "version again, or move the file away to start without it",
                               device_.name())};
  const bool first = found[0].kind == Slot::Kind::whole;
  const bool second = found[1].kind == Slot::Kind::whole;
  Look result;
  result.kind = first || second ? Look::Kind::whole : Look::Kind::damaged;
  result.holder.slot = second && (!first || found[1].sequence > found[0].sequence) ? 1 : 0;
  Slot& holder = found[result.holder.slot];
  result.holder.sequence = holder.sequence;
  result.content = std::move(holder.content);
  sequence_ = std::max(sequence_, result.holder.sequence);
  return result;
}

Result<std::optional<std::string>> TwoSlots::read() {
  auto seen = look();
  if (!seen.ok()) return seen.error();
  Look& found = seen.value();
  if (found.kind == Look::Kind::damaged)
    return Error{Fault::invalid, device_.name() + ": both copies are damaged"};
  if (found.kind == Look::Kind::whole && !holder_) holder_ = found.holder;
  std::optional<std::string> content;
  if (!found.content.empty()) content = std::move(found.content);
  return content;
}

Status TwoSlots::create(const std::string& content) {
  std::string bytes = slots::encode(2, content);
  bytes.resize(kSlotBytes);
  bytes += bytes;
  bytes.resize(kFileBytes);
  const Status made = device_.create(bytes);
  if (!made.ok()) return made;
  holder_ = Holder{0, 2};
  sequence_ = 2;
  return success();
}

// Neither slot is whole, so there is nothing that a write could harm.
Status TwoSlots::start_over(const std::string& content) {
  const std::uint64_t sequence = ++sequence_;
  const std::string bytes = slots::encode(sequence, content);
  const Status written = device_.write(0, bytes);
  if (!written.ok()) return written;
  holder_ = Holder{0, sequence};
  static_cast<void>(device_.write(kSlotBytes, bytes));
  return success();
}

Status TwoSlots::write(const std::string& content) {
  if (content.empty()) return Error{Fault::invalid, device_.name() + ": nothing to write"};
  if (content.size() > kContentMax)
    return Error{Fault::too_large, fmt::format("{}: {} bytes do not fit in a slot of {}",
                                               device_.name(), content.size(), kContentMax)};
  // Looked at before each write: somebody may have removed the file, or put a newer one there.
  const auto seen = look();
  if (!seen.ok() && (!holder_ || seen.error().fault == Fault::invalid)) return seen.error();
  if (seen.ok()) {
    if (seen.value().kind == Look::Kind::nothing) return create(content);
    if (seen.value().kind == Look::Kind::damaged) return start_over(content);
    // Only the first look tells who holds. A later one may see what was tried, failed, and never
    // came to the disk: the kernel forgets that it could not write.
    if (!holder_) holder_ = seen.value().holder;
  }
  const std::size_t slot = 1 - holder_->slot;
  const std::uint64_t sequence = ++sequence_;
  const std::string bytes = slots::encode(sequence, content);
  const Status written = device_.write(slot * kSlotBytes, bytes);
  if (!written.ok()) return written;
  const std::size_t other = holder_->slot;
  holder_ = Holder{slot, sequence};
  // It is kept. What holds the content before it would be read where this slot is damaged later,
  // and would pass for the last word: it gets the same content, and only damage to both is a loss.
  static_cast<void>(device_.write(other * kSlotBytes, bytes));
  return success();
}

}  // namespace tandem
