#include "app/pki.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "ports/certificates.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::days;

constexpr mode_t kKeyMode = 0600;
constexpr mode_t kCertificateMode = 0644;
constexpr days kClockSkew{1};  // the other node's clock may be behind

struct Paths {
  std::string certificate, key;
};

Paths paths_of(const PkiOrder& order, const std::string& name) {
  return {order.folder + "/" + name + ".pem", order.folder + "/" + name + ".key"};
}

Result<bool> is_there(Filesystem& disk, const std::string& path) {
  const auto status = disk.status(path);
  if (!status.ok()) return status.error();
  return status.value().has_value();
}

// The key first: a certificate without its key would look finished.
Status write(Filesystem& disk, const Paths& paths, const Credential& made) {
  const auto old = is_there(disk, paths.key);
  if (!old.ok()) return old.error();
  Status done = success();
  // An old key that others may read must not lend its mode to the new one.
  if (old.value()) done = disk.set_mode(paths.key, kKeyMode);
  if (done.ok()) done = disk.replace(paths.key, made.key, kKeyMode);
  if (done.ok()) done = disk.replace(paths.certificate, made.certificate, kCertificateMode);
  return done;
}

std::string until(const std::string& pem) {
  const auto facts = read_certificate(pem);
  return facts.ok() ? to_string(facts.value().not_after) : "";
}

Json told(const std::string& what, const Paths& paths, const std::string& pem, bool made) {
  return {{"what", what},
          {"certificate", paths.certificate},
          {"key", paths.key},
          {"state", made ? "made" : "was there"},
          {"until", until(pem)}};
}

Result<Credential> read_authority(Filesystem& disk, const Paths& paths) {
  auto certificate = disk.read(paths.certificate, kPemBytesMax);
  if (!certificate.ok()) return certificate.error();
  auto key = disk.read(paths.key, kPemBytesMax);
  if (!key.ok()) return key.error();
  return Credential{std::move(certificate).value(), std::move(key).value()};
}

Result<Json> issue(Filesystem& disk, const Credential& authority, const NodeSpec& node,
                   const PkiOrder& order) {
  const Validity validity{order.now - kClockSkew, order.now + days{order.days}};
  const auto made = issue_certificate(authority, node.name, node.address, validity);
  if (!made.ok()) return in_context(paths_of(order, "ca").certificate, made.error());
  const Paths paths = paths_of(order, node.name);
  const Status written = write(disk, paths, made.value());
  if (!written.ok()) return written.error();
  return told(node.name, paths, made.value().certificate, true);
}

// One command: what the other node needs and no more, over ssh, into a folder that is root's alone.
std::string copy_command(const PkiOrder& order, const NodeSpec& peer) {
  return fmt::format(
      "tar -C {0} -cf - ca.pem {1}.pem {1}.key | ssh root@{2} 'umask 077 && mkdir -p {0} && tar -C "
      "{0} -xpf -'",
      order.folder, peer.name, peer.address);
}

std::string listen_lines(const PkiOrder& order, const std::string& node) {
  return fmt::format(
      "  listenTls: {{ address: 0.0.0.0:9878, certificate: {0}/{1}.pem, key: {0}/{1}.key, ca: "
      "{0}/ca.pem }}",
      order.folder, node);
}

Json answer(Json files, const HAPair& pair, const PkiOrder& order) {
  const NodeSpec& peer = pair.primary.name == order.node ? pair.secondary : pair.primary;
  Json json = {{"node", order.node}, {"files", std::move(files)}};
  json["copy"] = copy_command(order, peer);
  json["listenTls"] = {{order.node, listen_lines(order, order.node)},
                       {peer.name, listen_lines(order, peer.name)}};
  return json;
}

// On the other node: the authority's key is where the certificates were made.
Result<Json> without_authority_key(Filesystem& disk, const PkiOrder& order) {
  const Paths own = paths_of(order, order.node), ca = paths_of(order, "ca");
  const auto certificate = disk.read(own.certificate, kPemBytesMax);
  const auto key = is_there(disk, own.key);
  if (!key.ok()) return key.error();
  if (!certificate.ok() || !key.value())
    return Error{Fault::invalid,
                 fmt::format("{} is there, and neither its key nor {} is: bring {} back here, or "
                             "run `tandem pki init` on the node where it is, and the command that "
                             "it prints; if it is lost, remove {} on both nodes first",
                             ca.certificate, certificate.ok() ? own.key : own.certificate, ca.key,
                             order.folder)};
  Json json = {{"node", order.node}};
  json["files"] = Json::array({told(order.node, own, certificate.value(), false)});
  json["listenTls"] = {{order.node, listen_lines(order, order.node)}};
  return json;
}

Result<Credential> make_and_keep_authority(Filesystem& disk, const HAPair& pair,
                                           const PkiOrder& order) {
  const Validity validity{order.now - kClockSkew, order.now + days{kAuthorityDays}};
  auto made = make_authority("Tandem pair " + pair.name, validity);
  if (!made.ok()) return made;
  const Status written = write(disk, paths_of(order, "ca"), made.value());
  if (!written.ok()) return written.error();
  return made;
}

}  // namespace

bool is_plain_path(const std::string& path) {
  return path.starts_with('/') && std::ranges::all_of(path, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '/' || c == '.' || c == '_' || c == '-';
         });
}

Result<Json> pki_init(Filesystem& disk, const HAPair& pair, const PkiOrder& order) {
  const Paths ca = paths_of(order, "ca");
  const auto certificate = is_there(disk, ca.certificate), key = is_there(disk, ca.key);
  if (!certificate.ok()) return certificate.error();
  if (!key.ok()) return key.error();
  if (certificate.value() && !key.value()) return without_authority_key(disk, order);

  // A key whose certificate was never written signed nothing: a run that ended between the two.
  const auto authority =
      certificate.value() ? read_authority(disk, ca) : make_and_keep_authority(disk, pair, order);
  if (!authority.ok()) return authority.error();
  Json files =
      Json::array({told("authority", ca, authority.value().certificate, !certificate.value())});
  for (const NodeSpec* node : {&pair.primary, &pair.secondary}) {
    const Paths paths = paths_of(order, node->name);
    const auto key_there = is_there(disk, paths.key);
    if (!key_there.ok()) return key_there.error();
    const auto there = disk.read(paths.certificate, kPemBytesMax);
    // A certificate without its key is of no use to anybody: the pair of them is made anew.
    if (there.ok() && key_there.value()) {
      files.push_back(told(node->name, paths, there.value(), false));
      continue;
    }
    if (!there.ok() && there.error().fault != Fault::not_found) return there.error();
    auto made = issue(disk, authority.value(), *node, order);
    if (!made.ok()) return made;
    files.push_back(std::move(made).value());
  }
  return answer(std::move(files), pair, order);
}

Result<Json> pki_renew(Filesystem& disk, const HAPair& pair, const PkiOrder& order) {
  const Paths ca = paths_of(order, "ca");
  const auto authority = read_authority(disk, ca);
  if (!authority.ok())
    return Error{authority.error().fault,
                 fmt::format("{}; renew on the node where the authority's key is, the one where "
                             "`tandem pki init` was run, or bring {} back here",
                             authority.error().message, ca.key)};
  const auto facts = read_certificate(authority.value().certificate);
  if (!facts.ok()) return in_context(ca.certificate, facts.error());
  if (facts.value().not_after <= order.now)
    return Error{Fault::invalid,
                 fmt::format("{} has expired at {}: move {} away on both nodes and run `tandem pki "
                             "init`",
                             ca.certificate, to_string(facts.value().not_after), order.folder)};
  Json files = Json::array({told("authority", ca, authority.value().certificate, false)});
  for (const NodeSpec* node : {&pair.primary, &pair.secondary}) {
    auto made = issue(disk, authority.value(), *node, order);
    if (!made.ok()) return made;
    files.push_back(std::move(made).value());
  }
  return answer(std::move(files), pair, order);
}

}  // namespace tandem
