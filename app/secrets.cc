#include "app/secrets.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/spec.h"
#include "ports/path.h"

namespace tandem {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kSecretFileMax = 64U << 10U;

// The text of a file that only its owner may read.
Result<std::string> read_private(Filesystem& disk, const std::string& path) {
  const auto status = disk.status(path);
  if (!status.ok()) return status.error();
  if (status.value() && (status.value()->mode & 0077U) != 0)
    return Error{
        Fault::denied,
        fmt::format("{}: others than its owner may use it (mode {:04o}); run: chmod 600 {}", path,
                    static_cast<unsigned>(status.value()->mode), path)};
  return disk.read(path, kSecretFileMax);
}

std::string without_blanks(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  return text;
}

Result<std::string> random_hex() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return Error{Fault::unavailable, "the kernel gave no random bytes for a token"};
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

Status make_private_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(parent_folder(folder), error);
  if (mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return success();
  return Error{errno == EROFS || errno == EACCES ? Fault::denied : Fault::unavailable,
               fmt::format("{}: cannot be made: {}", folder, std::strerror(errno))};
}

Result<Credentials> read_credentials(Filesystem& disk, const std::string& path) {
  const auto text = read_private(disk, path);
  if (!text.ok()) {
    if (text.error().fault != Fault::not_found) return text.error();
    return Error{Fault::denied, path +
                                    " is missing; write the username and password of the Wazo user "
                                    "of Tandem into it, mode 0600 (wazo.credentialsFile)"};
  }
  auto parsed = parse_credentials(text.value(), path);
  if (parsed) return std::move(*parsed);
  return Error{Fault::denied, to_string(parsed.error().front())};
}

Result<std::string> read_token(Filesystem& disk, const std::string& path) {
  const auto text = read_private(disk, path);
  if (!text.ok()) return text.error();
  std::string token = without_blanks(text.value());
  if (token.size() < 16)
    return Error{Fault::invalid,
                 fmt::format("{}: the token is shorter than 16 characters; remove the "
                             "file, the operator makes a new one at its start",
                             path)};
  return token;
}

Result<std::string> read_or_make_token(Filesystem& disk, const std::string& path) {
  auto token = read_token(disk, path);
  if (token.ok() || token.error().fault != Fault::not_found) return token;
  auto made = random_hex();
  if (!made.ok()) return made;
  const Status folder = disk.make_directories(path.substr(0, path.rfind('/')));
  if (!folder.ok()) return folder.error();
  const Status kept = disk.replace(path, made.value() + "\n", 0600);
  if (!kept.ok()) return kept.error();
  return made;
}

bool carries_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  return authorization.size() == token.size() &&
         CRYPTO_memcmp(authorization.data(), token.data(), token.size()) == 0;
}

}  // namespace tandem
