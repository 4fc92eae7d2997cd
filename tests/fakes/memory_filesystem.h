// The Filesystem in memory: its state is open, its changes are written down, its faults come on
// request.
#pragma once

#include "ports/task.h"
// keep the order
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ports/filesystem.h"
#include "ports/path.h"
#include "tests/fakes/memory_watch.h"

namespace tandem::fakes {

struct File {
  File() = default;
  File(const char* text) : content(text) {}          // NOLINT: files["/p"] = "text"
  File(std::string text, mode_t permissions = 0644)  // NOLINT
      : content(std::move(text)), mode(permissions) {}

  std::string content;
  mode_t mode = 0644;
  uid_t owner = 0;
  gid_t group = 0;
  std::chrono::system_clock::time_point mtime;

  bool operator==(const File&) const = default;
};

class MemoryFilesystem : public Filesystem {
 public:
  // The folders that lead to a file exist by themselves; `directories` has the others. Keys are
  // clean paths: no doubled or trailing slash.
  std::map<std::string, File> files;
  std::set<std::string> directories;
  std::map<std::string, std::pair<uid_t, gid_t>> directory_owners;  // root's where not named
  std::map<std::string, std::string> links;  // path to target, absolute or relative
  std::set<std::string> fifos;

  // What changed, in order: "replace /p", "mode /p", "owner /p", "remove /p", "mkdir /p". Calls
  // that had nothing to do leave no line.
  std::vector<std::string> journal;

  // After so many changes every changing call fails with unavailable "injected" and changes
  // nothing. With `fails_after_change` the first of them does its change and fails all the same, as
  // when the answer is lost.
  int changes_left = 1'000'000;
  bool fails_after_change = false;

  // By clean path: every call on it fails so; only the calls that change it; only read().
  std::map<std::string, Error> errors;
  std::map<std::string, Error> change_errors;
  std::map<std::string, Error> read_errors;
  std::optional<Error> watch_error;

  // What space() tells of every path that is there.
  DiskSpace room{40ULL << 30U, 100ULL << 30U};

  // The mtime of what is written now.
  std::chrono::system_clock::time_point now{std::chrono::seconds{1'700'000'000}};

  // For a test that edited `files` by hand: wakes the watches that `path` concerns. overflow()
  // wakes all with all their paths, as after an overflow of the kernel's queue.
  void touched(const std::string& path) { watches_.touched(path); }
  void overflow() { watches_.overflow(); }
  std::size_t watches_open() { return watches_.open(); }

  Result<std::string> read(const std::string& path, std::size_t limit = kReadMax) override {
    const auto at = find(path, read_errors);
    if (!at.ok()) return at.error();
    const auto file = files.find(at.value());
    if (file == files.end()) return absent(path, at.value());
    if (file->second.content.size() > limit)
      return Error{Fault::too_large, path + ": larger than " + std::to_string(limit) + " bytes"};
    return file->second.content;
  }

  Result<std::optional<FileStatus>> status(const std::string& path) override {
    const auto at = find(path, {});
    if (!at.ok()) return at.error();
    FileStatus status;
    if (const auto file = files.find(at.value()); file != files.end()) {
      const File& found = file->second;
      status = {FileStatus::Kind::file, found.mode, found.owner, found.group,
                found.content.size(),   found.mtime};
    } else if (is_directory(at.value())) {
      status.kind = FileStatus::Kind::directory;
      status.mode = 0755;
      if (const auto owner = directory_owners.find(at.value()); owner != directory_owners.end())
        std::tie(status.owner, status.group) = owner->second;
    } else if (fifos.contains(at.value())) {
      status.kind = FileStatus::Kind::other;
      status.mode = 0644;
    } else {
      return std::optional<FileStatus>();
    }
    return std::optional<FileStatus>(status);
  }

  Result<DiskSpace> space(const std::string& path) override {
    const auto there = status(path);
    if (!there.ok()) return there.error();
    if (!there.value()) return Error{Fault::not_found, path + ": no such file or directory"};
    return room;
  }

  Status replace(const std::string& path, const std::string& content, mode_t mode) override {
    const auto at = find(path, change_errors);
    if (!at.ok()) return at.error();
    const auto there = files.find(at.value());
    if (there == files.end()) {
      if (is_directory(at.value()) || fifos.contains(at.value())) return absent(path, at.value());
      const auto folder = parent_folder(at.value());
      if (!is_directory(folder)) return absent(path, folder);
    }
    remove_leftovers(at.value());
    return change("replace", path, [&] {
      File& file = files[at.value()];
      if (there == files.end()) file.mode = mode & 07777U;
      file.content = content;
      file.mtime = now;
    });
  }

  Status set_mode(const std::string& path, mode_t mode) override {
    const auto at = find(path, change_errors);
    if (!at.ok()) return at.error();
    const auto file = files.find(at.value());
    if (file == files.end()) return absent(path, at.value());
    return change("mode", path, [&] { file->second.mode = mode & 07777U; });
  }

  Status set_owner(const std::string& path, uid_t owner, gid_t group) override {
    const auto at = find(path, change_errors);
    if (!at.ok()) return at.error();
    const auto file = files.find(at.value());
    const bool folder = is_directory(at.value());
    if (file == files.end() && !folder) return absent(path, at.value());
    return change("owner", path, [&] {
      if (folder)
        directory_owners[at.value()] = {owner, group};
      else
        std::tie(file->second.owner, file->second.group) = std::pair(owner, group);
    });
  }

  Status remove(const std::string& path) override {
    const auto at = find(path, change_errors, LastLink::kept);
    if (!at.ok()) return at.error();
    if (is_directory(at.value())) return absent(path, at.value());
    const auto& name = at.value();
    remove_leftovers(name);
    if (!files.contains(name) && !links.contains(name) && !fifos.contains(name)) return success();
    return change("remove", path, [&] {
      // A folder outlives its last file.
      directories.insert(parent_folder(name));
      files.erase(name);
      links.erase(name);
      fifos.erase(name);
    });
  }

  Result<std::vector<std::string>> list(const std::string& directory,
                                        std::size_t limit = kNamesMax) override {
    const auto at = find(directory, {});
    if (!at.ok()) return at.error();
    if (!is_directory(at.value())) {
      if (files.contains(at.value()) || fifos.contains(at.value()))
        return Error{Fault::invalid, directory + ": not a directory"};
      return absent(directory, at.value());
    }
    const auto below = at.value() == "/" ? at.value() : at.value() + "/";
    std::set<std::string> names;
    const auto collect = [&](const std::string& path) {
      if (path.starts_with(below) && path.size() > below.size())
        names.insert(path.substr(below.size(), path.find('/', below.size()) - below.size()));
    };
    each_path(collect);
    if (names.size() > limit)
      return Error{Fault::too_large, directory + ": more than " + std::to_string(limit) + " names"};
    return std::vector<std::string>(names.begin(), names.end());
  }

  Status make_directories(const std::string& directory) override {
    const auto at = find(directory, change_errors);
    if (!at.ok()) return at.error();
    if (is_directory(at.value())) return success();
    for (auto folder = at.value(); folder != "/"; folder = parent_folder(folder))
      if (files.contains(folder) || fifos.contains(folder))
        return Error{Fault::invalid, directory + ": " + folder + " is not a directory"};
    if (is_link_to_nothing(directory))
      return Error{Fault::invalid, directory + ": a link to nothing is in the way"};
    return change("mkdir", directory, [&] {
      for (auto folder = at.value(); folder != "/"; folder = parent_folder(folder))
        directories.insert(folder);
    });
  }

  Result<std::unique_ptr<Watch>> watch(const std::set<std::string>& paths) override {
    if (watch_error) return *watch_error;

    for (const auto& path : paths) {
      const auto clean = clean_path(path);
      if (!clean.ok()) return clean.error();
    }
    return watches_.make(paths);
  }

 private:
  enum class LastLink { followed, kept };

  // Where `path` leads once its links are followed, or the fault a test asked for.
  Result<std::string> find(const std::string& path, const std::map<std::string, Error>& more_errors,
                           LastLink last = LastLink::followed) const {
    const auto clean = clean_path(path);
    if (!clean.ok()) return clean.error();
    for (const auto* wanted : {&errors, &more_errors})
      if (const auto error = wanted->find(clean.value()); error != wanted->end())
        return error->second;
    auto rest = path_parts(clean.value());
    std::string at = "/";
    for (int hops = 0; !rest.empty();) {
      const auto name = rest.front();
      rest.erase(rest.begin());
      auto next = name == ".." ? parent_folder(at) : (at == "/" ? "" : at) + "/" + name;
      const auto link = links.find(next);
      if (link == links.end() || (last == LastLink::kept && rest.empty())) {
        at = std::move(next);
        continue;
      }
      if (++hops > 40) return Error{Fault::invalid, path + ": too many levels of symbolic links"};
      if (link->second.starts_with('/')) at = "/";
      const auto target = path_parts(link->second);
      rest.insert(rest.begin(), target.begin(), target.end());
    }
    return at;
  }

  // Why there is no file at `at`.
  Error absent(const std::string& path, const std::string& at) const {
    if (is_directory(at)) return Error{Fault::invalid, path + ": is a directory"};
    if (fifos.contains(at)) return Error{Fault::invalid, path + ": is not a regular file"};
    for (auto above = at; above != "/"; above = parent_folder(above))
      if (files.contains(above) || fifos.contains(above))
        return Error{Fault::invalid, path + ": " + above + " is not a directory"};
    return Error{Fault::not_found, path + ": no such file or directory"};
  }

  bool is_directory(const std::string& path) const {
    if (path == "/" || directories.contains(path)) return true;
    bool found = false;
    each_path([&](const std::string& other) { found |= other.starts_with(path + "/"); });
    return found;
  }

  // `path` or a folder on the way to it is.
  bool is_link_to_nothing(const std::string& path) const {
    for (auto at = clean_path(path).value(); at != "/"; at = parent_folder(at)) {
      const auto link = find(at, {}, LastLink::kept);
      const auto target = find(at, {});
      if (link.ok() && target.ok() && links.contains(link.value()) && !is_directory(target.value()))
        return true;
    }
    return false;
  }

  // What a killed replace() left beside `path`: ".NAME.tandem-XXXXXX".
  void remove_leftovers(const std::string& path) {
    if (changes_left <= 0) return;
    const auto name = path.substr(path.rfind('/') + 1);
    const auto start = path.substr(0, path.rfind('/') + 1) + "." + name + ".tandem-";
    std::erase_if(files, [&](const auto& file) {
      return file.first.starts_with(start) && file.first.size() == start.size() + 6;
    });
  }

  template <class Visit>
  void each_path(Visit visit) const {
    for (const auto& file : files) visit(file.first);
    for (const auto& link : links) visit(link.first);
    for (const auto& directory : directories) visit(directory);
    for (const auto& fifo : fifos) visit(fifo);
  }

  template <class Act>
  Status change(const std::string& verb, const std::string& path, Act act) {
    const bool cut = changes_left <= 0;
    const bool acts = !cut || (fails_after_change && !was_cut_);
    was_cut_ = cut;
    if (!cut) --changes_left;
    if (acts) {
      act();
      const auto clean = clean_path(path).value();
      journal.push_back(verb + " " + clean);
      touched(clean);
    }
    if (cut) return Error{Fault::unavailable, path + ": injected"};
    return success();
  }

  MemoryWatches watches_;
  bool was_cut_ = false;
};

}  // namespace tandem::fakes
