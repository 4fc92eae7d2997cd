#include "pbx/postgres_password.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "ports/path.h"

namespace tandem {
namespace {

constexpr std::size_t kPasswordBytes = 32;
constexpr std::size_t kPasswordMin = 16;
constexpr std::size_t kPasswordMax = 128;
constexpr std::size_t kFileMax = 64U << 10U;
constexpr mode_t kFileMode = 0600;
constexpr std::string_view kMechanism = "SCRAM-SHA-256$";
constexpr int kIterations = 4096;  // the server's own
constexpr int kIterationsMax = 10'000'000;
constexpr std::size_t kSaltBytes = 16;

using Hash = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
using Bytes = std::vector<unsigned char>;

Result<Bytes> random_bytes(std::size_t count) {
  Bytes bytes(count);
  if (getrandom(bytes.data(), count, 0) != static_cast<ssize_t>(count))
    return Error{Fault::unavailable, "the kernel gave no random bytes for a password"};
  return bytes;
}

std::string base64(const unsigned char* data, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > kFileMax) return std::nullopt;
  Bytes bytes(text.size() / 4 * 3);
  const int length =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  const auto padding = std::count(text.end() - 2, text.end(), '=');
  bytes.resize(static_cast<std::size_t>(length - padding));
  return bytes;
}

Hash hmac(const Hash& key, std::string_view text) {
  Hash result{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data(), &size);
  return result;
}

// RFC 5803, as PostgreSQL writes it.
std::string verifier_of(std::string_view password, const Bytes& salt, int iterations) {
  Hash salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                    static_cast<int>(salt.size()), iterations, EVP_sha256(),
                    static_cast<int>(salted.size()), salted.data());
  const Hash client = hmac(salted, "Client Key"), server = hmac(salted, "Server Key");
  Hash stored{};
  SHA256(client.data(), client.size(), stored.data());
  return fmt::format("{}{}:{}${}:{}", kMechanism, iterations, base64(salt.data(), salt.size()),
                     base64(stored.data(), stored.size()), base64(server.data(), server.size()));
}

// The password of a line in pgpass's form, where the line is of the role. Ours has no escapes.
std::optional<std::string> password_of(std::string_view line) {
  for (int field = 0; field < 3; ++field) {
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) return std::nullopt;
    line.remove_prefix(colon + 1);
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || line.substr(0, colon) != kPostgresRole)
    return std::nullopt;
  line.remove_prefix(colon + 1);
  while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  return std::string(line);
}

}  // namespace

Result<std::string> new_postgres_password() {
  const auto bytes = random_bytes(kPasswordBytes);
  if (!bytes.ok()) return bytes.error();
  std::string text;
  for (const unsigned char byte : bytes.value()) text += fmt::format("{:02x}", byte);
  return text;
}

bool is_postgres_password(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return text.size() >= kPasswordMin && text.size() <= kPasswordMax &&
         std::all_of(text.begin(), text.end(), is_plain);
}

Result<std::string> read_postgres_password(Filesystem& disk, const std::string& path) {
  const auto status = disk.status(path);
  if (!status.ok()) return status.error();
  if (status.value() && (status.value()->mode & 0077U) != 0)
    return Error{
        Fault::denied,
        fmt::format("{}: others than its owner may use it (mode {:04o}); run: chmod 600 {}", path,
                    static_cast<unsigned>(status.value()->mode), path)};
  const auto text = disk.read(path, kFileMax);
  if (!text.ok()) return text.error();
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto password = password_of(rest.substr(0, end));
    if (password && is_postgres_password(*password)) return *password;
    if (password) break;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Error{Fault::invalid,
               fmt::format("{}: no line '*:*:*:{}:PASSWORD' with 16 to 128 letters and digits; "
                           "remove the file on both nodes, then run on the primary: tandem init",
                           path, kPostgresRole)};
}

Status write_postgres_password(Filesystem& disk, const std::string& path,
                               std::string_view password) {
  if (!is_postgres_password(password))
    return Error{Fault::invalid, "the database password must have 16 to 128 letters and digits"};
  const Status folder = disk.make_directories(parent_folder(path));
  if (!folder.ok()) return folder;
  const Status written =
      disk.replace(path, fmt::format("*:*:*:{}:{}\n", kPostgresRole, password), kFileMode);
  if (!written.ok()) return written;
  return disk.set_mode(path, kFileMode);  // of a file that was there before
}

std::string stream_password(std::string_view password) {
  constexpr std::string_view kPurpose = "tandem: the stream of the database";
  Hash made{};
  unsigned size = 0;
  HMAC(EVP_sha256(), password.data(), static_cast<int>(password.size()),
       reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), made.data(),
       &size);
  std::string text;
  for (const unsigned char byte : made) text += fmt::format("{:02x}", byte);
  return text;
}

Result<std::string> new_scram_verifier(std::string_view password) {
  const auto salt = random_bytes(kSaltBytes);
  if (!salt.ok()) return salt.error();
  return verifier_of(password, salt.value(), kIterations);
}

bool verifies(std::string_view verifier, std::string_view password) {
  if (!verifier.starts_with(kMechanism)) return false;
  const std::string_view rest = verifier.substr(kMechanism.size());
  const auto colon = rest.find(':'), dollar = rest.find('$');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || dollar < colon)
    return false;
  int iterations = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + colon, iterations);
  if (error != std::errc{} || end != rest.data() + colon) return false;
  if (iterations < 1 || iterations > kIterationsMax) return false;
  const auto salt = from_base64(rest.substr(colon + 1, dollar - colon - 1));
  if (!salt) return false;
  const std::string own = verifier_of(password, *salt, iterations);
  return own.size() == verifier.size() &&
         CRYPTO_memcmp(own.data(), verifier.data(), own.size()) == 0;
}

std::string peer_dsn(std::string dsn, const std::string& peer_address) {
  constexpr std::string_view kPeerPlace = "PEER-ADDRESS";
  if (const auto at = dsn.find(kPeerPlace); at != std::string::npos)
    dsn.replace(at, kPeerPlace.size(), peer_address);
  return dsn;
}

}  // namespace tandem
