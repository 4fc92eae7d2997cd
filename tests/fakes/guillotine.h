// A kill at a chosen moment: ports that end the operator before, within or after one of its calls.
//
// What a killed process has done stays: the disk and the services behind the ports keep it. What it
// remembers is gone: a test makes all objects anew, as a start does.
#pragma once

#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/filesystem.h"
#include "ports/http.h"
#include "ports/path.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem::fakes {

// Thrown at the moment of death. It unwinds the coroutines as destroying them would: nothing above
// the ports catches, and no destructor there calls a port.
struct Killed {};

class Guillotine {
 public:
  // The moment, counted from 0, at which it falls. nullopt: never, the moments are only counted.
  std::optional<int> falls_at;

  int moments() const { return moments_; }
  bool fell() const { return fell_; }
  // What the operator was at: "within replace /etc/xivo/ha.conf: written".
  const std::string& where() const { return where_; }

  void moment(const std::string& where) {
    if (fell_) {
      std::cerr << "a port was called after the kill: " << where << '\n';
      std::abort();
    }
    if (moments_++ != falls_at) return;
    fell_ = true;
    where_ = where;
    throw Killed{};
  }

 private:
  int moments_ = 0;
  bool fell_ = false;
  std::string where_;
};

// The files as the contract of ports/filesystem.h lets a kill leave them: each system call of a
// replacement is a moment.
class KilledFilesystem : public Filesystem {
 public:
  KilledFilesystem(MemoryFilesystem& files, Guillotine& guillotine)
      : files_(files), guillotine_(guillotine) {}

  // The name that replace_file may give to its temporary file; the real one has random letters.
  static std::string temporary_of(const std::string& path) {
    const auto name = path.substr(path.rfind('/') + 1);
    return path.substr(0, path.rfind('/') + 1) + "." + name + ".tandem-k1lled";
  }

  // The modes that a loss of power undoes: nothing syncs them.
  std::map<std::string, mode_t> modes_before;

  Result<std::string> read(const std::string& path, std::size_t limit) override {
    guillotine_.moment("before read " + path);
    return files_.read(path, limit);
  }
  Result<std::optional<FileStatus>> status(const std::string& path) override {
    guillotine_.moment("before status " + path);
    return files_.status(path);
  }
  Result<DiskSpace> space(const std::string& path) override {
    guillotine_.moment("before space " + path);
    return files_.space(path);
  }
  Result<std::vector<std::string>> list(const std::string& path, std::size_t limit) override {
    guillotine_.moment("before list " + path);
    return files_.list(path, limit);
  }
  Result<std::unique_ptr<Watch>> watch(const std::set<std::string>& paths) override {
    return files_.watch(paths);
  }

  Status replace(const std::string& path, const std::string& content, mode_t mode) override {
    guillotine_.moment("before replace " + path);
    leave_temporary(path, "", "its temporary file is empty");
    leave_temporary(path, content.substr(0, content.size() / 2), "its temporary file is torn");
    leave_temporary(path, content, "its temporary file is written and synced");
    const Status replaced = files_.replace(path, content, mode);
    modes_before.erase(path);  // the mode is synced with the content
    guillotine_.moment("after the rename of replace " + path);
    return replaced;
  }

  Status set_mode(const std::string& path, mode_t mode) override {
    guillotine_.moment("before set_mode " + path);
    if (files_.files.contains(path)) modes_before.emplace(path, files_.files[path].mode);
    const Status set = files_.set_mode(path, mode);
    guillotine_.moment("after set_mode " + path);
    return set;
  }

  Status set_owner(const std::string& path, uid_t owner, gid_t group) override {
    guillotine_.moment("before set_owner " + path);
    const Status set = files_.set_owner(path, owner, group);
    guillotine_.moment("after set_owner " + path);
    return set;
  }

  Status remove(const std::string& path) override {
    guillotine_.moment("before remove " + path);
    const Status removed = files_.remove(path);
    guillotine_.moment("after remove " + path);
    return removed;
  }

  // One folder at a time, the outermost first.
  Status make_directories(const std::string& directory) override {
    Status made = success();
    std::string at;
    for (const auto& part : path_parts(directory)) {
      at += "/" + part;
      guillotine_.moment("before mkdir " + at);
      made = files_.make_directories(at);
      if (!made.ok()) break;
    }
    guillotine_.moment("after mkdir " + directory);
    return made;
  }

 private:
  // Only a kill leaves it there.
  void leave_temporary(const std::string& path, const std::string& content, const char* state) {
    const auto temporary = temporary_of(path);
    files_.files[temporary] = File(content, 0600);
    guillotine_.moment("within replace " + path + ": " + state);
    files_.files.erase(temporary);
  }

  MemoryFilesystem& files_;
  Guillotine& guillotine_;
};

// A request is killed before it is sent, or when the service has done it and the answer is on its
// way.
class KilledHttp : public Http {
 public:
  KilledHttp(Http& http, Guillotine& guillotine) : http_(http), guillotine_(guillotine) {}

  Task<Result<HttpResponse>> send(HttpRequest request) override {
    const std::string what = request.method + " " + request.url;
    guillotine_.moment("before " + what);
    auto answer = co_await http_.send(std::move(request));
    guillotine_.moment("after " + what + ", without its answer");
    co_return answer;
  }

 private:
  Http& http_;
  Guillotine& guillotine_;
};

// A sanitizer, twenty times slower, looks at one cut in so many: all of them are examined without.
#ifdef TANDEM_SANITIZED
inline constexpr int kCutsPassedOver = 17;
#else
inline constexpr int kCutsPassedOver = 1;
#endif

// So few are all looked at: else chance decides whether any is.
inline constexpr int kFewMoments = 8;

// Runs `act` once whole and then once for each moment, cut there. `act` gets a guillotine, and
// returns after the cut or after the end. The number of cuts made.
inline int for_every_cut(const std::function<void(Guillotine&)>& act) {
  static int moments_before = 0;  // so that other moments are passed over each time
  Guillotine whole;
  act(whole);
  int cuts = 0;
  for (int moment = 0; moment < whole.moments(); ++moment) {
    if (moments_before++ % kCutsPassedOver != 0 && whole.moments() > kFewMoments) continue;
    Guillotine cut;
    cut.falls_at = moment;
    act(cut);
    ++cuts;
  }
  return cuts;
}

// Of a test that would prove nothing if it had found hardly any moment to cut at.
// Where some are passed over, chance decides whether the last one is among those looked at.
inline bool is_enough(int cuts, int expected) {
  const int perhaps = kCutsPassedOver > 1 ? 1 : 0;
  return (cuts + perhaps) * kCutsPassedOver >= expected;
}

}  // namespace tandem::fakes
