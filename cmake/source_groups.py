#!/usr/bin/env python3
"""Puts sources together that a compiler can read as one: their headers are then read once, not once each.

  source_groups.py MOST < lines of a target and a source

Prints a line for each source: its target, the number of its group there, and the source. Of a group's sources no two have a name
of their own in common: what one has in its unnamed namespace, or static, would meet the other's. Who reads the
groups must be ready for a name that this does not see: the compiler tells of it."""

import os
import re
import sys
from functools import lru_cache

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.S | re.M)
# Said twice in the same words these are no contradiction.
ALIAS = re.compile(r"(?:using|namespace) (\w+) = .*;|using (?:\w+::)+(\w+);")
TEST = re.compile(r"TEST(?:_F|_P)?\((\w+), (\w+)\)")
TYPE = re.compile(r"(?:struct|class|enum class|enum|union) (?:\[\[\w+\]\] )?(\w+)|using (\w+) =")
OTHER = re.compile(r"(\w+)(?:\(|\{| =(?: |$)|\[|;)")
STATIC = re.compile(r"^static .*$|^using \w+ =.*$|^using [\w:]+;$|^namespace \w+ =.*$", re.M)
USING_ENUM = re.compile(r"^using enum ([\w:]+);", re.M)
USING_NAMESPACE = re.compile(r"^using namespace (?!std)[\w:]+;", re.M)
# What is alone: it defines macros, or is a program's entry.
ALONE = re.compile(r'^#define|^#undef|^int main\(|^extern "C"', re.M)
NO_NAMES = (" ", "/", "}", "#", "using enum", "using namespace", "namespace {", "static_assert")
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.M)
ENUM = re.compile(r"enum (?:class )?(\w+)[^;{]*\{([^}]*)\}")
INCLUDE = re.compile(r'^#include "(.*)"', re.M)


def names_in(lines, origin):
    """Names that these lines define, each with what it stands for."""
    names = {}
    for line in lines:
        # Definitions begin at the start of a line, as clang-format puts them.
        line = re.sub(r"^template <.*?> (?=\w)", "", line)
        if not line or line.startswith(NO_NAMES):
            continue
        if alias := ALIAS.match(line):
            names[alias.group(1) or alias.group(2)] = line
        elif test := TEST.match(line):
            names["_".join(test.groups())] = origin
        elif found := TYPE.match(line) or OTHER.search(line):
            names[next(name for name in found.groups() if name)] = origin
    return names


@lru_cache(maxsize=None)
def names_of_header(path):
    """Names that a header of ours defines, and those that it includes."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    spaces = {part: path for name in NAMESPACE.findall(text) for part in name.split("::")}
    return names_in(text.split("\n"), path) | spaces | names_of_headers_in(text)


@lru_cache(maxsize=1)
def enumerators():
    """Those of each enumeration of ours, by its name."""
    found = {}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [one for one in folders if one not in ("build", ".git", "node_modules")]
        for name in files:
            if name.endswith((".h", ".cc")):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    for enum, body in ENUM.findall(file.read()):
                        body = re.sub(r"//[^\n]*|=[^,]*", "", body)
                        found.setdefault(enum, set()).update(re.findall(r"\w+", body))
    return found


def names_of_headers_in(text):
    names = {}
    for header in INCLUDE.findall(text):
        path = os.path.join(ROOT, header)
        if os.path.exists(path):
            names |= names_of_header(path)
    return names


class Source:
    """A source and what it must not share with another of its group: names, each with what it stands for."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.alone = bool(ALONE.search(text))
        self.names = names_in(STATIC.findall(text), path)
        for block in UNNAMED.finditer(text):
            self.names |= names_in(block.group(1).split("\n"), path)
        self.seen = names_of_headers_in(text)
        # What they make visible is the same for all of a group.
        self.spaces = USING_NAMESPACE.findall(text)
        for line in USING_ENUM.findall(text):
            enum = line.split("::")[-1]
            self.names |= {name: "enum " + line for name in enumerators().get(enum, ())}


class Group:
    """Sources that are read as one."""

    def __init__(self):
        self.sources, self.names, self.seen, self.spaces, self.alone = [], {}, {}, [], False

    def takes(self, source, most):
        if self.alone or len(self.sources) >= most or (self.sources and source.spaces != self.spaces):
            return False
        if self.seen.keys() & source.names.keys() or source.seen.keys() & self.names.keys():
            return False
        aliases = {name: meaning for name, meaning in source.seen.items() if meaning.startswith("using ")}
        return all(self.seen.get(name, meaning) == meaning for name, meaning in aliases.items()) and all(
            self.names.get(name, meaning) == meaning for name, meaning in source.names.items())

    def add(self, source):
        self.sources.append(source)
        self.names.update(source.names)
        self.seen |= source.seen
        self.spaces, self.alone = source.spaces, source.alone


def groups_of(sources, most):
    """The groups of these sources, of at most `most` each: those with the most names of their own first."""
    groups = []
    for source in sorted(sources, key=lambda one: (-len(one.names), one.path)):
        group = None if source.alone else next((one for one in groups if one.takes(source, most)), None)
        if group is None:
            group = Group()
            groups.append(group)
        group.add(source)
    return groups


if __name__ == "__main__":
    targets = {}
    for line in sys.stdin:
        target, path = line.split()
        targets.setdefault(target, []).append(Source(path))
    for target, found in targets.items():
        for number, made in enumerate(groups_of(found, int(sys.argv[1]))):
            for one in made.sources:
                print(target, number, one.path)
