#include "reconciler/failover/memory_keeper.h"

#include <fmt/format.h>

#include <utility>

namespace tandem {

Result<std::optional<FailoverMemory>> MemoryKeeper::load() {
  std::optional<FailoverMemory> memory;
  unreadable_.reset();
  lost_ = true;
  auto text = file_.read();
  if (!text.ok()) {
    unreadable_ = text.error();
    return text.error();
  }
  lost_ = expected_ && !text.value();
  if (lost_) {
    unreadable_ = Error{Fault::not_found,
                        "the file `failover` of the state directory is gone, or holds nothing"};
    return *unreadable_;
  }
  new_ = !text.value();
  if (new_) return memory;
  auto read = memory_of_text(*text.value());
  if (!read.ok()) {
    unreadable_ = read.error();
    newer_ = is_newer_memory(*text.value());
    lost_ = true;
    return read.error();
  }
  // What is seen may not be on the disk: the last write may have failed. The first keep() tells.
  memory = std::move(read).value();
  lost_ = is_of_loss(*memory);
  if (lost_)
    unreadable_ = Error{Fault::invalid, "what was kept could not be read at an earlier start"};
  return memory;
}

void MemoryKeeper::begin() {
  if (std::exchange(new_, false)) static_cast<void>(keep(FailoverMemory{}));
}

void MemoryKeeper::get_over_loss() {
  lost_ = false;
  if (!newer_) unreadable_.reset();
}

Status MemoryKeeper::keep(const FailoverMemory& memory) {
  // What a newer program kept may mean what this one can not even tell.
  if (newer_) return *unreadable_;
  std::string text = to_text(memory);
  if (kept_ == text) return success();
  const Status written = file_.write(text);
  if (!written.ok()) {
    unwritable_ = written.error();
    kept_.reset();  // this text or the one before it: to write either anew is never too much
    return written;
  }
  unwritable_.reset();
  kept_ = std::move(text);
  return success();
}

Condition MemoryKeeper::condition() const {
  Condition condition{"StateDurable", Truth::yes, "Kept",
                      "what takeover must remember is on the disk", true};
  if (!unwritable_ && !unreadable_) return condition;
  condition.status = Truth::no;
  const bool hangs = unwritable_ && unwritable_->fault == Fault::timed_out;
  condition.reason = hangs ? "DiskHangs" : "StateNotDurable";
  if (lost_) {
    condition.message = fmt::format(
        "{}. This node started without its memory of earlier takeovers and orders; its services "
        "were left as they were, and it is suspended until somebody has looked: `tandem resume "
        "--reason REASON`",
        unreadable_->message);
    if (unwritable_)
      condition.message += fmt::format(". A restart forgets it again: {}", unwritable_->message);
    if (newer_) condition.message += ". A restart forgets it again: nothing is written over it";
  } else if (newer_) {
    condition.message = fmt::format(
        "{}. Nothing is written over it: a takeover still happens, but would be forgotten by a "
        "restart of the operator",
        unreadable_->message);
  } else {
    condition.message = fmt::format(
        "{}. A takeover still happens, but would be forgotten by a restart of the operator: mend "
        "the disk of the state directory",
        unwritable_->message);
  }
  return condition;
}

}  // namespace tandem
