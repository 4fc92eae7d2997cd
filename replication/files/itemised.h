// What rsync says of a copy, line by line, as it comes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::files {

// What was done, or in a dry run would be.
struct CopyCounts {
  std::uint64_t files_sent = 0;  // content that is new or another, links too
  std::uint64_t files_new = 0;   // of these and of all that is no folder: not there before
  std::uint64_t folders_new = 0;
  std::uint64_t attributes = 0;     // only owner, mode or time is another
  std::uint64_t files_deleted = 0;  // there, since they are not here
  std::uint64_t folders_deleted = 0;
  std::uint64_t bytes = 0;  // the sizes of the files sent

  std::uint64_t items() const {
    return files_sent + folders_new + attributes + files_deleted + folders_deleted;
  }
  std::uint64_t deletions() const { return files_deleted + folders_deleted; }
  CopyCounts& operator+=(const CopyCounts& more);
  bool operator==(const CopyCounts&) const = default;
};

// What rsync sums up at its end.
struct CopySum {
  std::uint64_t files_here = 0;  // without folders
  std::uint64_t wire_sent = 0;   // bytes, by rsync's count
  std::uint64_t wire_received = 0;

  bool operator==(const CopySum&) const = default;
};

// The options that make rsync speak so.
std::vector<std::string> itemised_options();

class Itemised {
 public:
  // What is longer is cut: a name of PATH_MAX bytes, each written as `\#ooo`.
  static constexpr std::size_t kLineMax = 24U << 10U;
  // How many of the names that are deleted are kept for people.
  static constexpr std::size_t kNamesMax = 20;

  // A piece may end within a line.
  void hear(std::string_view piece);

  const CopyCounts& counts() const { return counts_; }
  const CopySum& sum() const { return sum_; }
  bool has_sum() const { return has_sum_; }
  const std::vector<std::string>& deleted_names() const { return deleted_names_; }

 private:
  void line(std::string_view text);
  void item(std::string_view code, std::uint64_t size, std::string_view name);

  CopyCounts counts_;
  CopySum sum_;
  bool has_sum_ = false;
  std::vector<std::string> deleted_names_;
  std::string partial_;
};

}  // namespace tandem::files
