#include "tests/end_to_end/crash/declaration.h"

#include <fmt/format.h>

namespace tandem::crash {

std::string file_fact(unsigned mode, const std::string& content) {
  return fmt::format("{:04o} {}", mode, content);
}

std::string Declaration::yaml() const {
  return fmt::format(R"(apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: {{ name: lab }}
spec:
  product: wazo
  enabled: {}
  primary: {{ name: pbx-a, address: 127.0.0.11 }}
  secondary: {{ name: pbx-b, address: 127.0.0.12 }}
  sip: {{ expiry: {{ minimum: 60s, maximum: {}s, default: 120s }} }}
  replication: {{ owner: vendor }}
)",
                     enabled, maximum);
}

Facts Declaration::files() const {
  Facts facts;
  for (const char* path : kFiles) facts[path] = "absent";
  facts[kHaConf] = R"(0644 {"node_type": "disabled", "remote_address": ""})";
  if (!enabled) return facts;
  facts[kHaConf] = R"(0644 {"node_type": "master", "remote_address": "127.0.0.12"})";
  facts[kCronMaster] =
      "0644 0 * * * * root /usr/sbin/xivo-master-slave-db-replication 127.0.0.12 >/dev/null\n"
      "0 * * * * root /usr/bin/wazo-sync >/dev/null\n";
  facts[kIsPrimary] = "0644 ";
  return facts;
}

std::string Declaration::registrar() const {
  return enabled ? "127.0.0.12 127.0.0.12" : "none none";
}

std::string Declaration::expiry() const {
  return enabled ? fmt::format("60/{}/120", maximum) : "60/3600/120";
}

}  // namespace tandem::crash
