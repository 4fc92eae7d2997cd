#include "ports/tar_gz.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "ports/descriptor.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kChunk = std::size_t{64} << 10U;
constexpr std::size_t kSizeMax = std::size_t{1} << 32U;  // eleven octal digits hold twice as much

// Where each field of a header stands (POSIX.1, pax, "ustar Interchange Format").
struct Place {
  std::size_t at, size;
};
constexpr Place kName{0, 100}, kMode{100, 8}, kUser{108, 8}, kGroup{116, 8}, kSize{124, 12},
    kTime{136, 12}, kSum{148, 8}, kType{156, 1}, kMagic{257, 8}, kUserName{265, 32},
    kGroupName{297, 32};

using Header = std::array<char, kBlock>;

void put(Header& header, Place place, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), place.size),
              header.begin() + static_cast<std::ptrdiff_t>(place.at));
}
// Octal digits, ended by a NUL.
void put_number(Header& header, Place place, std::uint64_t number) {
  put(header, place, fmt::format("{:0{}o}", number, place.size - 1));
}

Header header_of(std::string_view name, std::size_t size, WallTime modified) {
  Header header{};
  put(header, kName, name);
  put_number(header, kMode, 0600);
  put_number(header, kUser, 0);
  put_number(header, kGroup, 0);
  put_number(header, kSize, size);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(modified.time_since_epoch()).count();
  put_number(header, kTime, static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)));
  put(header, kSum, "        ");
  put(header, kType, "0");
  put(header, kMagic, std::string_view("ustar\00000", 8));
  put(header, kUserName, "root");
  put(header, kGroupName, "root");
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(header, kSum, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return header;
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= TarGz::kNameMax && name[0] != '/' &&
         name.find("..") == std::string_view::npos;
}

}  // namespace

struct TarGz::Deflate {
  Deflate() {
    constexpr int kGzip = 15 + 16;  // the largest window, with gzip's header
    ok = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) ==
         Z_OK;
  }
  ~Deflate() { deflateEnd(&stream); }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  void add(std::string_view bytes, int flush = Z_NO_FLUSH) {
    std::array<char, kChunk> room{};
    // zlib reads these and no more; its next_in knows no const here.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int code = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      stream.avail_out = static_cast<uInt>(room.size());
      code = deflate(&stream, flush);
      made.append(room.data(), room.size() - stream.avail_out);
    } while (code == Z_OK && stream.avail_out == 0);
    ok = ok && code != Z_STREAM_ERROR;
  }

  z_stream stream{};
  std::string made;
  bool ok = false;
};

TarGz::TarGz() : deflate_(std::make_unique<Deflate>()) {}
TarGz::~TarGz() = default;

Status TarGz::add(std::string_view name, std::string_view content, WallTime modified) {
  if (!is_plain(name) || content.size() >= kSizeMax)
    return Error{Fault::invalid, fmt::format("'{}' can not be in an archive", name)};
  const Header header = header_of(name, content.size(), modified);
  deflate_->add({header.data(), header.size()});
  deflate_->add(content);
  const std::string padding((kBlock - content.size() % kBlock) % kBlock, '\0');
  deflate_->add(padding);
  return success();
}

Result<std::string> TarGz::finish() {
  deflate_->add(std::string(2 * kBlock, '\0'), Z_FINISH);
  if (!deflate_->ok) return Error{Fault::unavailable, "zlib could not compress the archive"};
  return std::move(deflate_->made);
}

Status write_private_file(const std::string& path, std::string_view content) {
  constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor file(::open(path.c_str(), kNew, 0600));
  if (!file.ok()) return system_error(path, "make it", errno);
  while (!content.empty()) {
    const auto count = ::write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const int error = errno;
      ::unlink(path.c_str());
      return system_error(path, "write it", error);
    }
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(file.get()) != 0) return system_error(path, "write it", errno);
  return success();
}

}  // namespace tandem
