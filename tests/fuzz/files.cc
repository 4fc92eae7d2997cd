// Files of the vendor's and of sshd's that are read, and those that are edited in place.
#include <algorithm>

#include "pbx/authorized_keys.h"
#include "pbx/bnfos.h"
#include "pbx/env_file.h"
#include "pbx/ha_files.h"
#include "pbx/profile.h"
#include "tests/fuzz/targets.h"

namespace tandem::fuzz {
namespace {

void require_ascii(std::string_view shown, std::size_t most) {
  require(shown.size() <= most);
  for (const char c : shown) require(c >= ' ' && c <= '~');
}

}  // namespace

void ha_conf(std::string_view text) {
  const HaConfReading reading = read_ha_conf(text);
  require(!reading.node_type.empty() && !reading.remote_address.empty());
  require_ascii(reading.node_type, 2 * kExcerptMax);
  require_ascii(reading.remote_address, 2 * kExcerptMax);
  require_ascii(cron_meaning(profile_of(Product::wazo), text), 2 * kExcerptMax);
  // Our own text is never taken for another.
  const std::string ours = ha_conf_content(Role::primary, "192.0.2.1");
  require((text == ours) ==
          (reading.node_type == "master" && reading.remote_address == "192.0.2.1" && text == ours));
}

void bnfos(std::string_view text) {
  static_cast<void>(lines_in(text));
  const auto devices = parse_bnfos_conf(text);
  if (!devices.ok()) return require_message(devices.error().message);
  require(devices.value().size() <= kIsdnDevicesMax);
  for (const auto& device : devices.value()) {
    require(device.name.starts_with("fos") && device.name.size() <= 6);
    require(device.host.find('\0') == std::string::npos);
    require(device.host.find('\n') == std::string::npos);
  }
}

void env_file(std::string_view text) {
  constexpr const char* kKey = "MDS_HOST";
  EnvFile file{std::string(text)};
  require(file.text() == text);
  static_cast<void>(file.value(kKey));
  require(!file.set(kKey, "a b").ok() && file.text() == text);
  require(file.set(kKey, "192.0.2.1").ok());
  require(file.value(kKey) == "192.0.2.1");
  const std::string once = file.text();
  require(file.set(kKey, "192.0.2.1").ok() && file.text() == once);
  file.remove(kKey);
  require(!file.value(kKey));
}

void authorized_keys(std::string_view text) {
  if (const auto key = public_key_of(text); key.ok())
    require(public_key_of(key.value()).value() == key.value());
  constexpr std::string_view kOurKey =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  GateLine parts;
  parts.public_key = kOurKey;
  parts.from = {"192.0.2.1"};
  parts.command = "/usr/bin/tandem sync-gate";
  parts.comment = "tandem";
  const auto line = gate_line(parts);
  require(line.ok());
  const std::string with = with_gate_line(text, line.value());
  require(with_gate_line(with, line.value()) == with);
  // A line that lets our key in without the gate gives way to ours, for good.
  if (text.find(kOurKey) != std::string_view::npos) return;
  require(without_gate_lines(with_gate_line(without_gate_lines(text), line.value())) ==
          without_gate_lines(text));
}

}  // namespace tandem::fuzz
