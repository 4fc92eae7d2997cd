// Folders of users' files on this node, to which what came from the other node is added.
//
// Two sides: what was brought, in a folder of ours, and what is here, in a folder that other
// programs use. What was brought is only read, and of what is here nothing is ever lost: a name
// that is taken stays taken, and what is replaced is kept under another name first.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace tandem {

struct SpoolEntry {
  enum class Kind { file, folder, other };
  std::string name;
  Kind kind = Kind::file;
  std::uint64_t size = 0;
  std::chrono::system_clock::time_point modified;
};

// Every call is bounded but for the time that the disk takes; all are made by one thread. `folder`
// and `file` are relative ("a/b"; "" is the top) and no link is followed in them: invalid.
class Spool {
 public:
  enum class Side { brought, here };
  static constexpr std::size_t kReadMax = 64U << 10U;
  static constexpr std::size_t kNamesMax = 100'000;
  // What copy_in() makes begins so, and nobody else's does.
  static constexpr std::string_view kHidden = ".tandem-harvest-";

  virtual ~Spool() = default;

  // Sorted by name. not_found; too_large: of more than kNamesMax.
  virtual Result<std::vector<SpoolEntry>> list(Side side, const std::string& folder) = 0;
  // What is there, itself and not what a link names. not_found.
  virtual Result<SpoolEntry> look(Side side, const std::string& file) = 0;
  // Of a regular file. not_found, invalid, too_large.
  virtual Result<std::string> read(Side side, const std::string& file) = 0;
  // Of its content: 64 hexadecimal digits of SHA-256.
  virtual Result<std::string> digest(Side side, const std::string& file) = 0;

  // Makes one folder here, with owner and mode of the one that holds it; "" makes the top, with all
  // that lead to it. Success if it is there.
  virtual Status make_folder(const std::string& folder) = 0;
  // Puts a whole and synced copy of a brought file into the folder here, with the time of the
  // original, owner and group of the folder and what its mode allows, under a hidden name, which is
  // returned. On failure nothing is left of it. cancelled: the work is to end.
  virtual Result<std::string> copy_in(const std::string& file, const std::string& folder) = 0;
  // The hidden copy gets its name. denied: something has that name.
  virtual Status give_name(const std::string& folder, const std::string& hidden,
                           const std::string& name) = 0;
  // The hidden copy takes the place of the file of that name.
  virtual Status put_over(const std::string& folder, const std::string& hidden,
                          const std::string& name) = 0;
  // A second name for a file. Success if there is something of that second name already.
  virtual Status keep_as(const std::string& folder, const std::string& name,
                         const std::string& second) = 0;
  // Removes a hidden copy. invalid: it is none.
  virtual Status drop(const std::string& folder, const std::string& hidden) = 0;
  // Makes the names in a folder last.
  virtual Status sync(const std::string& folder) = 0;

  // Takes the lock of a folder of messages, as its other users do. timed_out: somebody else holds
  // it; the message tells since when.
  virtual Status lock(const std::string& folder) = 0;
  virtual Status unlock(const std::string& folder) = 0;
  // Removes a lock that a killed run of ours left. Nobody else's is touched.
  virtual Status clear_lock(const std::string& folder) = 0;
};

}  // namespace tandem
