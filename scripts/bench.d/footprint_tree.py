#!/usr/bin/env python3
"""What a process and those it started hold and have used: a line of numbers.

    scripts/bench.d/footprint_tree.py PID

Resident, proportional and private memory in KiB; ticks of CPU of the process itself, and of those below it, also of those that
have ended; voluntary context switches of all that live; how many live. PostgreSQL's own processes are left out.
"""
import os
import sys


def stat_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        head, tail = file.read().rsplit(")", 1)
    words = tail.split()
    return head.split("(", 1)[1], int(words[1]), [int(word) for word in words[11:15]]


def all_stats():
    stats = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stats[int(name)] = stat_of(name)
        except OSError:
            continue
    return stats


def tree_of(root, stats):
    tree = [root]
    for pid in tree:
        tree += [child for child, (name, parent, _) in stats.items() if parent == pid and name != "postgres"]
    return tree


def sum_of(path, keys):
    total = dict.fromkeys(keys, 0)
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key in total:
                    total[key] += int(value.split()[0])
    except OSError:
        pass
    return total


def main(root):
    stats = all_stats()
    tree = tree_of(root, stats)
    memory = [0, 0, 0]
    switches = 0
    for pid in tree:
        held = sum_of(f"/proc/{pid}/smaps_rollup", ("Rss", "Pss", "Private_Clean", "Private_Dirty"))
        memory[0] += held["Rss"]
        memory[1] += held["Pss"]
        memory[2] += held["Private_Clean"] + held["Private_Dirty"]
        for thread in os.listdir(f"/proc/{pid}/task"):
            switches += sum_of(f"/proc/{pid}/task/{thread}/status", ("voluntary_ctxt_switches",))["voluntary_ctxt_switches"]
    own = sum(stats[root][2][:2])
    below = sum(sum(stats[pid][2]) for pid in tree) - own
    print(*memory, own, below, switches, len(tree))


main(int(sys.argv[1]))
