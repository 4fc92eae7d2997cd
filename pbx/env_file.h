// KEY=VALUE files that containers read their environment from: single values are read and changed,
// and no other byte is touched.
//
// A line is `KEY=VALUE`, with white space and `export` before the key allowed; everything else
// (comments, empty lines, a key without `=`) only keeps its place. Of a repeated key the last one
// counts. A value may stand in quotes, and without them ends before ` #`. Values over several lines
// are not known here: each line is taken by itself, as docker does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace tandem {

class EnvFile {
 public:
  explicit EnvFile(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }

  std::optional<std::string> value(std::string_view key) const;

  // Changes the value where it stands, in its quotes; an absent key gets a line at the end.
  // invalid: the key or value has what the two readings of such files (docker's, compose's)
  // disagree on.
  Status set(std::string_view key, std::string_view value);

  // Removes all lines of the key.
  void remove(std::string_view key);

 private:
  std::string text_;
};

}  // namespace tandem
