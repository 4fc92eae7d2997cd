#include "tests/ports/power_cut.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>

namespace tandem {
namespace {

std::string memory_of(pid_t child, std::uint64_t address, std::size_t size) {
  std::string bytes(size, '\0');
  const iovec here{bytes.data(), bytes.size()};
  const iovec there{reinterpret_cast<void*>(address), size};  // NOLINT: an address over there
  const auto got = process_vm_readv(child, &here, 1, &there, 1, 0);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

// Up to the end of a page at a time: what follows may not be mapped.
std::string text_of(pid_t child, std::uint64_t address) {
  constexpr std::uint64_t kPage = 4096;
  std::string text;
  while (text.size() < kPage) {
    const auto piece = memory_of(child, address, kPage - address % kPage);
    const auto end = piece.find('\0');
    text += piece.substr(0, end);
    if (end != std::string::npos || piece.empty()) break;
    address += piece.size();
  }
  return text;
}

}  // namespace

void PowerCutDisk::put(const std::string& name, const std::string& data, mode_t mode) {
  durable_[name] = inodes_.size();
  inodes_.push_back({data, data, mode, mode});
}

void PowerCutDisk::follow(pid_t child, const Syscall& call) {
  if (call.result < 0) return;
  const auto* arguments = call.arguments;
  switch (call.number) {
    case SYS_openat: return opened(child, call);
    case SYS_close:
      files_.erase(static_cast<int>(arguments[0]));
      folders_.erase(static_cast<int>(arguments[0]));
      return;
    case SYS_write:
      if (Inode* inode = file_of(arguments[0])) written(child, call, *inode);
      return;
    case SYS_fchmod:
      if (Inode* inode = file_of(arguments[0]))
        inode->mode = static_cast<mode_t>(arguments[1]), ++steps_;
      return;
    case SYS_fsync: return synced(static_cast<int>(arguments[0]));
    case SYS_renameat: {
      const auto from = text_of(child, arguments[1]), to = text_of(child, arguments[3]);
      return change_entries([from, to](Entries& entries) {
        if (const auto moved = entries.extract(from)) entries[to] = moved.mapped();
      });
    }
    case SYS_unlinkat: {
      const auto name = text_of(child, arguments[1]);
      return change_entries([name](Entries& entries) { entries.erase(name); });
    }
    default: return;
  }
}

void PowerCutDisk::opened(pid_t child, const Syscall& call) {
  const auto name = text_of(child, call.arguments[1]);
  const auto flags = call.arguments[2];
  if ((flags & O_CREAT) != 0) {
    const auto inode = inodes_.size();
    const auto mode = static_cast<mode_t>(call.arguments[3]);
    inodes_.push_back({"", "", mode, mode});
    files_[static_cast<int>(call.result)] = inode;
    change_entries([name, inode](Entries& entries) { entries[name] = inode; });
  } else if (name == "." && (flags & O_DIRECTORY) != 0) {
    folders_.insert(static_cast<int>(call.result));
  }
}

void PowerCutDisk::written(pid_t child, const Syscall& call, Inode& inode) {
  inode.data += memory_of(child, call.arguments[1], static_cast<std::size_t>(call.result));
  ++steps_;
}

void PowerCutDisk::change_entries(EntryChange change) {
  pending_.push_back(std::move(change));
  ++steps_;
}

void PowerCutDisk::synced(int descriptor) {
  ++steps_, ++syncs_;
  if (const auto file = files_.find(descriptor); file != files_.end()) {
    Inode& inode = inodes_[file->second];
    inode.synced_data = inode.data;
    inode.synced_mode = inode.mode;
  } else if (folders_.contains(descriptor)) {
    for (const auto& change : pending_) change(durable_);
    pending_.clear();
  }
}

PowerCutDisk::Inode* PowerCutDisk::file_of(std::uint64_t descriptor) {
  const auto file = files_.find(static_cast<int>(descriptor));
  return file == files_.end() ? nullptr : &inodes_[file->second];
}

std::set<PowerCutDisk::Found> PowerCutDisk::after_power_cut(const std::string& name) const {
  std::set<Found> all;
  const auto add = [&](const Entries& entries) {
    const auto entry = entries.find(name);
    if (entry == entries.end()) {
      all.insert(std::nullopt);
      return;
    }
    const Inode& inode = inodes_[entry->second];
    std::set<std::string> contents{inode.synced_data, inode.data};
    if (contents.size() > 1) {
      contents.insert(inode.data.substr(0, inode.data.size() / 2));
      contents.insert(std::string(inode.data.size(), '\0'));
    }
    for (const auto& content : contents)
      for (const mode_t mode : {inode.synced_mode, inode.mode}) all.insert({{content, mode}});
  };
  Entries entries = durable_;
  add(entries);
  for (const auto& change : pending_) {
    change(entries);
    add(entries);
  }
  return all;
}

}  // namespace tandem
