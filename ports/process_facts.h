// What the kernel tells of processes by their numbers. It reads /proc alone, and never a disk.
#pragma once

#include <sys/types.h>

#include <string>

namespace tandem {

// When it started, in ticks since the boot: with its number that is a process, whoever gets the
// number later. exec keeps both. "" where there is none, or it has ended.
std::string start_of(pid_t pid);

// Whether a process of this group still runs: one that has ended and is not waited for does not.
bool group_runs(pid_t group);

}  // namespace tandem
