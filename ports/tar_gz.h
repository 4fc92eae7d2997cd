// An archive in memory: POSIX ustar, compressed by gzip.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

class TarGz {
 public:
  static constexpr std::size_t kNameMax = 99;  // bytes of a name

  TarGz();
  ~TarGz();
  TarGz(const TarGz&) = delete;
  TarGz& operator=(const TarGz&) = delete;

  // A regular file of mode 0600. invalid: a name that is too long, absolute or has "..".
  Status add(std::string_view name, std::string_view content, WallTime modified);
  // The whole archive; nothing can be added any more.
  Result<std::string> finish();

 private:
  struct Deflate;
  std::unique_ptr<Deflate> deflate_;
};

// Makes `path` with `content` and mode 0600; what is of this name already is left as it is, and an
// error.
Status write_private_file(const std::string& path, std::string_view content);

}  // namespace tandem
