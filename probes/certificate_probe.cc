#include "probes/certificate_probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "ports/certificates.h"

namespace tandem {
namespace {

constexpr const char* kRenew =
    "on the node where the authority's key is, run `tandem pki renew`, and the command that it "
    "prints";

struct Texts {
  std::string ca, certificate, key;
};

struct Finding {
  const char* reason;
  std::string message;
};

std::optional<Finding> read_all(Filesystem& disk, const ListenTls& files, Texts& texts) {
  const std::pair<const std::string*, std::string*> all[] = {
      {&files.ca, &texts.ca}, {&files.certificate, &texts.certificate}, {&files.key, &texts.key}};
  std::optional<Finding> finding;
  for (const auto& [path, text] : all) {
    auto read = disk.read(*path, kPemBytesMax);
    if (read.ok())
      *text = std::move(read).value();
    else if (!finding)
      finding = Finding{"Unreadable",
                        fmt::format("{}; `tandem pki init` makes what is missing, and {}",
                                    read.error().message, "prints what the other node needs")};
  }
  return finding;
}

std::optional<Finding> key_of_others(Filesystem& disk, const std::string& path) {
  const auto status = disk.status(path);
  if (!status.ok() || !status.value() || (status.value()->mode & 0077U) == 0) return std::nullopt;
  return Finding{"KeyNotPrivate",
                 fmt::format("{}: others than its owner may use it (mode {:04o}); run: chmod 600 "
                             "{}, and if others may have read it: {}",
                             path, static_cast<unsigned>(status.value()->mode), path, kRenew)};
}

std::optional<Finding> not_one_another(const ListenTls& files, const Texts& texts,
                                       const CertificateFacts& own, const std::string& node) {
  const auto pair = belong_together(texts.certificate, texts.key);
  if (!pair.ok()) return Finding{"Unreadable", files.key + ": " + pair.error().message};
  if (!pair.value())
    return Finding{"KeyDoesNotMatch", fmt::format("{} is not the key of {}; {}", files.key,
                                                  files.certificate, kRenew)};
  const auto ours = is_signed_by(texts.certificate, texts.ca);
  if (!ours.ok()) return Finding{"Unreadable", files.ca + ": " + ours.error().message};
  if (!ours.value())
    return Finding{"OtherAuthority", fmt::format("{} is not signed by the authority in {}; {}",
                                                 files.certificate, files.ca, kRenew)};
  if (std::ranges::find(own.dns_names, node) == own.dns_names.end())
    return Finding{"WrongName",
                   fmt::format("{} does not name this node, {}: the other one will not take it "
                               "for it; {}",
                               files.certificate, node, kRenew)};
  return std::nullopt;
}

std::optional<Finding> out_of_time(const std::string& path, const CertificateFacts& facts,
                                   WallTime now, const char* remedy) {
  if (now < facts.not_before)
    return Finding{"NotYetValid",
                   fmt::format("{} counts only from {} on; see that the clock is right "
                               "(timedatectl), else {}",
                               path, to_string(facts.not_before), remedy)};
  if (now >= facts.not_after)
    return Finding{"Expired",
                   fmt::format("{} has expired at {}: the nodes do not hear each other over the "
                               "peer link; {}",
                               path, to_string(facts.not_after), remedy)};
  return std::nullopt;
}

CertificatesReading bad(CertificatesReading reading, Finding finding) {
  reading.condition.status = Truth::no;
  reading.condition.reason = finding.reason;
  reading.condition.message = std::move(finding.message);
  return reading;
}

}  // namespace

CertificatesReading probe_certificates(Filesystem& disk, const ListenTls& files,
                                       const std::string& node, WallTime now) {
  constexpr const char* kRenewCa =
      "move the folder with it away, and make a new one: tandem pki init, on the same node";
  CertificatesReading reading{{"CertificatesValid", Truth::yes, "Valid", "", true}, {}};
  Texts texts;
  auto unreadable = read_all(disk, files, texts);
  const auto own = read_certificate(texts.certificate);
  const auto authority = read_certificate(texts.ca);
  if (own.ok()) reading.expiry.push_back({"node", own.value().not_after});
  if (authority.ok()) reading.expiry.push_back({"ca", authority.value().not_after});
  if (unreadable) return bad(std::move(reading), std::move(*unreadable));
  if (!own.ok())
    return bad(std::move(reading),
               {"Unreadable", files.certificate + ": " + own.error().message + "; " + kRenew});
  if (!authority.ok())
    return bad(std::move(reading), {"Unreadable", files.ca + ": " + authority.error().message});

  auto finding = key_of_others(disk, files.key);
  if (!finding) finding = not_one_another(files, texts, own.value(), node);
  if (!finding) finding = out_of_time(files.certificate, own.value(), now, kRenew);
  if (!finding) finding = out_of_time(files.ca, authority.value(), now, kRenewCa);
  if (finding) return bad(std::move(reading), std::move(*finding));

  const bool ca_first = authority.value().not_after <= own.value().not_after;
  const WallTime end = ca_first ? authority.value().not_after : own.value().not_after;
  const std::string& first = ca_first ? files.ca : files.certificate;
  reading.condition.message = fmt::format("{} counts until {}", first, to_string(end));
  if (end - now < kExpiryWarning) {
    reading.condition.reason = "ExpiresSoon";
    reading.condition.message =
        fmt::format("{} expires at {}: {}", first, to_string(end), ca_first ? kRenewCa : kRenew);
  }
  return reading;
}

}  // namespace tandem
